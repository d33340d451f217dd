#include "base/text.h"

#include <sodium.h>

#include <algorithm>

namespace base {

namespace {

constexpr std::string_view base58_alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view base32_alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t base58_text_max = 1024;

std::optional<std::uint8_t> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    return std::nullopt;
}

// Multiplies a little-endian number in base `to` by `from` and adds `carry`: one step of a change of base.
void multiply_add(std::vector<std::uint8_t>& digits, unsigned from, unsigned to, unsigned carry) {
    for (auto& digit : digits) {
        carry += digit * from;
        digit = static_cast<std::uint8_t>(carry % to);
        carry /= to;
    }
    for (; carry > 0; carry /= to) digits.push_back(static_cast<std::uint8_t>(carry % to));
}

}  // namespace

std::string to_hex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (auto const byte : bytes) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

std::optional<ByteString> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    ByteString bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        auto const high = hex_digit(text[i]);
        auto const low = hex_digit(text[i + 1]);
        if (!high || !low) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
    }
    return bytes;
}

std::string to_base58(ByteView bytes) {
    auto const zeros = static_cast<std::size_t>(std::ranges::find_if(bytes, [](auto b) { return b != 0; }) - bytes.begin());
    std::vector<std::uint8_t> digits;
    for (auto const byte : bytes.subspan(zeros)) multiply_add(digits, 256, 58, byte);
    std::string text(zeros, base58_alphabet[0]);
    for (auto at = digits.rbegin(); at != digits.rend(); ++at) text.push_back(base58_alphabet[*at]);
    return text;
}

std::optional<ByteString> from_base58(std::string_view text) {
    if (text.size() > base58_text_max) return std::nullopt;
    auto const zeros = std::min(text.find_first_not_of(base58_alphabet[0]), text.size());
    std::vector<std::uint8_t> digits;
    for (auto const c : text.substr(zeros)) {
        auto const value = base58_alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        multiply_add(digits, 58, 256, static_cast<unsigned>(value));
    }
    ByteString bytes(zeros, 0);
    bytes.insert(bytes.end(), digits.rbegin(), digits.rend());
    return bytes;
}

std::string to_base64(ByteView bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();  // sodium writes a terminating zero
    return text;
}

std::optional<ByteString> from_base64(std::string_view text) {
    ByteString bytes(text.size() / 4 * 3 + 3);
    std::size_t size = 0;
    char const* end = nullptr;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text.data() + text.size()) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

std::optional<ByteString> from_base32(std::string_view text) {
    ByteString bytes;
    unsigned buffer = 0;
    unsigned bits = 0;
    for (auto const c : text) {
        auto const value = base32_alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        buffer = (buffer << 5 | static_cast<unsigned>(value)) & 0xFFF;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(buffer >> bits));
        }
    }
    return bytes;
}

}  // namespace base
