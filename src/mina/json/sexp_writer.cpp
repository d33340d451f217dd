#include "mina/json/sexp_writer.h"

#include "base/check.h"
#include "mina/json/leaf.h"
#include "mina/text/byte_strings.h"
#include "mina/text/numbers.h"

#include <fmt/format.h>

#include <algorithm>

namespace mina::json {

namespace {

using schema::Kind;
using schema::Step;

// mina: field elements stand in capitals here, in lower case elsewhere.
std::string field_text(base::ByteView element) {
    auto text = text::field_to_hex(element);
    std::ranges::transform(text.begin() + 2, text.end(), text.begin() + 2,
                           [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

std::string leaf_sexp(Step const& leaf) {
    switch (leaf.type->kind) {
        case Kind::unit:
        case Kind::option: return "()";
        case Kind::boolean: return leaf.integer != 0 ? "true" : "false";
        case Kind::int64: return fmt::format("0x{:016x}", static_cast<std::uint64_t>(leaf.integer));
        case Kind::int32:
        case Kind::int63: return std::to_string(leaf.integer);
        case Kind::float64: return text::float_to_text(float_of(leaf.bytes));
        case Kind::field_p:
        case Kind::field_q: return field_text(leaf.bytes);
        case Kind::character:
        case Kind::string: return '"' + text::to_ocaml_string(leaf.bytes) + '"';
        case Kind::variant:
        case Kind::polymorphic_variant: return std::string(leaf.constructor->name);
        case Kind::list:
        case Kind::vector:
        case Kind::record:
        case Kind::tuple:
        case Kind::scan_tree: break;
    }
    base::check(false, "a leaf has no parts");
    return "";
}

}  // namespace

void SexpWriter::put(Step const& step) {
    switch (step.what) {
        case Step::What::begin: return begin(step);
        case Step::What::end: return end();
        case Step::What::leaf: return leaf(step);
    }
}

void SexpWriter::begin(Step const& step) {
    base::check(step.type->kind != Kind::scan_tree, "no proof holds a scan tree");
    before_part(step);
    open_.push_back(step.type->kind);
    text_ += '(';
    // The name takes the place of a first part; before_part() separates it from what follows.
    if (step.constructor != nullptr) text_ += step.constructor->name;
}

void SexpWriter::end() {
    text_ += ')';
    open_.pop_back();
    after_part();
}

void SexpWriter::leaf(Step const& step) {
    before_part(step);
    text_ += leaf_sexp(step);
    after_part();
}

void SexpWriter::before_part(Step const& step) {
    if (open_.empty()) return;
    if (text_.back() != '(') text_ += ' ';
    if (open_.back() != Kind::record) return;
    text_ += '(';
    text_ += step.member->name;
    text_ += ' ';
}

void SexpWriter::after_part() {
    if (!open_.empty() && open_.back() == Kind::record) text_ += ')';
}

}  // namespace mina::json
