// Unsigned varints (multiformats unsigned-varint; protobuf varint): 7 bits a byte, least significant first.
#pragma once

#include "base/bytes.h"

#include <optional>

namespace base {

struct Varint {
    std::uint64_t value = 0;
    std::size_t size = 0;  // bytes read
};

enum class VarintError : std::uint8_t { incomplete, overlong };

/// Reads one varint of at most 10 bytes. `incomplete`: more bytes are needed; `overlong`: it cannot become valid.
/// Non-minimal forms are accepted, as every peer's protobuf decoder does.
struct VarintResult {
    std::optional<Varint> varint;
    VarintError error = VarintError::incomplete;
};
VarintResult read_varint(ByteView in);

void append_varint(ByteString& out, std::uint64_t value);
std::size_t varint_size(std::uint64_t value);

}  // namespace base
