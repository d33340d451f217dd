// The types of the wire that have one size: they lie in a message as they lie in memory, so that a view of a message
// can point at them. All have alignment 1.
#pragma once

#include "base/bytes.h"

#include <bit>
#include <cstring>

namespace mina::binprot {

/// Of the two Pasta fields, Fp and Fq.
enum class Modulus : std::uint8_t { p, q };

/// The number in 64-bit limbs, the lowest first. Both are 2^254 and a little more.
constexpr std::array<std::uint64_t, 4> limbs_of(Modulus modulus) {
    if (modulus == Modulus::p) return {0x992d30ed00000001, 0x224698fc094cf91b, 0, 0x4000000000000000};
    return {0x8c46eb2100000001, 0x224698fc0994a8dd, 0, 0x4000000000000000};
}

/// An element of one of the two fields, little-endian. That it is below its modulus is a matter of its own:
/// Reader::check_fields().
struct Field {
    base::ByteArray<32> bytes{};
    base::ByteView view() const { return bytes; }
    bool operator==(Field const&) const = default;
};

/// A unit: one zero byte.
struct Unit {
    std::uint8_t zero = 0;
    bool operator==(Unit const&) const = default;
};

/// An IEEE 754 number, little-endian.
struct Float64 {
    base::ByteArray<8> bytes{};
    double value() const {
        std::uint64_t bits = 0;
        for (std::size_t i = 8; i-- > 0;) bits = bits << 8 | bytes[i];
        return std::bit_cast<double>(bits);
    }
    bool operator==(Float64 const&) const = default;
};

/// N items and a unit: a vector of items that have one size.
template <class T, std::size_t N>
struct Vector {
    std::array<T, N> items{};
    Unit unit{};
    T const& operator[](std::size_t index) const { return items[index]; }
    auto begin() const { return items.begin(); }
    auto end() const { return items.end(); }
    static constexpr std::size_t size() { return N; }
    bool operator==(Vector const&) const = default;
};

static_assert(sizeof(Field) == 32 && alignof(Field) == 1 && sizeof(Float64) == 8 && alignof(Float64) == 1);

}  // namespace mina::binprot
