#include "apps/crawl_text.h"

#include <cstdint>

namespace apps {

namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t bytes = 1;
    bool is_valid = false;
};

// spec: RFC 3629#section-3
Character first_of(std::string_view text) {
    auto const byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    auto const lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    auto const length = lead >= 0xF0 && lead <= 0xF4 ? std::size_t{4} : lead >= 0xE0 ? std::size_t{3} : std::size_t{2};
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
    auto code = static_cast<std::uint32_t>(lead & (0xFF >> (length + 1)));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        code = code << 6 | (byte(i) & 0x3FU);
    }
    auto const is_long = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (is_long || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, length, true};
}

bool is_harmless(std::uint32_t code) {
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return false;
    auto const turns =
        code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    auto const is_none = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF) || code == 0xFEFF;
    return !turns && !is_none;
}

}  // namespace

std::string shown(std::string_view text, std::size_t bytes_max) {
    std::string result;
    while (!text.empty()) {
        auto const character = first_of(text);
        if (result.size() + character.bytes > bytes_max) return result + "…";
        if (character.is_valid && is_harmless(character.code)) {
            result += text.substr(0, character.bytes);
        } else {
            result += "\uFFFD";
        }
        text.remove_prefix(character.bytes);
    }
    return result;
}

std::string xml_text(std::string_view text) {
    std::string result;
    for (auto const c : shown(text)) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            default: result += c;
        }
    }
    return result;
}

std::string csv_field(std::string_view text) {
    auto field = shown(text, 1024 * 1024);
    if (!field.empty() && std::string_view("=+-@").find(field.front()) != std::string_view::npos)
        field.insert(0, 1, '\'');
    if (field.find_first_of(",\"") == std::string::npos && !field.starts_with(' ') && !field.ends_with(' '))
        return field;
    std::string quoted = "\"";
    for (auto const c : field) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace apps
