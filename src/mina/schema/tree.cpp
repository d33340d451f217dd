#include "mina/schema/tree.h"

#include "mina/text/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace mina::schema {

namespace {

constexpr std::size_t raw_bytes_max = 8;
constexpr std::size_t indent = 2;

class Tree {
public:
    Tree(base::ByteView bytes, TreeOptions const& options, LineSink sink)
        : bytes_(bytes), options_(options), sink_(sink) {}

    void show(Step const& step, std::size_t end);

private:
    struct Parent {
        Type const* type = nullptr;
        bool is_level = false;
        std::size_t parts = 0;  // of its constructor
    };

    bool is_repeated(std::size_t index) const;
    void line(Step const& step, std::size_t end);
    void offset(std::size_t offset);
    void raw(base::ByteView bytes);
    void name(Step const& step);
    void value(Step const& step);
    void leaf(Step const& step);
    void string(base::ByteView content);
    void more(Step const& step);

    base::ByteView bytes_;
    TreeOptions const& options_;
    LineSink sink_;
    std::string line_;
    std::vector<Parent> parents_;
    // Of the outermost value that is not shown; its parts are not either.
    std::optional<std::size_t> hidden_depth_;
};

// By hand, since most of a line is digits.
void append_hex(std::string& to, base::ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (auto const byte : bytes) {
        to += digits[byte >> 4];
        to += digits[byte & 0xf];
    }
}

bool has_many(Type const& type, bool is_level) {
    return type.kind == Kind::list || type.kind == Kind::vector || (type.kind == Kind::scan_tree && is_level);
}

// Whether a part with this index is one more than is to be shown.
bool Tree::is_repeated(std::size_t index) const {
    if (index < options_.elements_max || parents_.empty()) return false;
    return has_many(*parents_.back().type, parents_.back().is_level);
}

void Tree::show(Step const& step, std::size_t end) {
    if (step.what == Step::What::end) {
        parents_.pop_back();
        if (hidden_depth_ && *hidden_depth_ == step.depth)
            hidden_depth_.reset();
        else if (!hidden_depth_ && has_many(*step.type, step.is_level) && step.count > options_.elements_max)
            more(step);
        return;
    }
    auto const is_hidden = hidden_depth_.has_value() || step.depth > options_.depth_max || is_repeated(step.index);
    if (!is_hidden) line(step, end);
    if (step.what == Step::What::leaf) return;
    if (is_hidden && !hidden_depth_) hidden_depth_ = step.depth;
    parents_.push_back({step.type, step.is_level, step.count});
}

void Tree::line(Step const& step, std::size_t end) {
    line_.clear();
    offset(step.offset);
    raw(bytes_.subspan(step.offset, end - step.offset));
    line_.append(indent * step.depth, ' ');
    name(step);
    line_ += short_name(*step.type);
    value(step);
    if (step.what == Step::What::begin && step.depth == options_.depth_max) line_ += " …";
    sink_(line_);
}

void Tree::offset(std::size_t offset) {
    if (options_.decimal_offsets)
        line_ += fmt::format("{:>8}  ", offset);
    else
        line_ += fmt::format("{:08x}  ", offset);
}

void Tree::raw(base::ByteView bytes) {
    auto const shown = bytes.first(std::min(bytes.size(), raw_bytes_max));
    append_hex(line_, shown);
    auto const is_cut = shown.size() < bytes.size();
    if (is_cut) line_ += "…";
    line_.append(2 * (raw_bytes_max - shown.size()) + (is_cut ? 2 : 3), ' ');
}

void Tree::name(Step const& step) {
    if (parents_.empty()) return;
    auto const& parent = parents_.back();
    if (step.is_level) {
        line_ += fmt::format("level {}: ", step.index);
    } else if (step.member != nullptr && !step.member->name.empty() && !parent.is_level) {
        line_ += fmt::format("{}: ", step.member->name);
    } else if (has_many(*parent.type, parent.is_level) || parent.parts > 1) {
        line_ += fmt::format("[{}]: ", step.index);
    }
}

void Tree::value(Step const& step) {
    if (step.is_level) {
        line_ += fmt::format(" = {}, {}", step.constructor->name, step.count);
        if (step.header_bytes > 1) line_ += fmt::format(", depth {}", step.integer);
        return;
    }
    if (step.constructor != nullptr) {
        line_ += fmt::format(" = {}", step.constructor->name);
    } else if (step.what == Step::What::leaf) {
        line_ += " = ";
        leaf(step);
    } else if (step.type->kind == Kind::list) {
        line_ += fmt::format(" = {} element{}", step.count, step.count == 1 ? "" : "s");
    } else if (step.type->kind == Kind::option) {
        line_ += " = some";
    }
}

// Of the wire's signed forms, most mean an unsigned number of as many bits.
std::string integer_text(Step const& step) {
    auto const& type = *step.type;
    if (type.kind == Kind::int63 || type.form == Form::is_signed) return std::to_string(step.integer);
    auto const number = static_cast<std::uint64_t>(step.integer);
    if (type.kind == Kind::int32) return std::to_string(static_cast<std::uint32_t>(number));
    auto text = std::to_string(number);
    return type.form == Form::fee ? fmt::format("{} ({} MINA)", text, text::nanomina_to_mina(number)) : text;
}

void Tree::leaf(Step const& step) {
    switch (step.type->kind) {
        case Kind::unit: line_ += "()"; return;
        case Kind::option: line_ += "none"; return;
        case Kind::boolean: line_ += step.integer != 0 ? "true" : "false"; return;
        case Kind::character:
        case Kind::int32:
        case Kind::int64:
        case Kind::int63: line_ += integer_text(step); return;
        case Kind::float64: {
            std::uint64_t bits = 0;
            for (std::size_t i = step.bytes.size(); i-- > 0;) bits = bits << 8 | step.bytes[i];
            line_ += text::float_to_text(std::bit_cast<double>(bits));
            return;
        }
        case Kind::field_p:
        case Kind::field_q: line_ += text::field_to_hex(step.bytes); return;
        case Kind::string: string(step.bytes); return;
        case Kind::list:
        case Kind::vector:
        case Kind::record:
        case Kind::tuple:
        case Kind::variant:
        case Kind::polymorphic_variant:
        case Kind::scan_tree: return;
    }
}

// As text when it is graphic ASCII, else in hexadecimal: a terminal would obey other bytes.
void Tree::string(base::ByteView content) {
    auto const shown = content.first(std::min(content.size(), options_.text_max));
    if (std::ranges::all_of(shown, [](auto byte) { return byte >= ' ' && byte < 0x7f; })) {
        line_ += fmt::format("\"{}\"", base::as_text(shown));
    } else {
        append_hex(line_, shown);
    }
    if (shown.size() < content.size()) line_ += fmt::format("… ({} bytes)", content.size());
}

// Instead of the elements that were not shown.
void Tree::more(Step const& step) {
    if (step.depth + 1 > options_.depth_max) return;
    line_.clear();
    offset(step.offset);
    raw({});
    line_.append(indent * (step.depth + 1), ' ');
    line_ += fmt::format("… {} more", step.count - options_.elements_max);
    sink_(line_);
}

}  // namespace

std::optional<Explanation> print_tree(Type const& type, base::ByteView bytes, TreeOptions const& options,
                                      LineSink sink) {
    Walker walker(type, bytes);
    Tree tree(bytes, options, sink);
    auto next = walker.next();
    for (; next && *next; next = walker.next()) tree.show(**next, walker.offset());
    if (next && walker.offset() == bytes.size()) return std::nullopt;
    auto const error = next ? binprot::Error{walker.offset(), binprot::Reason::trailing_bytes} : next.error();
    auto wrong = explain(walker, bytes, error);
    sink(wrong.text);
    return wrong;
}

}  // namespace mina::schema
