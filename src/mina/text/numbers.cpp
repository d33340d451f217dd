#include "mina/text/numbers.h"

#include "base/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

namespace mina::text {

namespace {

constexpr std::size_t field_bytes = 32;
constexpr std::size_t word_bytes = 8;
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::uint64_t nanomina_per_mina = 1'000'000'000;
constexpr std::size_t decimals_max = 9;
constexpr std::uint64_t usual_nan = 0x7ff8000000000000;
constexpr std::string_view nan_text = "nan";

std::optional<std::uint64_t> digits_of(std::string_view text, int base = 10) {
    std::uint64_t value = 0;
    auto const end = text.data() + text.size();
    auto const [at, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

}  // namespace

std::string field_to_hex(base::ByteView element) {
    base::check(element.size() == field_bytes, "a field element has 32 bytes");
    std::string text = "0x";
    for (auto byte = element.rbegin(); byte != element.rend(); ++byte) {
        text.push_back(hex_digits[*byte >> 4]);
        text.push_back(hex_digits[*byte & 15]);
    }
    return text;
}

std::optional<base::ByteArray<32>> field_from_hex(std::string_view text) {
    if (!text.starts_with("0x") || text.size() != 2 + 2 * field_bytes) return std::nullopt;
    base::ByteArray<field_bytes> element{};
    // A word of 16 digits at a time; the first is the highest.
    for (std::size_t end = field_bytes; end > 0; end -= word_bytes) {
        auto const word = digits_of(text.substr(2 + 2 * (field_bytes - end), 2 * word_bytes), 16);
        if (!word) return std::nullopt;
        for (std::size_t i = 0; i < word_bytes; ++i)
            element[end - word_bytes + i] = static_cast<std::uint8_t>(*word >> (8 * i));
    }
    return element;
}

std::string nanomina_to_mina(std::uint64_t nanomina) {
    auto text = fmt::format("{}", nanomina / nanomina_per_mina);
    auto const rest = nanomina % nanomina_per_mina;
    if (rest == 0) return text;
    text += fmt::format(".{:09}", rest);
    text.resize(text.find_last_not_of('0') + 1);
    return text;
}

std::optional<std::uint64_t> nanomina_from_mina(std::string_view text) {
    auto const point = std::min(text.find('.'), text.size());
    auto const whole = digits_of(text.substr(0, point));
    if (!whole || *whole > ~std::uint64_t{0} / nanomina_per_mina) return std::nullopt;
    if (point == text.size()) return *whole * nanomina_per_mina;
    auto const decimals = text.substr(point + 1);
    if (decimals.empty() || decimals.size() > decimals_max) return std::nullopt;
    auto rest = digits_of(decimals);
    if (!rest) return std::nullopt;
    for (auto i = decimals.size(); i < decimals_max; ++i) *rest *= 10;
    std::uint64_t sum = 0;
    if (__builtin_add_overflow(*whole * nanomina_per_mina, *rest, &sum)) return std::nullopt;
    return sum;
}

std::string float_to_text(double value) {
    auto const bits = std::bit_cast<std::uint64_t>(value);
    if (!std::isnan(value)) return fmt::format("{}", value);
    return bits == usual_nan ? std::string(nan_text) : fmt::format("{}:{:016x}", nan_text, bits);
}

std::optional<double> float_from_text(std::string_view text) {
    if (text == nan_text) return std::bit_cast<double>(usual_nan);
    if (text.starts_with(nan_text)) {
        auto const bits = text.size() == nan_text.size() + 17 && text[nan_text.size()] == ':'
                              ? digits_of(text.substr(nan_text.size() + 1), 16)
                              : std::nullopt;
        if (!bits || !std::isnan(std::bit_cast<double>(*bits))) return std::nullopt;
        return std::bit_cast<double>(*bits);
    }
    double value = 0;
    auto const end = text.data() + text.size();
    auto const [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end || std::isnan(value)) return std::nullopt;
    return value;
}

}  // namespace mina::text
