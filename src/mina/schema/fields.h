// Whether field elements are below their modulus. bin_prot carries any 32 bytes; a node refuses what is not reduced.
// The generated validators see to that by themselves (binprot::Reader::check_fields). What is here says where such an
// element stands, for a person, and is what the tests compare the validators with.
#pragma once

#include "base/bytes.h"
#include "mina/schema/schema.h"

#include <optional>
#include <string>

namespace mina::schema {

/// The moduli of Fp and Fq, little-endian as on the wire.
extern base::ByteArray<32> const modulus_p;
extern base::ByteArray<32> const modulus_q;

struct FieldFault {
    std::size_t offset = 0;
    std::string path;
};

/// Whether 32 bytes are below the modulus of their kind: field_p or field_q.
bool is_reduced(Kind field, base::ByteView element);

/// The first element that is not; nullopt when there is none before the end, or before the first error.
std::optional<FieldFault> first_unreduced_field(Type const& type, base::ByteView bytes);

}  // namespace mina::schema
