// Reader: how a value of each kind is opened or read.
#include "base/text.h"
#include "mina/json/leaf.h"
#include "mina/json/reader.h"
#include "mina/json/sexp_reader.h"
#include "mina/schema/integers.h"
#include "mina/schema/walker.h"
#include "mina/text/byte_strings.h"

#include <charconv>

namespace mina::json {

namespace {

using schema::Form;
using schema::Kind;
using schema::Member;
using schema::Type;

constexpr Member hex_members[] = {{"hex"}};
constexpr Member fee_members[] = {{"token"}, {"amount"}};
constexpr Member message_members[] = {{"type"}, {"message"}};
constexpr Member nonce_members[] = {{"message"}, {"nonce"}};
constexpr Member level_members[] = {{"depth"}, {"value"}, {"sub_tree"}};
constexpr Type level_depth{.kind = Kind::int63, .name = "int"};

}  // namespace

Reader::Read Reader::value(Part const& part) {
    auto const& type = *part.type;
    auto const node = part.node;
    switch (type.kind) {
        case Kind::unit: return constant_byte(tree_.is(node, Node::Kind::null), "null", node, 0);
        case Kind::boolean:
            return constant_byte(tree_.is(node, Node::Kind::boolean), "true or false", node,
                                 tree_[node].boolean ? 1 : 0);
        case Kind::character:
        case Kind::float64:
        case Kind::field_p:
        case Kind::field_q:
        case Kind::int32:
        case Kind::int64:
        case Kind::int63:
        case Kind::string: return type.form == Form::number ? number(type, node) : string(type, node);
        case Kind::option:
        case Kind::list:
        case Kind::vector:
        case Kind::record:
        case Kind::tuple:
        case Kind::variant:
        case Kind::polymorphic_variant:
        case Kind::scan_tree: return parts(part);
    }
    return {};
}

Reader::Read Reader::parts(Part const& part) {
    auto const& type = *part.type;
    if (is_too_deep(type)) return fail("no deeper nesting", "one more of " + std::string(type.name));
    switch (type.kind) {
        case Kind::option: return option(type, part.node);
        case Kind::list:
        case Kind::vector: return list(type, part.node);
        case Kind::record: return record(type, part.node);
        case Kind::tuple: return tuple(part);
        case Kind::scan_tree:
            open_.push_back({.type = &type, .layout = Layout::scan_tree, .node = part.node, .count = ~std::size_t{0}});
            return {};
        default: return variant(type, part.node);
    }
}

Reader::Read Reader::constant_byte(bool fits, std::string_view expected, NodeIndex node, std::uint8_t byte) {
    if (!fits) return mismatch(expected, node);
    out_.push_back(byte);
    return {};
}

Reader::Read Reader::string(Type const& type, NodeIndex node) {
    if (type.kind == Kind::string && is_object(node) && is_in_order(node, hex_members)) {
        auto const value = Tree::first(node) + 1;
        auto const bytes = is_string(value) ? base::from_hex(tree_.text(value)) : std::nullopt;
        if (!bytes) return mismatch("hexadecimal digits, as a string", value, ".hex");
        append_string(out_, *bytes);
        return {};
    }
    if (!is_string(node)) return mismatch(expected_leaf(type), node);
    auto const read = append_leaf(out_, type, tree_.text(node));
    if (read) return {};
    auto const why = read.error().empty() ? "" : ": " + read.error();
    return fail(expected_leaf(type), tree_.describe(node) + why);
}

Reader::Read Reader::number(Type const& type, NodeIndex node) {
    if (!tree_.is(node, Node::Kind::number)) return mismatch(expected_leaf(type), node);
    auto const text = tree_.text(node);
    std::int64_t value = 0;
    auto const [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    auto const is_integer = error == std::errc{} && at == text.data() + text.size();
    if (!is_integer || !append_integer(out_, type, value)) return mismatch(expected_leaf(type), node);
    return {};
}

Reader::Read Reader::option(Type const& type, NodeIndex node) {
    auto const is_none = tree_.is(node, Node::Kind::null);
    out_.push_back(is_none ? 0 : 1);
    if (is_none) return {};
    open_.push_back({.type = &type, .element = type.element, .layout = Layout::single, .node = node, .count = 1});
    return {};
}

Reader::Read Reader::list(Type const& type, NodeIndex node) {
    auto const is_vector = type.kind == Kind::vector;
    auto const fits = is_array(node) && (!is_vector || tree_[node].count == type.length);
    if (!fits) return mismatch(is_vector ? "an array of " + std::to_string(type.length) : "an array", node);
    auto const count = tree_[node].count;
    if (!is_vector) schema::append_count(out_, count);
    open_.push_back({.type = &type, .element = type.element, .node = node, .next = Tree::first(node), .count = count});
    return {};
}

Reader::Read Reader::record(Type const& type, NodeIndex node) {
    if (type.form == Form::public_key) return text(type, node);
    if (type.form == Form::fee_excess) return fee_excess(type, node);
    return is_proof(type) && is_string(node) ? proof(type, node) : object(type, node);
}

// A string of all the value's bytes on the wire.
Reader::Read Reader::text(Type const& type, NodeIndex node) {
    if (!is_string(node)) return mismatch(expected_leaf(type), node);
    auto const content = text::from_base58check(base58_kind(type).value(), tree_.text(node));
    if (!content) return fail(expected_leaf(type), tree_.describe(node) + ": " + to_string(content.error()));
    if (type.form == Form::public_key && content->back() > 1)
        return fail(expected_leaf(type), tree_.describe(node) + ": its last byte is neither 0 nor 1");
    base::append(out_, *content);
    return {};
}

Reader::Read Reader::proof(Type const& type, NodeIndex node) {
    auto const sexp = text::from_base64url(tree_.text(node));
    if (!sexp) return mismatch("a proof: base64url of its S-expression, or an object", node);
    auto read = append_sexp(out_, type, base::as_text(*sexp));
    if (!read) return fail(read.error().expected, read.error().found, read.error().path);
    return {};
}

Reader::Read Reader::object(Type const& type, NodeIndex node) {
    auto const in_order = is_object(node) && is_in_order(node, type.members);
    if (!in_order) TRY_VOID(check_members(node, type.members, type.name));
    open_.push_back({.type = &type, .layout = Layout::object, .node = node, .next = Tree::first(node),
                     .count = type.members.size(), .in_order = in_order});
    return {};
}

Reader::Read Reader::fee_excess(Type const& type, NodeIndex node) {
    if (!is_array(node) || tree_[node].count != 2)
        return mismatch("an array of 2, each with a token and an amount", node);
    auto const first = Tree::first(node);
    TRY_VOID(check_members(first, fee_members, type.name, "[0]"));
    TRY_VOID(check_members(tree_.after(first), fee_members, type.name, "[1]"));
    open_.push_back({.type = &type, .layout = Layout::fee_excess, .node = node, .count = type.members.size()});
    return {};
}

Reader::Read Reader::tuple(Part const& part) {
    auto const& type = *part.type;
    if (type.form == Form::signature) return text(type, part.node);
    auto const count = type.members.size();
    // What is spread stands behind the name of its variant, where named_array() has counted it.
    auto const first = Tree::first(part.node);
    if (!part.is_spread && (!is_array(part.node) || tree_[part.node].count != count))
        return mismatch("an array of " + std::to_string(count), part.node);
    open_.push_back({.type = &type, .layout = part.is_spread ? Layout::spread : Layout::array, .node = part.node,
                     .next = part.is_spread ? tree_.after(first) : first, .count = count});
    return {};
}

Reader::Read Reader::variant(Type const& type, NodeIndex node) {
    switch (type.form) {
        case Form::array: return named_array(type, node);
        case Form::gossip: return gossip(type, node);
        case Form::bare: {
            auto const& only = type.constructors[0];
            append_tag(out_, type, only);
            open_.push_back({.type = &type, .constructor = &only, .layout = Layout::single, .node = node, .count = 1});
            return {};
        }
        default: return named(type, node);
    }
}

// ["Name", part, …]
Reader::Read Reader::named_array(Type const& type, NodeIndex node) {
    auto const expected = "an array that begins with a constructor of " + std::string(type.name);
    if (!is_array(node) || tree_[node].count == 0) return mismatch(expected, node);
    auto const name = Tree::first(node);
    TRY(auto const* const found, constructor(type, name));
    auto const count = found->arguments.size();
    auto const elements = 1 + (is_spread(type, *found) ? found->arguments[0].type->members.size() : count);
    if (tree_[node].count != elements)
        return mismatch("an array of " + quoted(found->name) + " and " + std::to_string(elements - 1) + " more", node);
    append_tag(out_, type, *found);
    if (count == 0) return {};
    open_.push_back({.type = &type, .constructor = found, .layout = Layout::named_array, .node = node,
                     .next = tree_.after(name), .count = count});
    return {};
}

// "Name", {"Name": part} or {"Name": [part, …]}
Reader::Read Reader::named(Type const& type, NodeIndex node) {
    auto const has_arguments = is_object(node) && tree_[node].count == 1;
    if (!has_arguments && !is_string(node))
        return mismatch("the name of a constructor of " + std::string(type.name) + ", or an object with it", node);
    auto const name = has_arguments ? Tree::first(node) : node;
    TRY(auto const* const found, constructor(type, name));
    auto const count = found->arguments.size();
    if (has_arguments != (count != 0))
        return mismatch(count == 0 ? quoted(tree_.text(name)) : "{" + quoted(tree_.text(name)) + ": …}", node);
    append_tag(out_, type, *found);
    if (count == 0) return {};
    auto const argument = name + 1;
    if (count == 1) {
        open_.push_back(
            {.type = &type, .constructor = found, .layout = Layout::named_value, .node = argument, .count = 1});
        return {};
    }
    if (!is_array(argument) || tree_[argument].count != count)
        return mismatch("an array of " + std::to_string(count), argument, member_segment(tree_.text(name)));
    open_.push_back({.type = &type, .constructor = found, .layout = Layout::named_parts, .node = argument,
                     .next = Tree::first(argument), .count = count});
    return {};
}

// {"type": "name", "message": …}
Reader::Read Reader::gossip(Type const& type, NodeIndex node) {
    TRY_VOID(check_members(node, message_members, type.name));
    TRY(auto const* const found, constructor(type, tree_.member(node, "type")));
    auto const message = tree_.member(node, "message");
    auto const count = found->arguments.size();
    if (count != 1) TRY_VOID(check_members(message, nonce_members, "a message with its nonce", ".message"));
    append_tag(out_, type, *found);
    auto const layout = count == 1 ? Layout::message : Layout::message_and_nonce;
    open_.push_back({.type = &type, .constructor = found, .layout = layout, .node = message, .count = count});
    return {};
}

// The next level of the scan tree that is open. A level stands inside the one above it; on the wire it follows.
Reader::Read Reader::level() {
    auto& tree = open_.back();
    auto const node = tree.node;
    ++tree.part;
    auto const is_level = is_object(node) && tree_[node].count == 1;
    auto const name = is_level ? tree_.text(Tree::first(node)) : std::string_view();
    if (name != "Node" && name != "Leaf") return mismatch("{\"Node\": …} or {\"Leaf\": …}", node);
    auto const content = Tree::first(node) + 1;
    if (name == "Leaf") {
        tree.count = tree.part;
        out_.push_back(0);
        return level_of(*tree.type->members[1].type, content, ".Leaf");
    }
    TRY_VOID(check_members(content, level_members, "a scan tree's node", ".Node"));
    auto const depth = tree_.member(content, "depth");
    out_.push_back(1);
    if (!is_string(depth) || !append_leaf(out_, level_depth, tree_.text(depth)))
        return mismatch(expected_leaf(level_depth), depth, ".Node.depth");
    tree.node = tree_.member(content, "sub_tree");
    return level_of(*tree.type->members[0].type, tree_.member(content, "value"), ".Node.value");
}

Reader::Read Reader::level_of(Type const& type, NodeIndex array, std::string_view inside) {
    auto const& tree = open_.back();
    auto const index = tree.part - 1;
    if (index >= schema::scan_tree_levels_max) return fail("fewer levels", std::to_string(index + 1));
    auto const count = std::size_t{1} << index;
    if (!is_array(array) || tree_[array].count != count)
        return mismatch("an array of " + std::to_string(count), array, inside);
    open_.push_back({.type = tree.type, .element = &type, .node = array, .next = Tree::first(array), .count = count,
                     .inside = inside});
    return {};
}

}  // namespace mina::json
