#include "mina/json/error.h"

#include "mina/text/byte_strings.h"

#include <algorithm>

namespace mina::json {

namespace {

constexpr std::size_t quoted_bytes_max = 60;
constexpr std::size_t path_bytes_max = 400;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The longest start of so many bytes that ends between two characters of UTF-8.
std::string_view start_of(std::string_view text, std::size_t bytes) {
    while (bytes > 0 && is_continuation(text[bytes])) --bytes;
    return text.substr(0, bytes);
}

}  // namespace

std::string to_string(JsonError const& error) {
    return error.path + ": expected " + error.expected + ", found " + error.found;
}

std::string quoted(std::string_view text) {
    auto const is_long = text.size() > quoted_bytes_max;
    std::string shown(is_long ? start_of(text, quoted_bytes_max) : text);
    if (!text::is_utf8(base::as_bytes(shown))) shown = text::escape_bytes(base::as_bytes(shown));
    std::ranges::replace_if(shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return '"' + shown + (is_long ? "…\"" : "\"");
}

std::string member_segment(std::string_view name) {
    auto const is_plain = std::ranges::all_of(name, [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
    return "." + (is_plain && !name.empty() && name.size() <= quoted_bytes_max ? std::string(name) : quoted(name));
}

std::string finished_path(std::string segments) {
    if (segments.empty()) return ".";
    // jq has a point in front of a bracket that begins a path.
    if (segments.front() != '.') segments.insert(0, ".");
    if (segments.size() <= path_bytes_max) return segments;
    auto const half = path_bytes_max / 2;
    auto end = segments.size() - half;
    while (is_continuation(segments[end])) ++end;
    return std::string(start_of(segments, half)) + "…" + segments.substr(end);
}

}  // namespace mina::json
