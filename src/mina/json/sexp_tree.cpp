// The parser of S-expressions: lists in parentheses, atoms between white space, or in quotation marks with
// OCaml's escapes.
#include "mina/json/tree.h"
#include "mina/json/tree_builder.h"
#include "mina/text/byte_strings.h"

#include <algorithm>

namespace mina::json {

namespace {

bool is_white_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool ends_atom(char c) { return is_white_space(c) || c == '(' || c == ')' || c == '"'; }

class Parser {
public:
    Parser(std::string& text, TreeBuilder& builder) : text_(text), builder_(builder) {}

    base::Result<void, JsonError> run() {
        while (skip_white_space()) {
            if (!builder_.empty() && !builder_.is_open()) return fail("the end of the S-expression");
            TRY_VOID(step());
        }
        if (builder_.empty() || builder_.is_open()) return fail("an S-expression, its parentheses closed");
        return {};
    }

private:
    using Parsed = base::Result<void, JsonError>;

    // Whether there is more.
    bool skip_white_space() {
        while (at_ < text_.size() && is_white_space(text_[at_])) ++at_;
        return at_ < text_.size();
    }

    Parsed step() {
        switch (text_[at_]) {
            case '(':
                if (!builder_.open(Node::Kind::array)) return fail("no deeper nesting");
                ++at_;
                return {};
            case ')':
                if (!builder_.is_open()) return fail("an S-expression");
                builder_.close();
                ++at_;
                return {};
            case '"': return quoted_atom();
            default: {
                auto end = at_;
                while (end < text_.size() && !ends_atom(text_[end])) ++end;
                add_atom(at_, end - at_);
                at_ = end;
                return {};
            }
        }
    }

    // Its decoded form is never longer, and takes its place.
    Parsed quoted_atom() {
        auto const begin = at_ + 1;
        auto end = begin;
        while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
        if (end >= text_.size()) return fail("a quotation mark at the end of an atom");
        auto const decoded = text::from_ocaml_string(std::string_view(text_).substr(begin, end - begin));
        if (!decoded) return fail("an atom with OCaml's escapes");
        std::ranges::copy(*decoded, text_.begin() + static_cast<std::ptrdiff_t>(begin));
        add_atom(begin, decoded->size());
        at_ = end + 1;
        return {};
    }

    void add_atom(std::size_t begin, std::size_t size) {
        builder_.add({.kind = Node::Kind::string, .count = static_cast<std::uint32_t>(size),
                      .text = static_cast<std::uint32_t>(begin)});
    }

    std::unexpected<JsonError> fail(std::string_view expected) const {
        auto const found = at_ < text_.size() ? quoted(std::string_view(text_).substr(at_, 20)) : "the end of the text";
        return base::fail(JsonError{builder_.path(text_), std::string(expected), found});
    }

    std::string& text_;
    TreeBuilder& builder_;
    std::size_t at_ = 0;
};

}  // namespace

base::Result<Tree, JsonError> Tree::of_sexp(std::string_view sexp) {
    if (sexp.size() > json_bytes_max)
        return base::fail(JsonError{"", "an S-expression of at most 1 GiB", std::to_string(sexp.size()) + " bytes"});
    Tree tree;
    tree.text_ = sexp;
    TreeBuilder builder;
    TRY_VOID(Parser(tree.text_, builder).run());
    tree.nodes_ = builder.take();
    return tree;
}

}  // namespace mina::json
