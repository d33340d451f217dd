#include "mina/json/reader.h"

#include "base/nearest.h"
#include "mina/binprot/error.h"
#include "mina/json/leaf.h"
#include "mina/schema/walker.h"

#include <algorithm>

namespace mina::json {

namespace {

using schema::Kind;
using schema::Member;
using schema::Type;

// Of other people's names only so much is compared: the work is a product of both lengths.
constexpr std::size_t compared_bytes_max = 64;

constexpr std::string_view fee_names[] = {"token", "amount"};
constexpr std::string_view nonce_names[] = {"message", "nonce"};

}  // namespace

base::Result<base::ByteString, JsonError> Reader::run(Type const& type) {
    TRY_VOID(value({.type = &type, .node = Tree::root}));
    while (!open_.empty()) {
        auto& top = open_.back();
        if (top.part == top.count) {
            if (top.type->kind == Kind::vector) out_.push_back(0);
            open_.pop_back();
        } else if (top.layout == Layout::scan_tree) {
            TRY_VOID(level());
        } else {
            TRY_VOID(value(next_part(top)));
        }
    }
    return std::move(out_);
}

Reader::Part Reader::next_part(Open& open) {
    auto const index = open.part;
    auto const spreads = open.layout == Layout::named_array && is_spread(*open.type, *open.constructor);
    auto const node = spreads ? open.node : next_node(open);
    ++open.part;
    if (open.element != nullptr) return {open.element, node};
    auto const& members = open.constructor != nullptr ? open.constructor->arguments : open.type->members;
    return {members[index].type, node, spreads};
}

NodeIndex Reader::next_node(Open& open) {
    switch (open.layout) {
        case Layout::object: {
            if (!open.in_order) return tree_.member(open.node, open.type->members[open.part].name);
            auto const node = open.next + 1;
            open.next = tree_.after(node);
            return node;
        }
        case Layout::fee_excess: {
            auto const first = Tree::first(open.node);
            return tree_.member(open.part < 2 ? first : tree_.after(first), fee_names[open.part % 2]);
        }
        case Layout::message_and_nonce: return tree_.member(open.node, nonce_names[open.part]);
        case Layout::array:
        case Layout::spread:
        case Layout::named_array:
        case Layout::named_parts: {
            auto const node = open.next;
            open.next = tree_.after(node);
            return node;
        }
        case Layout::single:
        case Layout::named_value:
        case Layout::message:
        case Layout::scan_tree:
        case Layout::text:
        case Layout::proof: break;
    }
    return open.node;
}

// Whether one more value of this type may be open: schema::Walker refuses what is deeper.
bool Reader::is_too_deep(Type const& type) const {
    if (open_.size() < binprot::nesting_max) return false;
    if (open_.size() >= schema::depth_max) return true;
    if (!type.name.starts_with('@')) return false;
    auto const same = std::ranges::count_if(open_, [&](Open const& open) { return open.type->name == type.name; });
    return static_cast<std::size_t>(same) >= binprot::nesting_max;
}

bool Reader::is_in_order(NodeIndex object, std::span<Member const> members) const {
    if (tree_[object].count != members.size()) return false;
    auto at = Tree::first(object);
    for (auto const& member : members) {
        if (tree_.text(at) != member.name) return false;
        at = tree_.after(at + 1);
    }
    return true;
}

// That a node is an object of exactly these members, in any order. It ends at the first that is unknown or there twice,
// so its work does not grow with what a hostile text adds.
Reader::Read Reader::check_members(NodeIndex node, std::span<Member const> members, std::string_view of,
                                   std::string_view inside) const {
    if (!is_object(node)) return mismatch("an object (" + std::string(of) + ")", node, inside);
    if (is_in_order(node, members)) return {};
    auto at = Tree::first(node);
    for (std::uint32_t i = 0; i < tree_[node].count; ++i) {
        auto const name = tree_.text(at);
        if (std::ranges::find(members, name, &Member::name) == members.end()) {
            std::vector<std::string_view> names;
            for (auto const& member : members) names.push_back(member.name);
            auto const nearest = base::nearest(name.substr(0, compared_bytes_max), names);
            return fail("a member of " + std::string(of) + " (the nearest is \"" + std::string(nearest) + "\")",
                        quoted(name), inside);
        }
        if (tree_.member(node, name) != at + 1) return fail("the member " + quoted(name) + " once", "it twice", inside);
        at = tree_.after(at + 1);
    }
    for (auto const& member : members) {
        if (tree_.member(node, member.name) == 0)
            return fail("a member of this name", "none", std::string(inside) + member_segment(member.name));
    }
    return {};
}

base::Result<schema::Constructor const*, JsonError> Reader::constructor(Type const& type, NodeIndex name) const {
    auto const of = "a constructor of " + std::string(type.name);
    if (!is_string(name)) return mismatch(of, name);
    auto const text = tree_.text(name);
    for (auto const& one : type.constructors)
        if (is_json_name(text, type, one)) return &one;
    std::vector<std::string> names;
    for (auto const& one : type.constructors) names.push_back(json_name(type, one));
    std::vector<std::string_view> const words(names.begin(), names.end());
    auto const nearest = base::nearest(text.substr(0, compared_bytes_max), words);
    return fail(of + " (the nearest is \"" + std::string(nearest) + "\")", quoted(text));
}

std::string Reader::path() const {
    std::string path;
    for (auto const& open : open_) path += segment(open);
    return path;
}

// From an open value to its part that is being read.
std::string Reader::segment(Open const& open) const {
    auto const index = open.part - 1;
    auto const element = [&](std::size_t at) { return "[" + std::to_string(at) + "]"; };
    switch (open.layout) {
        case Layout::object: return member_segment(open.type->members[index].name);
        case Layout::array: return std::string(open.inside) + element(index);
        case Layout::spread: return element(index + 1);
        // Parts that are spread have their places in this array.
        case Layout::named_array: return is_spread(*open.type, *open.constructor) ? "" : element(index + 1);
        case Layout::named_value: return member_segment(json_name(*open.type, *open.constructor));
        case Layout::named_parts: return member_segment(json_name(*open.type, *open.constructor)) + element(index);
        case Layout::fee_excess: return element(index / 2) + member_segment(fee_names[index % 2]);
        case Layout::message: return ".message";
        case Layout::message_and_nonce: return ".message" + member_segment(nonce_names[index]);
        case Layout::scan_tree: {
            std::string way;
            for (std::size_t i = 0; i < index; ++i) way += ".Node.sub_tree";
            return way;
        }
        case Layout::single:
        case Layout::text:
        case Layout::proof: break;
    }
    return "";
}

std::unexpected<JsonError> Reader::fail(std::string_view expected, std::string_view found,
                                        std::string_view inside) const {
    return base::fail(JsonError{path() + std::string(inside), std::string(expected), std::string(found)});
}

std::unexpected<JsonError> Reader::mismatch(std::string_view expected, NodeIndex node, std::string_view inside) const {
    return fail(expected, tree_.describe(node), inside);
}

}  // namespace mina::json
