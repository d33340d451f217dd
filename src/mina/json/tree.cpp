#include "mina/json/tree.h"

namespace mina::json {

NodeIndex Tree::member(NodeIndex object, std::string_view name) const {
    auto at = first(object);
    for (std::uint32_t i = 0; i < nodes_[object].count; ++i) {
        if (text(at) == name) return at + 1;
        at = after(at + 1);
    }
    return 0;
}

std::string Tree::describe(NodeIndex index) const {
    auto const& node = nodes_[index];
    switch (node.kind) {
        case Node::Kind::null: return "null";
        case Node::Kind::boolean: return node.boolean ? "true" : "false";
        case Node::Kind::number: return "the number " + std::string(text(node).substr(0, 40));
        case Node::Kind::string: return "the string " + quoted(text(node));
        case Node::Kind::array: return "an array of " + std::to_string(node.count);
        case Node::Kind::object: return "an object of " + std::to_string(node.count);
    }
    return "";
}

}  // namespace mina::json
