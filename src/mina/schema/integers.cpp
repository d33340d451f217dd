#include "mina/schema/integers.h"

#include <limits>

namespace mina::schema {

namespace {

using binprot::Reason;

constexpr std::uint8_t lead_eight = 0xfc;
constexpr std::uint8_t lead_four = 0xfd;
constexpr std::uint8_t lead_two = 0xfe;
constexpr std::uint8_t lead_negative = 0xff;

std::uint64_t little_endian(base::ByteView bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

void append_little_endian(base::ByteString& to, std::uint8_t lead, std::uint64_t value, int bytes) {
    to.push_back(lead);
    for (int i = 0; i < bytes; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <class T>
bool fits(std::int64_t value) {
    return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

// The lead byte of the one encoding. Of 00…7f it is the value itself.
std::uint8_t lead_of_integer(std::int64_t value) {
    if (value >= 0 && value < 0x80) return static_cast<std::uint8_t>(value);
    if (value < 0 && fits<std::int8_t>(value)) return lead_negative;
    if (fits<std::int16_t>(value)) return lead_two;
    return fits<std::int32_t>(value) ? lead_four : lead_eight;
}

std::uint8_t lead_of_count(std::uint64_t value) {
    if (value < 0x80) return static_cast<std::uint8_t>(value);
    if (value <= 0xffff) return lead_two;
    return value <= 0xffff'ffff ? lead_four : lead_eight;
}

std::int64_t sign_extended(std::uint64_t value, std::size_t bytes) {
    switch (bytes) {
        case 1: return static_cast<std::int8_t>(value);
        case 2: return static_cast<std::int16_t>(value);
        case 4: return static_cast<std::int32_t>(value);
        default: return static_cast<std::int64_t>(value);
    }
}

}  // namespace

std::size_t integer_bytes(std::uint8_t lead) {
    switch (lead) {
        case lead_eight: return 9;
        case lead_four: return 5;
        case lead_two: return 3;
        case lead_negative: return 2;
        default: return lead < 0x80 ? 1 : 0;
    }
}

base::Result<Encoded<std::int64_t>, Reason> read_integer(base::ByteView bytes, int bits) {
    if (bytes.empty()) return base::fail(Reason::truncated);
    auto const lead = bytes[0];
    auto const size = integer_bytes(lead);
    if (size == 0) return base::fail(Reason::bad_integer);
    if (size == 1) return Encoded<std::int64_t>{lead, 1};
    if (bytes.size() < size) return base::fail(Reason::truncated);
    if (bits == 32 && lead == lead_eight) return base::fail(Reason::out_of_range);
    auto const value = sign_extended(little_endian(bytes.subspan(1, size - 1)), size - 1);
    if (lead_of_integer(value) != lead) return base::fail(Reason::not_canonical);
    // Of OCaml's 63 bits, the upper two of 64 are the same.
    if (bits == 63 && (value >> 62) != (value >> 63)) return base::fail(Reason::out_of_range);
    return Encoded<std::int64_t>{value, size};
}

base::Result<Encoded<std::uint64_t>, Reason> read_count(base::ByteView bytes) {
    if (bytes.empty()) return base::fail(Reason::truncated);
    auto const lead = bytes[0];
    auto const size = lead == lead_negative ? 0 : integer_bytes(lead);
    if (size == 0) return base::fail(Reason::bad_integer);
    if (size == 1) return Encoded<std::uint64_t>{lead, 1};
    if (bytes.size() < size) return base::fail(Reason::truncated);
    auto const value = little_endian(bytes.subspan(1, size - 1));
    if (lead_of_count(value) != lead) return base::fail(Reason::not_canonical);
    return Encoded<std::uint64_t>{value, size};
}

void append_integer(base::ByteString& to, std::int64_t value) {
    auto const lead = lead_of_integer(value);
    auto const bytes = static_cast<int>(integer_bytes(lead)) - 1;
    append_little_endian(to, lead, static_cast<std::uint64_t>(value), bytes);
}

void append_count(base::ByteString& to, std::uint64_t value) {
    auto const lead = lead_of_count(value);
    append_little_endian(to, lead, value, static_cast<int>(integer_bytes(lead)) - 1);
}

}  // namespace mina::schema
