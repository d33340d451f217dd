// Appending fixed-size integers and counted bytes to a byte string.
#pragma once

#include "base/bytes.h"
#include "base/varint.h"

namespace base {

inline void append_u8(ByteString& out, std::uint8_t value) { out.push_back(value); }
void append_u16_be(ByteString& out, std::uint16_t value);
void append_u32_be(ByteString& out, std::uint32_t value);
void append_u64_be(ByteString& out, std::uint64_t value);
void append_u64_le(ByteString& out, std::uint64_t value);
/// A varint length, then the bytes; read by Reader::counted().
void append_counted(ByteString& out, ByteView bytes);

}  // namespace base
