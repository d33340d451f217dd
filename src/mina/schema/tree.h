// The tree view: a message as lines, for a person who looks at its bytes.
//
//   offset    bytes              value
//   00000005  0568656c6c6f       name: str = "hello"
//
// A line for each value, at its first byte, with the bytes of its own: all of a leaf, of other values their tag or
// count; more than eight are cut. Parts are indented below what they are part of; where some are not shown is a "…".
// The unit at the end of a vector has no line. Messages stream: one line is held at a time.
#pragma once

#include "mina/schema/explain.h"
#include "mina/schema/function_ref.h"

#include <limits>
#include <optional>

namespace mina::schema {

struct TreeOptions {
    static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

    bool decimal_offsets = false;    // else hexadecimal
    std::size_t depth_max = all;     // deeper values are not shown
    std::size_t elements_max = all;  // of each list; then "… 283 more"
    std::size_t text_max = 64;       // bytes of a string that are shown
};

/// A line, without its end. The text lives until the call returns.
using LineSink = FunctionRef<void(std::string_view)>;

/// What is hidden is checked too. When the bytes are not of this type, the lines before the error come, then a line
/// with the explanation, which is returned.
std::optional<Explanation> print_tree(Type const& type, base::ByteView bytes, TreeOptions const& options,
                                      LineSink sink);

}  // namespace mina::schema
