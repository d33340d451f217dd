// Format: which wire format a network's messages have. A new one is a schema file and a row here.
#pragma once

#include "mina/schema/schema.h"

#include <optional>
#include <string_view>

namespace mina::messages {

enum class Format : std::uint8_t {
    berkeley,
    mesa,
    mesa_array_inputs,  // mesa, with the public inputs of proofs as arrays
};

inline constexpr Format formats[] = {Format::berkeley, Format::mesa, Format::mesa_array_inputs};

/// "berkeley", "mesa", "mesa-array-inputs".
std::string_view to_string(Format format);
std::optional<Format> format_named(std::string_view name);

/// The format's messages, described as data.
schema::Schema const& schema_of(Format format);

}  // namespace mina::messages
