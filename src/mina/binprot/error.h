// What is wrong with an encoding, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mina::binprot {

/// How many values of one recursive type may stand inside one another (calls of a zkApp command, branches of a ledger).
inline constexpr std::size_t nesting_max = 256;

enum class Reason : std::uint8_t {
    truncated,          // the bytes end inside the value
    trailing_bytes,     // the value ends before the bytes do
    bad_boolean,        // neither 00 nor 01
    bad_unit,           // not 00
    bad_option,         // neither 00 nor 01
    bad_integer,        // an unknown lead byte
    not_canonical,      // an integer in more bytes than it needs
    out_of_range,       // an integer too large for its type
    unknown_variant,    // no constructor has this tag
    count_too_large,    // more elements, or bytes, than could follow
    too_deep,           // more levels than nesting_max
    bad_frame_length,   // the length in front of a message is not that of the message
    field_not_reduced,  // a field element not below its modulus
    memory_limit,       // the arena may hold no more
};

std::string_view to_string(Reason reason);

struct Error {
    std::size_t offset = 0;
    Reason reason = Reason::truncated;
    bool operator==(Error const&) const = default;
};

}  // namespace mina::binprot
