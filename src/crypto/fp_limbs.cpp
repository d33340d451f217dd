// Reduction without Montgomery's form. p = 2^254 + tail, and tail has only 126 bits. So 2^254 is
// -tail modulo p: what a number has from bit 254 on can be taken off, and subtracted again times
// tail. Two such folds, the first of the bits from 382 on, bring eight limbs to four. They take 8
// multiplications of limbs; Montgomery's way takes 12, and has numbers converted to and fro.
//
// The functions that others call have no loops and are not inlined, but all that they are made of
// is: with a loop around it, g++ 12 keeps the limbs of a carry chain in memory.
#include "crypto/fp_limbs.h"

#include <array>
#include <cstddef>
#include <cstdint>

#define CRYPTO_INLINE [[gnu::always_inline]] inline

namespace crypto::limbs {

namespace {

// A sum of products, least significant limb first.
using WideLimbs = std::array<std::uint64_t, 8>;

__extension__ using Uint128 = unsigned __int128;

struct TwoLimbs {
    std::uint64_t low;
    std::uint64_t high;
};

constexpr std::uint64_t bit_62 = std::uint64_t{1} << 62;  // of limb 3: 2^254
constexpr std::uint64_t below_bit_62 = bit_62 - 1;

constexpr std::uint64_t tail_0 = fp_modulus[0];
constexpr std::uint64_t tail_1 = fp_modulus[1];
static_assert(fp_modulus[3] == bit_62 && fp_modulus[2] == 0 && tail_1 < bit_62);

// 0 or 1, in the type of the compilers' builtins.
using Carry = unsigned char;

// In the portable code clang sees the processor's instruction and g++ 12 does not: it would take
// twice as long.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)

CRYPTO_INLINE std::uint64_t add(std::uint64_t a, std::uint64_t b, Carry& carry) {
    unsigned long long sum;
    carry = __builtin_ia32_addcarryx_u64(carry, a, b, &sum);
    return sum;
}

CRYPTO_INLINE std::uint64_t subtract(std::uint64_t a, std::uint64_t b, Carry& borrow) {
    unsigned long long difference;
    borrow = __builtin_ia32_sbb_u64(borrow, a, b, &difference);
    return difference;
}

#else

CRYPTO_INLINE std::uint64_t add(std::uint64_t a, std::uint64_t b, Carry& carry) {
    std::uint64_t sum = 0;
    bool const first = __builtin_add_overflow(a, b, &sum);
    bool const second = __builtin_add_overflow(sum, std::uint64_t{carry}, &sum);
    carry = static_cast<Carry>(first | second);
    return sum;
}

CRYPTO_INLINE std::uint64_t subtract(std::uint64_t a, std::uint64_t b, Carry& borrow) {
    std::uint64_t difference = 0;
    bool const first = __builtin_sub_overflow(a, b, &difference);
    bool const second = __builtin_sub_overflow(difference, std::uint64_t{borrow}, &difference);
    borrow = static_cast<Carry>(first | second);
    return difference;
}

#endif

CRYPTO_INLINE TwoLimbs product_of(std::uint64_t a, std::uint64_t b) {
    auto const product = static_cast<Uint128>(a) * b;
    return {static_cast<std::uint64_t>(product), static_cast<std::uint64_t>(product >> 64)};
}

// The sum of a column of products, as in multiplication by hand, with what the columns before it
// carry over.
class Column {
public:
    CRYPTO_INLINE void add_product(std::uint64_t a, std::uint64_t b) {
        auto const product = product_of(a, b);
        Carry carry = 0;
        low_ = add(low_, product.low, carry);
        middle_ = add(middle_, product.high, carry);
        high_ = add(high_, 0, carry);
    }

    // The column's limb of the result; goes on to the next column.
    CRYPTO_INLINE std::uint64_t take() {
        auto const limb = low_;
        low_ = middle_;
        middle_ = high_;
        high_ = 0;
        return limb;
    }

private:
    std::uint64_t low_ = 0;
    std::uint64_t middle_ = 0;
    std::uint64_t high_ = 0;
};

template <std::size_t K>
CRYPTO_INLINE void add_column(Column& column, Product const& product) {
    if constexpr (K < 4) column.add_product(product.a[0], product.b[K]);
    if constexpr (1 <= K && K < 5) column.add_product(product.a[1], product.b[K - 1]);
    if constexpr (2 <= K && K < 6) column.add_product(product.a[2], product.b[K - 2]);
    if constexpr (3 <= K && K < 7) column.add_product(product.a[3], product.b[K - 3]);
}

template <std::size_t K, typename... Products>
CRYPTO_INLINE std::uint64_t take_column(Column& column, Products const&... products) {
    (add_column<K>(column, products), ...);
    return column.take();
}

template <typename... Products>
CRYPTO_INLINE WideLimbs wide_sum(Products const&... products) {
    Column column;
    // What stands in braces is computed from left to right.
    return {take_column<0>(column, products...), take_column<1>(column, products...),
            take_column<2>(column, products...), take_column<3>(column, products...),
            take_column<4>(column, products...), take_column<5>(column, products...),
            take_column<6>(column, products...), column.take()};
}

// The product of two different limbs comes twice: ten multiplications instead of sixteen. Requires
// a number whose double is below 2^256.
CRYPTO_INLINE WideLimbs wide_square(FpLimbs const& a) {
    auto const doubled_2 = a[2] << 1 | a[1] >> 63;
    auto const doubled_3 = a[3] << 1 | a[2] >> 63;
    Column column;
    WideLimbs wide;
    column.add_product(a[0], a[0]);
    wide[0] = column.take();
    column.add_product(a[0], a[1] << 1);
    wide[1] = column.take();
    column.add_product(a[0], doubled_2);
    column.add_product(a[1], a[1]);
    wide[2] = column.take();
    column.add_product(a[0], doubled_3);
    column.add_product(a[1], a[2] << 1);
    wide[3] = column.take();
    column.add_product(a[1], doubled_3);
    column.add_product(a[2], a[2]);
    wide[4] = column.take();
    column.add_product(a[2], a[3] << 1);
    wide[5] = column.take();
    column.add_product(a[3], a[3]);
    wide[6] = column.take();
    wide[7] = column.take();
    return wide;
}

CRYPTO_INLINE WideLimbs wide_plus(WideLimbs const& a, FpLimbs const& b) {
    Carry carry = 0;
    return {add(a[0], b[0], carry), add(a[1], b[1], carry), add(a[2], b[2], carry),
            add(a[3], b[3], carry), add(a[4], 0, carry),    add(a[5], 0, carry),
            add(a[6], 0, carry),    add(a[7], 0, carry)};
}

CRYPTO_INLINE FpLimbs times_tail(TwoLimbs const& number) {
    auto const low_0 = product_of(number.low, tail_0);
    auto const low_1 = product_of(number.low, tail_1);
    auto const high_0 = product_of(number.high, tail_0);
    auto const high_1 = product_of(number.high, tail_1);
    // Limbs 1 and 2 cannot overflow before high_1 comes in, since tail_0 + tail_1 < 2^64.
    static_assert(tail_0 + tail_1 > tail_0);
    Carry carry = 0;
    auto limb_1 = add(low_1.low, low_0.high, carry);
    auto limb_2 = add(low_1.high, 0, carry);
    carry = 0;
    limb_1 = add(limb_1, high_0.low, carry);
    limb_2 = add(limb_2, high_0.high, carry);
    carry = 0;
    limb_2 = add(limb_2, high_1.low, carry);
    return {low_0.low, limb_1, limb_2, add(high_1.high, 0, carry)};
}

// Of the three limbs the bits from 62 on, modulo 2^128.
CRYPTO_INLINE TwoLimbs from_bit_62(std::uint64_t limb_0, std::uint64_t limb_1,
                                   std::uint64_t limb_2) {
    return {limb_0 >> 62 | limb_1 << 2, limb_1 >> 62 | limb_2 << 2};
}

// All ones if the number is negative in two's complement, else zero.
CRYPTO_INLINE std::uint64_t sign_mask(std::uint64_t highest_limb) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(highest_limb) >> 63);
}

// To a loose number. `wide` has to be below 2^510.
CRYPTO_INLINE FpLimbs reduce(WideLimbs const& wide) {
    // The 128 bits from 382 on, times tail less than 2^254. What remains is more than -2^382 and
    // less than 2^382, in two's complement.
    auto const upper = times_tail(from_bit_62(wide[5], wide[6], wide[7]));
    Carry borrow = 0;
    auto limb_2 = subtract(wide[2], upper[0], borrow);
    auto limb_3 = subtract(wide[3], upper[1], borrow);
    auto const limb_4 = subtract(wide[4], upper[2], borrow);
    auto const limb_5 = subtract(wide[5] & below_bit_62, upper[3], borrow);

    // The 128 bits from 254 on, and the sign, which is worth -2^128 of them: for it tail comes back
    // in, 128 bits up. What remains is more than -2^254 and less than loose_end.
    auto const lower = times_tail(from_bit_62(limb_3, limb_4, limb_5));
    borrow = 0;
    auto limb_0 = subtract(wide[0], lower[0], borrow);
    auto limb_1 = subtract(wide[1], lower[1], borrow);
    limb_2 = subtract(limb_2, lower[2], borrow);
    limb_3 = subtract(limb_3 & below_bit_62, lower[3], borrow);
    auto const was_negative = sign_mask(limb_5);
    Carry carry = 0;
    limb_2 = add(limb_2, tail_0 & was_negative, carry);
    limb_3 = add(limb_3, tail_1 & was_negative, carry);

    // And p, if that is negative.
    auto const negative = sign_mask(limb_3);
    carry = 0;
    limb_0 = add(limb_0, fp_modulus[0] & negative, carry);
    limb_1 = add(limb_1, fp_modulus[1] & negative, carry);
    limb_2 = add(limb_2, 0, carry);
    limb_3 = add(limb_3, fp_modulus[3] & negative, carry);
    return {limb_0, limb_1, limb_2, limb_3};
}

}  // namespace

// 1.54^2 x 2^508 is below 2^510.
FpLimbs multiply(FpLimbs const& a, FpLimbs const& b) { return reduce(wide_sum(Product{a, b})); }

FpLimbs square(FpLimbs const& a) { return reduce(wide_square(a)); }

// 2 x 1.54 x 2^508 + 2^256 is below 2^510: one reduction for all.
FpLimbs sum(Product const& first, Product const& second, FpLimbs const& more) {
    return reduce(wide_plus(wide_sum(first, second), more));
}

FpLimbs plain_sum(FpLimbs const& a, FpLimbs const& b) {
    Carry carry = 0;
    return {add(a[0], b[0], carry), add(a[1], b[1], carry), add(a[2], b[2], carry),
            add(a[3], b[3], carry)};
}

FpLimbs canonical(FpLimbs const& below_twice_p) {
    if (is_canonical(below_twice_p)) return below_twice_p;
    Carry borrow = 0;
    return {subtract(below_twice_p[0], fp_modulus[0], borrow),
            subtract(below_twice_p[1], fp_modulus[1], borrow),
            subtract(below_twice_p[2], fp_modulus[2], borrow),
            subtract(below_twice_p[3], fp_modulus[3], borrow)};
}

}  // namespace crypto::limbs
