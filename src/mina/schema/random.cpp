#include "mina/schema/random.h"

#include "base/check.h"
#include "mina/schema/fields.h"
#include "mina/schema/integers.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace mina::schema {

namespace {

// Where the encoding of an integer changes its length, and where a reader might forget a sign.
constexpr std::array<std::int64_t, 33> edges = {
    0, 1, 2, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0xffff, 0x1'0000,
    0x7fff'ffff, 0x8000'0000, 0xffff'ffff, 0x1'0000'0000, 0x3fff'ffff'ffff'ffff, 0x4000'0000'0000'0000,
    std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(),
    -0x4000'0000'0000'0000, -1, -127, -128, -129, -0x8000, -0x8001, -0x1'0000, -0x7fff'ffff,
    -0x8000'0000LL, -0x8000'0001LL};
constexpr std::array<std::size_t, 6> long_counts = {20, 127, 128, 200, 256, 300};
constexpr std::array<std::size_t, 6> long_texts = {127, 128, 255, 256, 0xffff, 0x1'0000};
// Long lists are of small elements: a few blocks say as much as many.
constexpr std::size_t long_list_element_bytes_max = 64;

class Maker {
public:
    Maker(RandomShape const& shape, bool keeps_forms, Draw draw)
        : draw_(draw), limit_(shape.bytes_max), depth_max_(std::min(shape.depth_max, binprot::nesting_max - 1)),
          keeps_forms_(keeps_forms) {}

    base::ByteString make(Type const& type);

private:
    struct Frame {
        Type const* type = nullptr;
        std::size_t limit = 0;         // what `committed_` may become inside
        std::span<Member const> members = {};  // of parts that differ; else all are of type `element`
        Type const* element = nullptr;
        std::size_t part = 0;
        std::size_t count = 0;
        std::size_t levels = 0;        // of a scan tree: begun so far
        bool is_complete = false;      // of a scan tree: its leaves were begun
        bool has_levels = false;
        bool is_fair = false;          // each part gets its share of what is left; else the first may take all
    };

    std::uint64_t below(std::uint64_t bound) { return draw_() % bound; }
    // What may be added to the shortest encoding yet.
    std::size_t room() const { return stack_.size() < depth_max_ && limit_ > committed_ ? limit_ - committed_ : 0; }
    void part();
    void open(Frame frame);
    void value(Type const& type);
    void variant(Type const& type);
    void list(Type const& type);
    void level(Frame& tree);
    void integer(Kind kind);
    void field(Kind kind);
    void string(Form form);
    void text(std::size_t size);
    void bytes(std::size_t count);
    std::size_t text_size();

    Draw draw_;
    std::size_t limit_;  // of the value that is made now
    std::size_t depth_max_;
    bool keeps_forms_;
    std::size_t committed_ = 0;  // the shortest that the whole can become, after the choices so far
    base::ByteString out_;
    std::vector<Frame> stack_;
};

std::size_t arguments_bytes_min(Constructor const& constructor) {
    std::size_t bytes = 0;
    for (auto const& argument : constructor.arguments) bytes += argument.type->bytes_min;
    return bytes;
}

base::ByteString Maker::make(Type const& type) {
    committed_ = type.bytes_min;
    value(type);
    while (!stack_.empty()) part();
    return std::move(out_);
}

void Maker::open(Frame frame) {
    frame.limit = limit_;
    frame.is_fair = below(2) == 0;
    stack_.push_back(frame);
}

void Maker::part() {
    auto& whole = stack_.back();
    limit_ = whole.limit;
    if (whole.has_levels && !whole.is_complete) return level(whole);
    if (whole.part == whole.count) {
        if (whole.type->kind == Kind::vector) out_.push_back(0);
        stack_.pop_back();
        return;
    }
    if (whole.is_fair && limit_ > committed_) limit_ = committed_ + (limit_ - committed_) / (whole.count - whole.part);
    auto const index = whole.part++;
    value(whole.members.empty() ? *whole.element : *whole.members[index].type);
}

void Maker::value(Type const& type) {
    switch (type.kind) {
        case Kind::unit: return out_.push_back(0);
        case Kind::boolean: return out_.push_back(static_cast<std::uint8_t>(below(2)));
        case Kind::character: return bytes(1);
        case Kind::float64: return bytes(8);
        case Kind::field_p:
        case Kind::field_q: return field(type.kind);
        case Kind::int32:
        case Kind::int64:
        case Kind::int63: return integer(type.kind);
        case Kind::string: return string(type.form);
        case Kind::option: {
            std::size_t const more = type.element->bytes_min;
            auto const is_there = more <= room() && below(4) != 0;
            out_.push_back(is_there ? 1 : 0);
            if (!is_there) return;
            committed_ += more;
            return open({.type = &type, .element = type.element, .count = 1});
        }
        case Kind::list: return list(type);
        case Kind::vector: return open({.type = &type, .element = type.element, .count = type.length});
        case Kind::record:
        case Kind::tuple:
            return open({.type = &type, .members = type.members, .count = type.members.size()});
        case Kind::variant:
        case Kind::polymorphic_variant: return variant(type);
        case Kind::scan_tree: return open({.type = &type, .has_levels = true});
    }
}

void Maker::variant(Type const& type) {
    auto const& all = type.constructors;
    auto const* chosen = &*std::ranges::min_element(all, {}, arguments_bytes_min);
    auto const shortest = arguments_bytes_min(*chosen);
    // All are tried once, from a random one on, so that a small budget still shows every constructor that fits.
    auto const first = below(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const& candidate = all[(first + i) % all.size()];
        auto const more = arguments_bytes_min(candidate) - shortest;
        if (more > room()) continue;
        committed_ += more;
        chosen = &candidate;
        break;
    }
    auto const tag_bytes = type.kind == Kind::variant ? 1 : 4;
    for (int i = 0; i < tag_bytes; ++i) out_.push_back(static_cast<std::uint8_t>(chosen->tag >> (8 * i)));
    if (chosen->arguments.empty()) return;
    open({.type = &type, .members = chosen->arguments, .count = chosen->arguments.size()});
}

void Maker::list(Type const& type) {
    auto const element_bytes = std::max(std::size_t{1}, std::size_t{type.element->bytes_min});
    std::size_t count = 0;
    switch (below(8)) {
        case 0: break;
        case 1:
        case 2: count = 1; break;
        case 3:
        case 4: count = 2; break;
        case 5: count = 3; break;
        case 6: count = static_cast<std::size_t>(below(12)); break;
        default:
            count = element_bytes <= long_list_element_bytes_max ? long_counts[below(long_counts.size())] : 4;
            break;
    }
    count = std::min(count, room() / element_bytes);
    // A long count has two bytes more.
    if (count >= 0x80) count = std::min(count, (room() - 2) / element_bytes);
    auto const before = out_.size();
    append_count(out_, count);
    committed_ += count * element_bytes + (out_.size() - before - 1);
    open({.type = &type, .element = type.element, .count = count});
}

// One more level of a scan tree: nodes while there is room for the level below them, then leaves.
void Maker::level(Frame& tree) {
    auto const& node = tree.type->members[0];
    auto const& leaf = tree.type->members[1];
    auto const elements = std::size_t{1} << tree.levels;
    auto const more = 2 + elements * (std::size_t{node.type->bytes_min} + leaf.type->bytes_min);
    auto const is_node = more <= room() && below(4) != 0;
    out_.push_back(is_node ? 1 : 0);
    ++tree.levels;
    tree.is_complete = !is_node;
    if (is_node) {
        committed_ += more;
        integer(Kind::int63);
    }
    open({.type = tree.type, .element = is_node ? node.type : leaf.type, .count = elements});
}

void Maker::integer(Kind kind) {
    auto value = below(2) == 0 ? edges[below(edges.size())] : static_cast<std::int64_t>(draw_() >> below(64));
    if (kind == Kind::int32) value = static_cast<std::int32_t>(value);
    // OCaml's int: the upper bit is that below it.
    if (kind == Kind::int63) value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 1) >> 1;
    auto const before = out_.size();
    append_integer(out_, value);
    auto const more = out_.size() - before - 1;
    if (more <= room()) {
        committed_ += more;
        return;
    }
    out_.resize(before);
    out_.push_back(static_cast<std::uint8_t>(value & 0x7f));
}

void Maker::field(Kind kind) {
    auto const before = out_.size();
    switch (below(16)) {
        case 0: out_.resize(before + 32); break;
        case 1:  // p - 1: the modulus ends in 1
            base::append(out_, kind == Kind::field_p ? modulus_p : modulus_q);
            out_[before] = 0;
            break;
        default:
            bytes(32);
            if (!is_reduced(kind, base::ByteView(out_).subspan(before))) out_.back() &= 0x3f;
            break;
    }
}

std::size_t Maker::text_size() {
    auto const kind = below(16);
    auto const wanted = kind == 0   ? std::size_t{0}
                        : kind == 1 ? long_texts[below(long_texts.size())]
                                    : static_cast<std::size_t>(below(24));
    auto const size = std::min(wanted, room());
    auto const more = size < 0x80 ? std::size_t{0} : size <= 0xffff ? std::size_t{2} : std::size_t{4};
    return size + more <= room() ? size : size - std::min(size, more);
}

void Maker::string(Form form) {
    if (keeps_forms_ && (form == Form::memo || form == Form::aux_hash || form == Form::pending_coinbase_aux)) {
        std::size_t const size = form == Form::memo ? 34 : 32;
        append_count(out_, size);
        committed_ += size;
        return bytes(size);
    }
    auto const size = text_size();
    base::ByteString content;
    content.swap(out_);
    if (form == Form::plain)
        text(size);
    else
        bytes(size);
    content.swap(out_);
    auto const begin = out_.size();
    append_count(out_, content.size());
    base::append(out_, content);
    committed_ += out_.size() - begin - 1;
}

// UTF-8 of at most `size` bytes: mostly ASCII, else of two, three and four bytes.
void Maker::text(std::size_t size) {
    while (out_.size() < size) {
        auto const left = size - out_.size();
        auto const number = draw_();
        auto const high = [&](unsigned from, unsigned count) {
            return static_cast<std::uint8_t>(from + (number >> 8) % count);
        };
        auto const low = [&](int at) { return static_cast<std::uint8_t>(0x80 | ((number >> at) & 0x3f)); };
        auto const kind = left >= 4 ? number % 32 : 0;
        if (kind == 1) {  // U+0080…07ff
            base::append(out_, base::ByteArray<2>{high(0xc2, 30), low(16)});
        } else if (kind == 2) {  // U+1000…bfff
            base::append(out_, base::ByteArray<3>{high(0xe1, 11), low(16), low(24)});
        } else if (kind == 3) {  // U+40000…fffff
            base::append(out_, base::ByteArray<4>{high(0xf1, 3), low(16), low(24), low(32)});
        } else {
            out_.push_back(high(' ', 95));
        }
    }
}

void Maker::bytes(std::size_t count) {
    for (std::size_t i = 0; i < count; i += 8) {
        auto const number = draw_();
        auto const size = std::min<std::size_t>(8, count - i);
        for (std::size_t j = 0; j < size; ++j) out_.push_back(static_cast<std::uint8_t>(number >> (8 * j)));
    }
}

}  // namespace

base::ByteString random_value(Type const& type, RandomShape const& shape, Draw draw) {
    return Maker(shape, true, draw).make(type);
}

base::ByteString shortest_value(Type const& type) {
    auto const zero = [] { return std::uint64_t{0}; };
    return Maker({.bytes_max = 0}, false, zero).make(type);
}

}  // namespace mina::schema
