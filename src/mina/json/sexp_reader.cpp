#include "mina/json/sexp_reader.h"

#include "base/check.h"
#include "mina/json/layout.h"
#include "mina/json/leaf.h"
#include "mina/json/tree.h"
#include "mina/schema/integers.h"
#include "mina/schema/walker.h"
#include "mina/text/numbers.h"

#include <algorithm>
#include <charconv>

namespace mina::json {

namespace {

using schema::Constructor;
using schema::Kind;
using schema::Type;
using Read = base::Result<void, JsonError>;

std::string_view expected_atom(Kind kind) {
    switch (kind) {
        case Kind::unit: return "()";
        case Kind::boolean: return "true or false";
        case Kind::character: return "an atom of one byte";
        case Kind::float64: return "a number";
        case Kind::field_p:
        case Kind::field_q: return "0x and 64 hexadecimal digits";
        case Kind::int64: return "0x and 16 hexadecimal digits";
        case Kind::int32:
        case Kind::int63: return "an integer";
        case Kind::string: return "an atom";
        case Kind::option: return "() or a list of one";
        default: return "a list";
    }
}

class SexpReader {
public:
    SexpReader(Tree const& tree, base::ByteString& out) : tree_(tree), out_(out) {}

    Read run(Type const& type) {
        TRY_VOID(value(type, Tree::root));
        while (!open_.empty()) {
            auto& top = open_.back();
            if (top.part == top.count) {
                if (top.type->kind == Kind::vector) out_.push_back(0);
                open_.pop_back();
                continue;
            }
            auto const element = top.next;
            top.next = tree_.after(element);
            auto const index = top.part++;
            auto const& part = part_type(top, index);
            auto node = element;
            if (top.type->kind == Kind::record) {
                TRY(node, named(top.type->members[index].name, element));
            }
            TRY_VOID(value(part, node));
        }
        return {};
    }

private:
    struct Open {
        Type const* type = nullptr;
        Constructor const* constructor = nullptr;
        NodeIndex next = 0;  // where the next part stands
        std::size_t part = 0;
        std::size_t count = 0;
    };

    static Type const& part_type(Open const& open, std::size_t index) {
        if (open.constructor != nullptr) return *open.constructor->arguments[index].type;
        return open.type->members.empty() ? *open.type->element : *open.type->members[index].type;
    }

    // The value in "(name value)".
    base::Result<NodeIndex, JsonError> named(std::string_view name, NodeIndex node) const {
        auto const is_pair = tree_.is(node, Node::Kind::array) && tree_[node].count == 2;
        auto const first = Tree::first(node);
        if (!is_pair || !tree_.is(first, Node::Kind::string) || tree_.text(first) != name)
            return fail(node, "(" + std::string(name) + " …)");
        return tree_.after(first);
    }

    Read value(Type const& type, NodeIndex node) {
        switch (type.kind) {
            case Kind::option:
            case Kind::list:
            case Kind::vector:
            case Kind::record:
            case Kind::tuple: return list(type, node);
            case Kind::variant:
            case Kind::polymorphic_variant: return variant(type, node);
            case Kind::unit:
                if (!tree_.is(node, Node::Kind::array) || tree_[node].count != 0) return fail(node, "()");
                out_.push_back(0);
                return {};
            default: return atom(type, node);
        }
    }

    Read list(Type const& type, NodeIndex node) {
        if (!tree_.is(node, Node::Kind::array)) return fail(node, expected_atom(type.kind));
        auto const count = tree_[node].count;
        if (type.kind == Kind::option) {
            if (count > 1) return fail(node, expected_atom(type.kind));
            out_.push_back(static_cast<std::uint8_t>(count));
        } else if (type.kind == Kind::list) {
            schema::append_count(out_, count);
        } else {
            auto const wanted = type.kind == Kind::vector ? type.length : type.members.size();
            if (count != wanted) return fail(node, "a list of " + std::to_string(wanted));
        }
        return open(node, {.type = &type, .next = Tree::first(node), .count = count});
    }

    Read variant(Type const& type, NodeIndex node) {
        auto const is_list = tree_.is(node, Node::Kind::array) && tree_[node].count > 0;
        auto const first = is_list ? Tree::first(node) : node;
        auto const found = tree_.is(first, Node::Kind::string)
                               ? std::ranges::find(type.constructors, tree_.text(first), &Constructor::name)
                               : type.constructors.end();
        if (found == type.constructors.end()) return fail(node, "the name of a constructor");
        auto const count = is_list ? tree_[node].count - 1 : 0;
        if (count != found->arguments.size() || is_list != (count != 0))
            return fail(node, std::string(found->name) + ", arguments: " + std::to_string(found->arguments.size()));
        append_tag(out_, type, *found);
        if (count == 0) return {};
        return open(node, {.type = &type, .constructor = &*found, .next = tree_.after(first), .count = count});
    }

    Read open(NodeIndex node, Open const& open) {
        if (open_.size() >= schema::depth_max) return fail(node, "no deeper nesting");
        open_.push_back(open);
        return {};
    }

    Read atom(Type const& type, NodeIndex node) {
        base::check(type.kind != Kind::scan_tree, "no proof holds a scan tree");
        auto const is_atom = tree_.is(node, Node::Kind::string);
        if (!is_atom || !append_atom(type, tree_.text(node))) return fail(node, expected_atom(type.kind));
        return {};
    }

    bool append_atom(Type const& type, std::string_view text) {
        switch (type.kind) {
            case Kind::boolean:
                out_.push_back(text == "true" ? 1 : 0);
                return text == "true" || text == "false";
            case Kind::character:
                if (text.size() != 1) return false;
                out_.push_back(static_cast<std::uint8_t>(text[0]));
                return true;
            case Kind::string: append_string(out_, base::as_bytes(text)); return true;
            case Kind::int64: return append_int64(text);
            case Kind::int32:
            case Kind::int63: return append_decimal(type, text);
            case Kind::float64: {
                auto const number = text::float_from_text(text);
                if (number) append_float(out_, *number);
                return number.has_value();
            }
            default: {
                auto const element = text::field_from_hex(text);
                if (element) base::append(out_, *element);
                return element.has_value();
            }
        }
    }

    bool append_int64(std::string_view text) {
        constexpr std::size_t digits = 16;
        if (!text.starts_with("0x") || text.size() != 2 + digits) return false;
        std::uint64_t value = 0;
        auto const end = text.data() + text.size();
        auto const [at, error] = std::from_chars(text.data() + 2, end, value, 16);
        if (error != std::errc{} || at != end) return false;
        schema::append_integer(out_, static_cast<std::int64_t>(value));
        return true;
    }

    bool append_decimal(Type const& type, std::string_view text) {
        std::int64_t value = 0;
        auto const end = text.data() + text.size();
        auto const [at, error] = std::from_chars(text.data(), end, value);
        return error == std::errc{} && at == end && append_integer(out_, type, value).has_value();
    }

    std::unexpected<JsonError> fail(NodeIndex node, std::string_view expected) const {
        std::string path;
        for (auto const& open : open_) {
            auto const index = open.part - 1;
            if (open.type->kind == Kind::option) continue;
            path += open.type->kind == Kind::record ? member_segment(open.type->members[index].name)
                                                    : "[" + std::to_string(index) + "]";
        }
        auto const found = tree_.is(node, Node::Kind::string) ? quoted(tree_.text(node))
                                                              : "a list of " + std::to_string(tree_[node].count);
        return base::fail(JsonError{path, std::string(expected), found});
    }

    Tree const& tree_;
    base::ByteString& out_;
    std::vector<Open> open_;
};

}  // namespace

Read append_sexp(base::ByteString& out, Type const& type, std::string_view sexp) {
    TRY(auto const tree, Tree::of_sexp(sexp));
    return SexpReader(tree, out).run(type);
}

}  // namespace mina::json
