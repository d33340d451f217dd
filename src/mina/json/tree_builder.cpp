#include "mina/json/tree_builder.h"

#include "base/check.h"

namespace mina::json {

void TreeBuilder::add(Node node) {
    count();
    add_name(node);
}

void TreeBuilder::add_name(Node node) {
    node.end = size() + 1;
    nodes_.push_back(node);
}

bool TreeBuilder::open(Node::Kind kind) {
    if (open_.size() >= json_depth_max) return false;
    count();
    open_.push_back(size());
    nodes_.push_back({.kind = kind});
    return true;
}

void TreeBuilder::close() {
    base::check(is_open(), "what is closed was open");
    nodes_[open_.back()].end = size();
    open_.pop_back();
}

void TreeBuilder::count() {
    if (is_open()) ++nodes_[open_.back()].count;
}

std::string TreeBuilder::path(std::string_view text) const {
    std::string path;
    for (std::size_t i = 0; i < open_.size(); ++i)
        path += segment(text, open_[i], i + 1 < open_.size() ? open_[i + 1] : size());
    return path;
}

// From an open node to the part of it that is at `end`, or will be.
std::string TreeBuilder::segment(std::string_view text, NodeIndex parent, NodeIndex end) const {
    auto const is_object = nodes_[parent].kind == Node::Kind::object;
    std::size_t index = 0;
    for (auto at = parent + 1; at < end; ++index) {
        if (is_object && at + 1 == end) return member_segment(text.substr(nodes_[at].text, nodes_[at].count));
        at = nodes_[is_object ? at + 1 : at].end;
    }
    return is_object ? "" : "[" + std::to_string(index) + "]";
}

}  // namespace mina::json
