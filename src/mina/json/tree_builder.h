// TreeBuilder: takes what a parser sees, one thing after another, and makes the nodes of a Tree.
#pragma once

#include "mina/json/tree.h"

namespace mina::json {

class TreeBuilder {
public:
    /// A value without parts. `Node::end` is set here.
    void add(Node node);
    /// The name of a member, in front of its value.
    void add_name(Node node);
    /// An array or an object. False, and nothing was done, when it would be too deep.
    [[nodiscard]] bool open(Node::Kind kind);
    /// Requires an open one.
    void close();

    bool is_open() const { return !open_.empty(); }
    bool empty() const { return nodes_.empty(); }
    /// The way to the value that comes next, or was begun: ".header.bodies[3]".
    std::string path(std::string_view text) const;
    std::vector<Node> take() { return std::move(nodes_); }

private:
    NodeIndex size() const { return static_cast<NodeIndex>(nodes_.size()); }
    void count();
    std::string segment(std::string_view text, NodeIndex parent, NodeIndex end) const;
    std::vector<Node> nodes_;
    std::vector<NodeIndex> open_;
};

}  // namespace mina::json
