// Goal: Fp is the field of integers modulo p. Method: the laws of a field on random elements and on
// those at the edges of what limbs and bounds hold; multiplication against one that shares nothing
// with it, bit by bit over 512-bit numbers; and the arithmetic below it on numbers that are not
// canonical.
#include "crypto/fp.h"

#include "base/rng.h"
#include "crypto/fp_hex.h"
#include "crypto/fp_limbs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace crypto {
namespace {

// Least significant digit first. Nothing of the product's arithmetic is used on these.
using Digits = std::array<std::uint32_t, 16>;

Digits digits_of(FpLimbs const& limbs) {
    Digits digits{};
    for (std::size_t i = 0; i < 8; ++i)
        digits[i] = static_cast<std::uint32_t>(limbs[i / 2] >> (32 * (i % 2)));
    return digits;
}

bool bit_of(Digits const& digits, std::size_t bit) {
    return (digits[bit / 32] >> (bit % 32) & 1) != 0;
}

Digits sum_of(Digits const& a, Digits const& b) {
    Digits sum{};
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        carry += std::uint64_t{a[i]} + b[i];
        sum[i] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
    }
    return sum;
}

// Requires a >= b.
Digits difference_of(Digits const& a, Digits const& b) {
    Digits difference{};
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto const digit = std::uint64_t{a[i]} - b[i] - borrow;
        difference[i] = static_cast<std::uint32_t>(digit);
        borrow = digit >> 63;
    }
    return difference;
}

bool is_less(Digits const& a, Digits const& b) {
    return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

Digits product_of(FpLimbs const& a, FpLimbs const& b) {
    Digits product{};
    for (std::size_t bit = 256; bit-- > 0;) {
        product = sum_of(product, product);
        if (bit_of(digits_of(b), bit)) product = sum_of(product, digits_of(a));
    }
    return product;
}

// By taking bits in from the top, and p away whenever it fits.
Digits modulo_p(Digits const& number) {
    auto const p = digits_of(fp_modulus);
    Digits rest{};
    for (std::size_t bit = 512; bit-- > 0;) {
        rest = sum_of(rest, rest);
        rest[0] |= bit_of(number, bit) ? 1 : 0;
        if (!is_less(rest, p)) rest = difference_of(rest, p);
    }
    return rest;
}

FpLimbs random_limbs(base::Rng& rng) { return {rng.next(), rng.next(), rng.next(), rng.next()}; }

Fp random_element(base::Rng& rng) {
    for (;;) {
        auto limbs = random_limbs(rng);
        limbs[3] &= 0x7fff'ffff'ffff'ffff;
        if (auto const element = Fp::from_limbs(limbs)) return *element;
    }
}

FpLimbs minus(FpLimbs const& a, std::uint64_t small) {
    auto limbs = a;
    for (auto& limb : limbs) {
        auto const before = limb;
        limb -= small;
        small = limb > before ? 1 : 0;
    }
    return limbs;
}

// Where limbs end, where folds have nothing or all to do, and the neighbours of p.
std::vector<Fp> edges() {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    std::vector<Fp> elements;
    for (auto const& limbs : {
             FpLimbs{},
             FpLimbs{1},
             FpLimbs{2},
             FpLimbs{ones},
             FpLimbs{0, 1},
             FpLimbs{ones, ones},
             FpLimbs{0, 0, 1},
             FpLimbs{0, 0, ones},
             FpLimbs{0, 0, 0, 1},
             FpLimbs{ones, ones, ones},
             FpLimbs{0, 0, 0, ones >> 2},
             FpLimbs{ones, ones, ones, ones >> 2},
             FpLimbs{0, 0, 0, (ones >> 2) + 1},
             FpLimbs{fp_modulus[0], fp_modulus[1]},
             minus(fp_modulus, 1),
             minus(fp_modulus, 2),
             minus(fp_modulus, std::uint64_t{1} << 32),
             minus(fp_modulus, fp_modulus[0]),
         }) {
        elements.push_back(Fp::from_limbs(limbs).value());
    }
    return elements;
}

std::vector<Fp> edges_and_random(base::Rng& rng, std::size_t count) {
    auto elements = edges();
    for (std::size_t i = 0; i < count; ++i) elements.push_back(random_element(rng));
    return elements;
}

base::ByteArray<fp_bytes> little_endian(FpLimbs const& limbs) {
    base::ByteArray<fp_bytes> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(limbs[i / 8] >> (8 * (i % 8)));
    return bytes;
}

TEST(fp, takes_integers_below_p_and_no_others) {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    auto const p = fp_modulus;
    auto const below = minus(p, 1);
    for (auto const& limbs : {FpLimbs{}, FpLimbs{1}, below, FpLimbs{ones, ones, ones, p[3] - 1}}) {
        auto const bytes = little_endian(limbs);
        EXPECT_TRUE(Fp::is_canonical(bytes)) << base::to_hex(bytes);
        EXPECT_EQ(Fp::from_bytes(bytes).value().limbs(), limbs);
        EXPECT_EQ(Fp::from_limbs(limbs).value().limbs(), limbs);
    }
    for (auto const& limbs :
         {p, FpLimbs{p[0] + 1, p[1], 0, p[3]}, FpLimbs{0, p[1] + 1, 0, p[3]},
          FpLimbs{0, 0, 1, p[3]}, FpLimbs{0, 0, 0, p[3] + 1}, FpLimbs{ones, ones, ones, ones}}) {
        auto const bytes = little_endian(limbs);
        EXPECT_FALSE(Fp::is_canonical(bytes)) << base::to_hex(bytes);
        EXPECT_FALSE(Fp::from_bytes(bytes).has_value()) << base::to_hex(bytes);
        EXPECT_FALSE(Fp::from_limbs(limbs).has_value()) << base::to_hex(bytes);
    }
}

TEST(fp, takes_32_bytes_and_no_other_count) {
    for (std::size_t count = 0; count <= 65; ++count) {
        base::ByteString const bytes(count, 0);
        EXPECT_EQ(Fp::from_bytes(bytes).has_value(), count == 32) << count;
        EXPECT_EQ(Fp::is_canonical(bytes), count == 32) << count;
    }
}

TEST(fp, is_written_with_the_least_significant_byte_first) {
    EXPECT_EQ(base::to_hex(Fp::from_u64(0x0123456789abcdef).to_bytes()),
              "efcdab8967452301000000000000000000000000000000000000000000000000");
    EXPECT_EQ(base::to_hex(Fp::from_limbs(minus(fp_modulus, 1)).value().to_bytes()),
              "00000000ed302d991bf94c09fc98462200000000000000000000000000000040");
}

TEST(fp, comes_back_from_its_bytes) {
    for (std::uint8_t seed = 0; seed < 20; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 11});
        for (auto const& a : edges_and_random(rng, 20))
            EXPECT_EQ(Fp::from_bytes(a.to_bytes()), a) << "seed " << int{seed};
    }
}

TEST(fp, begins_as_zero) {
    EXPECT_EQ(Fp(), Fp::from_u64(0));
    EXPECT_NE(Fp(), Fp::from_u64(1));
}

TEST(fp, has_the_laws_of_a_field) {
    auto const one = Fp::from_u64(1);
    auto const minus_one = Fp::from_limbs(minus(fp_modulus, 1)).value();
    for (std::uint8_t seed = 0; seed < 10; ++seed) {
        SCOPED_TRACE(::testing::Message() << "seed " << int{seed});
        base::Rng rng(base::Rng::Seed{seed, 12});
        auto const elements = edges_and_random(rng, 10);
        for (auto const& a : elements) {
            EXPECT_EQ(a + Fp(), a);
            EXPECT_EQ(a * one, a);
            EXPECT_EQ(a * Fp(), Fp());
            EXPECT_EQ(a + a * minus_one, Fp());
            EXPECT_EQ(a.squared(), a * a);
            for (auto const& b : elements) {
                auto const c = random_element(rng);
                EXPECT_EQ(a + b, b + a);
                EXPECT_EQ(a * b, b * a);
                EXPECT_EQ((a + b) + c, a + (b + c));
                EXPECT_EQ((a * b) * c, a * (b * c));
                EXPECT_EQ((a + b) * c, a * c + b * c);
            }
        }
    }
}

TEST(fp, adds_and_multiplies_as_one_does_bit_by_bit) {
    for (std::uint8_t seed = 0; seed < 5; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 13});
        auto const elements = edges_and_random(rng, 10);
        for (auto const& a : elements) {
            for (auto const& b : elements) {
                ASSERT_EQ(digits_of((a * b).limbs()), modulo_p(product_of(a.limbs(), b.limbs())))
                    << to_hex(a) << " * " << to_hex(b) << ", seed " << int{seed};
                ASSERT_EQ(digits_of((a + b).limbs()),
                          modulo_p(sum_of(digits_of(a.limbs()), digits_of(b.limbs()))))
                    << to_hex(a) << " + " << to_hex(b) << ", seed " << int{seed};
            }
        }
    }
}

// Loose numbers at both ends, and such that a fold leaves something negative: few low bits below
// many high ones.
std::vector<FpLimbs> loose_numbers(base::Rng& rng, std::size_t count) {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    std::vector<FpLimbs> numbers{fp_modulus,
                                 minus(limbs::loose_end, 1),
                                 minus(limbs::loose_end, ones),
                                 {0, 0, 0, limbs::loose_end[3] - 1},
                                 {0, 0, 0, std::uint64_t{3} << 61}};
    for (auto const& edge : edges()) numbers.push_back(edge.limbs());
    for (std::size_t i = 0; i < count; ++i) {
        auto number = random_limbs(rng);
        number[3] %= limbs::loose_end[3];
        if (i % 3 == 1) number[0] = number[1] = number[2] = 0;
        if (i % 3 == 2) number[0] = number[1] = number[2] = ones;
        numbers.push_back(number);
    }
    return numbers;
}

bool is_loose(FpLimbs const& number) {
    return is_less(digits_of(number), digits_of(limbs::loose_end));
}

TEST(fp_limbs, multiplies_loose_numbers_to_loose_ones) {
    for (std::uint8_t seed = 0; seed < 5; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 14});
        for (auto const& a : loose_numbers(rng, 15)) {
            for (auto const& b : loose_numbers(rng, 15)) {
                auto const product = limbs::multiply(a, b);
                ASSERT_TRUE(is_loose(product)) << "seed " << int{seed};
                ASSERT_EQ(digits_of(limbs::canonical(product)), modulo_p(product_of(a, b)))
                    << "seed " << int{seed};
            }
            auto const square = limbs::square(a);
            ASSERT_TRUE(is_loose(square)) << "seed " << int{seed};
            ASSERT_EQ(digits_of(limbs::canonical(square)), modulo_p(product_of(a, a)))
                << "seed " << int{seed};
        }
    }
}

TEST(fp_limbs, sums_two_products_and_any_number) {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    for (std::uint8_t seed = 0; seed < 3; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 15});
        auto const factors = edges_and_random(rng, 5);
        for (auto const& a : loose_numbers(rng, 10)) {
            for (auto const& b : factors) {
                auto const c = loose_numbers(rng, 1)[rng.below(20)];
                auto const& d = factors[rng.below(factors.size())];
                for (auto const& more :
                     {FpLimbs{}, random_limbs(rng), FpLimbs{ones, ones, ones, ones}}) {
                    auto const sum = limbs::sum({a, b.limbs()}, {c, d.limbs()}, more);
                    auto const products =
                        sum_of(product_of(a, b.limbs()), product_of(c, d.limbs()));
                    ASSERT_TRUE(is_loose(sum)) << "seed " << int{seed};
                    ASSERT_EQ(digits_of(limbs::canonical(sum)),
                              modulo_p(sum_of(products, digits_of(more))))
                        << "seed " << int{seed};
                }
            }
        }
    }
}

TEST(fp_limbs, sums_the_largest_products_there_are) {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    auto const a = minus(limbs::loose_end, 1);
    auto const b = minus(fp_modulus, 1);
    FpLimbs const more{ones, ones, ones, ones};
    auto const sum = limbs::sum({a, b}, {a, b}, more);
    EXPECT_TRUE(is_loose(sum));
    auto const products = sum_of(product_of(a, b), product_of(a, b));
    EXPECT_EQ(digits_of(limbs::canonical(sum)), modulo_p(sum_of(products, digits_of(more))));
}

TEST(fp_limbs, carries_through_all_limbs) {
    constexpr std::uint64_t ones = ~std::uint64_t{0};
    EXPECT_EQ(limbs::plain_sum({ones, ones, ones, 0}, {1, 0, 0, 0}), (FpLimbs{0, 0, 0, 1}));
    EXPECT_EQ(limbs::plain_sum({ones, ones, ones, ones - 1}, {0, 0, 0, 1}),
              (FpLimbs{ones, ones, ones, ones}));
    EXPECT_EQ(limbs::canonical({0, 0, 0, fp_modulus[3] + 1}),
              (FpLimbs{std::uint64_t{0} - fp_modulus[0], ~fp_modulus[1], ones, 0}));
    EXPECT_EQ(limbs::canonical(fp_modulus), FpLimbs{});
}

}  // namespace
}  // namespace crypto
