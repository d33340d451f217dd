// The integers of bin_prot, both ways. A lead byte says how many bytes follow; a value has one encoding, the shortest.
//
//   signed        00…7f itself · ff one byte, negative · fe two · fd four · fc eight     (little-endian, sign-extended)
//   count (Nat0)  00…7f itself ·                         fe two · fd four · fc eight     (little-endian, unsigned)
//
// Written a second time, beside binprot/reader.h: the walker is what the fast codecs are compared with.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/binprot/error.h"

namespace mina::schema {

template <class T>
struct Encoded {
    T value = 0;
    std::size_t bytes = 0;
};

/// How many bytes an integer with this lead byte has; 0 for a lead byte that no integer has.
std::size_t integer_bytes(std::uint8_t lead);

/// The integer at the front of the bytes. `bits` are its type's: 32, 63 (OCaml's int) or 64.
base::Result<Encoded<std::int64_t>, binprot::Reason> read_integer(base::ByteView bytes, int bits);
base::Result<Encoded<std::uint64_t>, binprot::Reason> read_count(base::ByteView bytes);

void append_integer(base::ByteString& to, std::int64_t value);
void append_count(base::ByteString& to, std::uint64_t value);

}  // namespace mina::schema
