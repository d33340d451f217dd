#include "mina/schema/walker.h"

#include "base/check.h"
#include "mina/schema/integers.h"

#include <algorithm>

namespace mina::schema {

namespace {

using binprot::Error;
using binprot::Reason;

// Where the type of an open value stands in open_, when it stands there.
constexpr std::size_t not_counted = ~std::size_t{0};

// A scan tree's level, by its tag.
constexpr Constructor level_leaf{"Leaf", 0, {}};
constexpr Constructor level_node{"Node", 1, {}};

int bits_of(Kind kind) {
    if (kind == Kind::int32) return 32;
    return kind == Kind::int63 ? 63 : 64;
}

std::string indexed(std::size_t index) { return "[" + std::to_string(index) + "]"; }

std::string named(Member const* member, std::size_t index) {
    return member != nullptr && !member->name.empty() ? "." + std::string(member->name) : indexed(index);
}

bool is_variant(Type const& type) {
    return type.kind == Kind::variant || type.kind == Kind::polymorphic_variant;
}

// The way from a value to one of its parts.
std::string segment(Type const& parent, bool parent_is_level, Constructor const* constructor, Member const* member,
                    std::size_t index) {
    if (parent.kind == Kind::option) return "";
    if (parent.kind == Kind::record || parent.kind == Kind::tuple) return named(member, index);
    if (parent.kind == Kind::scan_tree && !parent_is_level) return ".levels" + indexed(index);
    if (!is_variant(parent)) return indexed(index);
    auto const way = "." + std::string(constructor->name);
    auto const is_only = constructor->arguments.size() == 1 && member->name.empty();
    return is_only ? way : way + named(member, index);
}

}  // namespace

Walker::Walker(Type const& type, base::ByteView bytes) : bytes_(bytes), root_(&type), expected_(&type) {
    last_.type = &type;
}

base::Result<std::optional<Step>, Error> Walker::next() {
    if (begun_ && stack_.empty()) return std::nullopt;
    auto step = begun_ ? part() : value({.type = root_});
    begun_ = true;
    if (!step) return base::fail(step.error());
    last_ = *step;
    return *step;
}

// The next part of the innermost open value, or its end.
Walker::Stepped Walker::part() {
    auto& open = stack_.back();
    auto const& type = *open.type;
    if (type.kind == Kind::scan_tree && !open.is_level) return open.is_complete ? end() : level(open);
    if (open.part == open.count) return end();
    Step step{.index = open.part++};
    if (type.kind == Kind::record || type.kind == Kind::tuple) step.member = &type.members[step.index];
    if (type.kind == Kind::scan_tree) step.member = &type.members[open.constructor == &level_node ? 0 : 1];
    if (is_variant(type)) step.member = &open.constructor->arguments[step.index];
    step.type = step.member != nullptr ? step.member->type : type.element;
    return value(step);
}

Walker::Stepped Walker::end() {
    auto const open = stack_.back();
    expected_ = open.type;
    last_ = {.what = Step::What::end, .type = open.type, .member = open.member, .index = open.index,
             .depth = stack_.size() - 1, .count = open.count, .constructor = open.constructor,
             .is_level = open.is_level};
    if (open.type->kind == Kind::vector) {
        // mina: a fixed vector is a chain of pairs, and the last one's second half is a unit.
        if (remaining() == 0) return base::fail(Error{offset_, Reason::truncated});
        if (bytes_[offset_] != 0) return base::fail(Error{offset_, Reason::bad_unit});
        ++offset_;
    }
    if (open.nested != not_counted && --open_[open.nested].levels == 0) open_.pop_back();
    stack_.pop_back();
    auto step = last_;
    step.offset = offset_;
    return step;
}

Walker::Stepped Walker::value(Step step) {
    step.depth = stack_.size();
    step.offset = offset_;
    expected_ = step.type;
    last_ = step;
    switch (step.type->kind) {
        case Kind::unit:
        case Kind::boolean:
        case Kind::character:
        case Kind::float64:
        case Kind::field_p:
        case Kind::field_q: return leaf(step);
        case Kind::int32:
        case Kind::int64:
        case Kind::int63: return integer(step);
        case Kind::string: return string(step);
        case Kind::option:
        case Kind::list:
        case Kind::vector:
        case Kind::record:
        case Kind::tuple:
        case Kind::variant:
        case Kind::polymorphic_variant:
        case Kind::scan_tree: return parts(step);
    }
    base::check(false, "every kind has its case");
    return step;
}

Walker::Stepped Walker::parts(Step step) {
    auto const& type = *step.type;
    if (!may_open(type)) return base::fail(Error{offset_, Reason::too_deep});
    if (type.kind == Kind::option) return option(step);
    if (type.kind == Kind::list) return list(step);
    if (is_variant(type)) return variant(step);
    if (type.kind == Kind::vector) step.count = type.length;
    if (type.kind == Kind::record || type.kind == Kind::tuple) step.count = type.members.size();
    return begin(step);
}

Walker::Stepped Walker::leaf(Step step) {
    auto const kind = step.type->kind;
    auto const is_field = kind == Kind::field_p || kind == Kind::field_q;
    auto const size = is_field ? std::size_t{32} : kind == Kind::float64 ? std::size_t{8} : std::size_t{1};
    if (remaining() < size) return base::fail(Error{offset_, Reason::truncated});
    auto const first = bytes_[offset_];
    if (kind == Kind::unit && first != 0) return base::fail(Error{offset_, Reason::bad_unit});
    if (kind == Kind::boolean && first > 1) return base::fail(Error{offset_, Reason::bad_boolean});
    if (size == 1) step.integer = first;
    return take_leaf(step, size);
}

Walker::Stepped Walker::integer(Step step) {
    auto const read = read_integer(bytes_.subspan(offset_), bits_of(step.type->kind));
    if (!read) return base::fail(Error{offset_, read.error()});
    step.integer = read->value;
    return take_leaf(step, read->bytes);
}

Walker::Stepped Walker::string(Step step) {
    auto const count = read_count(bytes_.subspan(offset_));
    if (!count) return base::fail(Error{offset_, count.error()});
    if (count->value > remaining() - count->bytes) return base::fail(Error{offset_, Reason::count_too_large});
    step.header_bytes = count->bytes;
    offset_ += count->bytes;
    return take_leaf(step, static_cast<std::size_t>(count->value));
}

Walker::Stepped Walker::take_leaf(Step step, std::size_t bytes) {
    step.what = Step::What::leaf;
    step.bytes = bytes_.subspan(offset_, bytes);
    offset_ += bytes;
    return step;
}

Walker::Stepped Walker::option(Step step) {
    if (remaining() == 0) return base::fail(Error{offset_, Reason::truncated});
    auto const first = bytes_[offset_];
    if (first > 1) return base::fail(Error{offset_, Reason::bad_option});
    if (first == 0) return take_leaf(step, 1);
    step.header_bytes = 1;
    step.count = 1;
    return begin(step);
}

Walker::Stepped Walker::list(Step step) {
    auto const count = read_count(bytes_.subspan(offset_));
    if (!count) return base::fail(Error{offset_, count.error()});
    // Divided, not multiplied: a hostile count cannot overflow.
    auto const element_bytes = std::max(std::size_t{1}, std::size_t{step.type->element->bytes_min});
    if (count->value > (remaining() - count->bytes) / element_bytes)
        return base::fail(Error{offset_, Reason::count_too_large});
    step.header_bytes = count->bytes;
    step.count = static_cast<std::size_t>(count->value);
    return begin(step);
}

Walker::Stepped Walker::variant(Step step) {
    auto const tag_bytes = step.type->kind == Kind::variant ? std::size_t{1} : std::size_t{4};
    if (remaining() < tag_bytes) return base::fail(Error{offset_, Reason::truncated});
    std::uint32_t tag = 0;
    for (std::size_t i = tag_bytes; i-- > 0;) tag = tag << 8 | bytes_[offset_ + i];
    auto const& all = step.type->constructors;
    auto const found = std::ranges::find(all, tag, &Constructor::tag);
    if (found == all.end()) return base::fail(Error{offset_, Reason::unknown_variant});
    step.constructor = &*found;
    if (found->arguments.empty()) return take_leaf(step, tag_bytes);
    step.header_bytes = tag_bytes;
    step.count = found->arguments.size();
    return begin(step);
}

// A level of a scan tree: 00 and its leaves, or 01, an int, and its nodes. Of level n there are 2^n.
Walker::Stepped Walker::level(Frame& tree) {
    Step step{.type = tree.type, .index = tree.part, .depth = stack_.size(), .offset = offset_, .is_level = true};
    expected_ = tree.type;
    last_ = step;
    if (remaining() == 0) return base::fail(Error{offset_, Reason::truncated});
    auto const tag = bytes_[offset_];
    if (tag > 1) return base::fail(Error{offset_, Reason::unknown_variant});
    if (step.index >= scan_tree_levels_max) return base::fail(Error{offset_, Reason::count_too_large});
    step.constructor = tag == 0 ? &level_leaf : &level_node;
    step.header_bytes = 1;
    if (tag == 1) {
        auto const depth = read_integer(bytes_.subspan(offset_ + 1), 63);
        if (!depth) return base::fail(Error{offset_ + 1, depth.error()});
        step.integer = depth->value;
        step.header_bytes += depth->bytes;
    }
    step.count = std::size_t{1} << step.index;
    auto const& element = *tree.type->members[tag == 0 ? 1 : 0].type;
    auto const element_bytes = std::max(std::size_t{1}, std::size_t{element.bytes_min});
    if (step.count > (remaining() - step.header_bytes) / element_bytes)
        return base::fail(Error{offset_, Reason::count_too_large});
    ++tree.part;
    tree.is_complete = tag == 0;
    return begin(step);
}

// Whether one more value of this type may be open.
bool Walker::may_open(Type const& type) const {
    if (stack_.size() >= depth_max) return false;
    auto const open = std::ranges::find(open_, type.name, &Open::name);
    return open == open_.end() || open->levels < binprot::nesting_max;
}

Walker::Stepped Walker::begin(Step step) {
    step.what = Step::What::begin;
    offset_ += step.header_bytes;
    // Only named types recur: "list<…>" is open once more than what it is a list of.
    auto const counts = step.type->name.starts_with('@') && !step.is_level;
    auto nested = not_counted;
    if (counts) {
        auto const open = std::ranges::find(open_, step.type->name, &Open::name);
        nested = static_cast<std::size_t>(open - open_.begin());
        if (open == open_.end()) open_.push_back({step.type->name, 0});
        ++open_[nested].levels;
    }
    stack_.push_back({.type = step.type, .member = step.member, .constructor = step.constructor, .index = step.index,
                      .count = step.count, .nested = nested, .is_level = step.is_level});
    return step;
}

std::string Walker::path() const {
    std::string path;
    for (std::size_t i = 1; i < stack_.size(); ++i) {
        auto const& parent = stack_[i - 1];
        path += segment(*parent.type, parent.is_level, parent.constructor, stack_[i].member, stack_[i].index);
    }
    // What the last step began is on the stack; what it ended or read, or failed to read, is not.
    if (last_.depth == stack_.size() && !stack_.empty()) {
        auto const& parent = stack_.back();
        path += segment(*parent.type, parent.is_level, parent.constructor, last_.member, last_.index);
    }
    if (path.starts_with('.')) path.erase(0, 1);
    return path;
}

base::Result<void, Error> walk_all(Type const& type, base::ByteView bytes) {
    Walker walker(type, bytes);
    while (true) {
        TRY(auto step, walker.next());
        if (!step) break;
    }
    if (walker.offset() != bytes.size()) return base::fail(Error{walker.offset(), Reason::trailing_bytes});
    return {};
}

}  // namespace mina::schema
