// JsonError: why a JSON text is not a message.
#pragma once

#include <string>
#include <string_view>

namespace mina::json {

struct JsonError {
    std::string path;      // as jq writes it: ".header.protocol_state", ".[3].nonce"; "." for the whole
    std::string expected;  // "an object (@account:210)"
    std::string found;     // "an array of 3"
    bool operator==(JsonError const&) const = default;
};

/// ".header: expected an object (@Mina_block.Header.V2), found null"
std::string to_string(JsonError const& error);

/// A text of someone else's in quotation marks: its start when it is long, without control characters.
std::string quoted(std::string_view text);

/// From an object to its member: ".nonce", or ."a name like this".
std::string member_segment(std::string_view name);

/// The path for a JsonError: a point alone when there are no segments, and only both ends of a very long one.
std::string finished_path(std::string segments);

}  // namespace mina::json
