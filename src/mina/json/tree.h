// Tree: a JSON text or an S-expression, parsed into a row of nodes. A node is followed by its parts, and knows
// where the node behind all of them is. Nothing is recursive: neither the parsers, nor the walk, nor the tree's
// end.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/json/error.h"

#include <vector>

namespace mina::json {

struct Node {
    enum class Kind : std::uint8_t {
        null, boolean,
        number,  // its text, as it was
        string,
        array,   // followed by its elements
        object,  // followed by its members: of each a string, then the value
    };
    Kind kind = Kind::null;
    bool boolean = false;
    std::uint32_t count = 0;  // of elements or members; of a number or string: of bytes
    std::uint32_t end = 0;    // the node behind this one and its parts
    std::uint32_t text = 0;   // of a number or string: where it is in the tree's text
};

using NodeIndex = std::uint32_t;

class Tree {
public:
    static base::Result<Tree, JsonError> of_json(std::string_view json);
    /// Lists are arrays, atoms are strings.
    static base::Result<Tree, JsonError> of_sexp(std::string_view sexp);

    static constexpr NodeIndex root = 0;
    Node const& operator[](NodeIndex index) const { return nodes_[index]; }
    std::string_view text(Node const& node) const { return std::string_view(text_).substr(node.text, node.count); }
    std::string_view text(NodeIndex index) const { return text(nodes_[index]); }

    bool is(NodeIndex index, Node::Kind kind) const { return nodes_[index].kind == kind; }
    /// Of an array or object with parts: its first element, or the name of its first member.
    static NodeIndex first(NodeIndex index) { return index + 1; }
    /// The next element of the same array, if there is one.
    NodeIndex after(NodeIndex element) const { return nodes_[element].end; }
    /// The value of the first member of this name; 0, which is never a member's, when there is none.
    NodeIndex member(NodeIndex object, std::string_view name) const;

    /// In words, for a JsonError's `found`: "a string \"abc\"", "an array of 3".
    std::string describe(NodeIndex index) const;

private:
    std::string text_;
    std::vector<Node> nodes_;
};

/// How deep arrays and objects may be nested. A message of schema::depth_max levels stays below it.
inline constexpr std::size_t json_depth_max = 16'384;
inline constexpr std::size_t json_bytes_max = std::size_t{1} << 30;

}  // namespace mina::json
