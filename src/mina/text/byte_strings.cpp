#include "mina/text/byte_strings.h"

#include "base/text.h"

#include <algorithm>
#include <cstring>

namespace mina::text {

namespace {

// Characters that have an escape of their own in OCaml, and the letters of these; two more are only read.
constexpr std::string_view ocaml_characters = "\"\\\n\t\b\r";
constexpr std::string_view ocaml_letters = "\"\\ntbr";
constexpr std::string_view ocaml_also = "' ";

char digit(int value) { return static_cast<char>('0' + value); }

struct Piece {
    std::uint8_t byte = 0;
    std::size_t characters = 0;  // that it took; 0 when they are no escape
};

// The escape that a text begins with.
Piece ocaml_escape(std::string_view text) {
    if (text.size() < 2) return {};
    auto const letter = text[1];
    if (auto const found = ocaml_letters.find(letter); found != std::string_view::npos)
        return {static_cast<std::uint8_t>(ocaml_characters[found]), 2};
    if (ocaml_also.find(letter) != std::string_view::npos) return {static_cast<std::uint8_t>(letter), 2};
    if (text.size() < 4) return {};
    if (letter == 'x') {
        auto const byte = base::from_hex(text.substr(2, 2));
        return byte ? Piece{(*byte)[0], 4} : Piece{};
    }
    int value = 0;
    for (auto const c : text.substr(1, 3)) {
        if (c < '0' || c > '9') return {};
        value = value * 10 + (c - '0');
    }
    return value < 256 ? Piece{static_cast<std::uint8_t>(value), 4} : Piece{};
}

bool is_graphic(std::uint8_t byte) { return byte > 0x20 && byte < 0x7f; }

// How many bytes a character with this first byte has, and what its second may be: that leaves out overlong forms,
// surrogates and what is above U+10FFFF.
struct Utf8Lead {
    std::size_t bytes = 0;
    std::uint8_t second_min = 0x80;
    std::uint8_t second_max = 0xbf;
};

Utf8Lead utf8_lead(std::uint8_t byte) {
    if (byte < 0x80) return {1};
    if (byte < 0xc2) return {0};
    if (byte < 0xe0) return {2};
    if (byte == 0xe0) return {3, 0xa0};
    if (byte == 0xed) return {3, 0x80, 0x9f};
    if (byte < 0xf0) return {3};
    if (byte == 0xf0) return {4, 0x90};
    if (byte < 0xf4) return {4};
    if (byte == 0xf4) return {4, 0x80, 0x8f};
    return {0};
}

// Whether so many bytes follow, and all are ASCII. Most text is; this takes it in strides.
constexpr std::size_t ascii_step = sizeof(std::uint64_t);

bool is_ascii(base::ByteView bytes) {
    if (bytes.size() < ascii_step) return false;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), ascii_step);
    return (word & 0x8080'8080'8080'8080) == 0;
}

}  // namespace

std::string to_base64url(base::ByteView bytes) {
    auto text = base::to_base64(bytes);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

std::optional<base::ByteString> from_base64url(std::string_view text) {
    if (text.find_first_of("+/") != std::string_view::npos) return std::nullopt;
    std::string plain(text);
    std::ranges::replace(plain, '-', '+');
    std::ranges::replace(plain, '_', '/');
    return base::from_base64(plain);
}

std::string escape_bytes(base::ByteView bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (auto const byte : bytes) {
        if (is_graphic(byte) && byte != '\\') {
            text.push_back(static_cast<char>(byte));
        } else {
            text += "\\x" + base::to_hex(base::ByteView(&byte, 1));
        }
    }
    return text;
}

std::optional<base::ByteString> unescape_bytes(std::string_view text) {
    base::ByteString bytes;
    bytes.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!text.substr(i).starts_with("\\x")) {
            bytes.push_back(static_cast<std::uint8_t>(text[i]));
            continue;
        }
        auto const byte = base::from_hex(text.substr(i + 2, 2));
        if (!byte || byte->size() != 1) return std::nullopt;
        bytes.push_back((*byte)[0]);
        i += 3;
    }
    return bytes;
}

std::string to_ocaml_string(base::ByteView bytes) {
    std::string text;
    for (auto const byte : bytes) {
        if (auto const found = ocaml_characters.find(static_cast<char>(byte)); found != std::string_view::npos) {
            text.push_back('\\');
            text.push_back(ocaml_letters[found]);
        } else if (byte >= 0x20 && byte < 0x7f) {
            text.push_back(static_cast<char>(byte));
        } else {
            text += {'\\', digit(byte / 100), digit(byte / 10 % 10), digit(byte % 10)};
        }
    }
    return text;
}

std::optional<base::ByteString> from_ocaml_string(std::string_view text) {
    base::ByteString bytes;
    while (!text.empty()) {
        auto const plain = Piece{static_cast<std::uint8_t>(text.front()), 1};
        auto const piece = text.front() == '\\' ? ocaml_escape(text) : plain;
        if (piece.characters == 0) return std::nullopt;
        bytes.push_back(piece.byte);
        text.remove_prefix(piece.characters);
    }
    return bytes;
}

bool is_utf8(base::ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        if (is_ascii(bytes.subspan(i))) {
            i += ascii_step;
            continue;
        }
        auto const lead = utf8_lead(bytes[i]);
        if (lead.bytes == 0 || lead.bytes > bytes.size() - i) return false;
        if (lead.bytes > 1 && (bytes[i + 1] < lead.second_min || bytes[i + 1] > lead.second_max)) return false;
        for (std::size_t k = 2; k < lead.bytes; ++k)
            if (bytes[i + k] < 0x80 || bytes[i + k] > 0xbf) return false;
        i += lead.bytes;
    }
    return true;
}

}  // namespace mina::text
