#include "mina/schema/explain.h"

#include "base/text.h"
#include "mina/schema/integers.h"

#include <fmt/format.h>

#include <algorithm>

namespace mina::schema {

namespace {

using binprot::Reason;

constexpr std::size_t constructors_shown_max = 8;

bool is_counted(Type const& type) { return type.kind == Kind::list || type.kind == Kind::string; }

// The bytes of the integer that was found.
base::ByteView integer_at(base::ByteView rest) {
    return rest.first(std::min(rest.size(), integer_bytes(rest.front())));
}

std::string found_too_long(Type const& type, base::ByteView rest) {
    auto const found = integer_at(rest);
    std::uint64_t number = 0;
    for (auto i = found.size(); i-- > 1;) number = number << 8 | found[i];
    base::ByteString shortest;
    if (is_counted(type)) {
        append_count(shortest, number);
    } else {
        // Of an integer, the highest bit of its bytes is their sign.
        auto const shift = 64 - 8 * static_cast<int>(found.size() - 1);
        append_integer(shortest, static_cast<std::int64_t>(number << shift) >> shift);
    }
    return fmt::format("{}, whose shortest form is {}", base::to_hex(found), base::to_hex(shortest));
}

std::string found_tag(Type const& type, base::ByteView rest) {
    auto const& all = type.constructors;
    if (type.kind == Kind::scan_tree) return fmt::format("{:02x}, where 00 begins leaves and 01 nodes", rest.front());
    auto const is_byte = type.kind == Kind::variant;
    auto text = is_byte ? fmt::format("tag {}, constructors 0..{}:", rest.front(), all.size() - 1)
                        : fmt::format("{}, constructors", base::to_hex(rest.first(4)));
    for (std::size_t i = 0; i < std::min(all.size(), constructors_shown_max); ++i) {
        auto const tag = all[i].tag;
        text += fmt::format("{} {}", i == 0 ? "" : ",", all[i].name);
        // The bytes in their order on the wire.
        if (!is_byte)
            text += fmt::format(" {:02x}{:02x}{:02x}{:02x}", tag & 0xff, tag >> 8 & 0xff, tag >> 16 & 0xff, tag >> 24);
    }
    return all.size() > constructors_shown_max ? text + ", …" : text;
}

std::string found_count(Type const& type, base::ByteView rest) {
    auto const count = is_counted(type) ? read_count(rest) : base::fail(Reason::count_too_large);
    if (!count) return fmt::format("a level that cannot fit; {} left", rest.size());
    auto const left = rest.size() - count->bytes;
    if (type.kind == Kind::string) return fmt::format("{} bytes; {} left", count->value, left);
    return fmt::format("{} elements of {} bytes or more; {} left", count->value, type.element->bytes_min, left);
}

std::string wanted_bytes(Type const& type) {
    if (type.kind == Kind::field_p || type.kind == Kind::field_q) return ", 32 bytes";
    return type.kind == Kind::float64 ? ", 8 bytes" : "";
}

// What was found at the offset.
std::string found(Type const& type, base::ByteView rest, Reason reason) {
    switch (reason) {
        case Reason::trailing_bytes: return fmt::format("{} left", rest.size());
        case Reason::bad_boolean:
        case Reason::bad_unit:
        case Reason::bad_option:
        case Reason::bad_integer: return fmt::format("found {:02x}", rest.front());
        case Reason::not_canonical: return "found " + found_too_long(type, rest);
        case Reason::out_of_range:
            return fmt::format("found {}, more than {} bits", base::to_hex(integer_at(rest)),
                               type.kind == Kind::int32 ? 32 : 63);
        case Reason::unknown_variant: return "found " + found_tag(type, rest);
        case Reason::count_too_large: return "found " + found_count(type, rest);
        case Reason::too_deep: return fmt::format("more than {} levels", binprot::nesting_max);
        case Reason::truncated: return fmt::format("{} left", rest.size());
        case Reason::bad_frame_length:
        case Reason::field_not_reduced:
        case Reason::memory_limit: return "";
    }
    return "";
}

}  // namespace

std::string short_name(Type const& type) {
    constexpr std::size_t columns_max = 60;
    if (type.name.size() <= columns_max) return std::string(type.name);
    return std::string(type.name.substr(0, columns_max)) + "…";
}

Explanation explain(Walker const& walker, base::ByteView bytes, binprot::Error const& error) {
    auto const is_trailing = error.reason == Reason::trailing_bytes;
    auto const& type = is_trailing ? walker.root() : *walker.expected();
    Explanation result{.error = error, .path = {}, .type = std::string(type.name), .text = {}};
    if (!is_trailing) result.path = walker.path();
    auto const where = result.path.empty() ? std::string_view("the message") : std::string_view(result.path);
    auto const what = short_name(type) + wanted_bytes(type);
    auto const seen = found(type, bytes.subspan(error.offset), error.reason);
    result.text = fmt::format("offset {} (0x{:x}): {}: {} ({}{}{})", error.offset, error.offset, where,
                              to_string(error.reason), what, seen.empty() ? "" : "; ", seen);
    return result;
}

std::optional<Explanation> explain(Type const& type, base::ByteView bytes) {
    Walker walker(type, bytes);
    auto next = walker.next();
    while (next && *next) next = walker.next();
    if (!next) return explain(walker, bytes, next.error());
    if (walker.offset() == bytes.size()) return std::nullopt;
    return explain(walker, bytes, {walker.offset(), Reason::trailing_bytes});
}

}  // namespace mina::schema
