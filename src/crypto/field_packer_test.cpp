// Goal: items share elements as Mina has it. Method: cases worked out by hand at the edges of an
// element, and a slow packer that keeps every bit as a character.
#include "crypto/field_packer.h"

#include "base/rng.h"
#include "crypto/fp_hex.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace crypto {
namespace {

constexpr std::uint64_t ones = ~std::uint64_t{0};

// The element whose bits, most significant first, are these characters.
Fp element_of(std::string_view bits) {
    FpLimbs limbs{};
    for (std::size_t i = 0; i < bits.size(); ++i) {
        auto const bit = bits.size() - 1 - i;
        if (bits[i] == '1') limbs[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
    return Fp::from_limbs(limbs).value();
}

TEST(field_packer, begins_empty) {
    FieldPacker<1> packer;
    EXPECT_TRUE(packer.finish().empty());
}

TEST(field_packer, makes_the_first_item_most_significant) {
    FieldPacker<1> packer;
    packer.append_item(5, 3);
    packer.append_item(0xcafe, 16);
    packer.append_item(1, 1);
    auto const elements = packer.finish();
    ASSERT_EQ(elements.size(), 1U);
    EXPECT_EQ(elements[0], Fp::from_u64((5 << 16 | 0xcafe) << 1 | 1));
}

TEST(field_packer, puts_whole_elements_before_packed_ones) {
    FieldPacker<4> packer;
    packer.append_item(7, 64);
    packer.append_field(Fp::from_u64(100));
    packer.append_item(8, 64);
    packer.append_field(Fp::from_u64(101));
    auto const elements = packer.finish();
    ASSERT_EQ(elements.size(), 3U);
    EXPECT_EQ(elements[0], Fp::from_u64(100));
    EXPECT_EQ(elements[1], Fp::from_u64(101));
    EXPECT_EQ(elements[2], fp("70000000000000008"));
}

TEST(field_packer, fills_an_element_to_254_bits) {
    FieldPacker<2> packer;
    for (int i = 0; i < 3; ++i) packer.append_item(ones, 64);
    packer.append_item(ones >> 2, 62);
    packer.append_item(1, 1);
    auto const elements = packer.finish();
    ASSERT_EQ(elements.size(), 2U);
    EXPECT_EQ(elements[0], fp("3fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"));
    EXPECT_EQ(elements[1], Fp::from_u64(1));
}

TEST(field_packer, never_splits_an_item) {
    FieldPacker<2> packer;
    for (int i = 0; i < 3; ++i) packer.append_item(ones, 64);
    packer.append_item(3, 63);
    auto const elements = packer.finish();
    ASSERT_EQ(elements.size(), 2U);
    EXPECT_EQ(elements[0], fp("ffffffffffffffffffffffffffffffffffffffffffffffff"));
    EXPECT_EQ(elements[1], Fp::from_u64(3));
}

TEST(field_packer, takes_each_bit_of_a_byte_string_for_an_item_the_lowest_of_a_byte_first) {
    FieldPacker<1> packer;
    packer.append_bits(base::ByteArray<3>{0x01, 0x80, 0xff}, 19);
    auto const elements = packer.finish();
    ASSERT_EQ(elements.size(), 1U);
    EXPECT_EQ(elements[0], element_of("1000000000000001111"));
}

TEST(field_packer, breaks_byte_strings_between_any_two_bits) {
    FieldPacker<2> packer;
    packer.append_bits(base::ByteString(32, 0xaa), 256);
    auto const elements = packer.finish();
    ASSERT_EQ(elements.size(), 2U);
    EXPECT_EQ(elements[0], fp("1555555555555555555555555555555555555555555555555555555555555555"));
    EXPECT_EQ(elements[1], Fp::from_u64(1));
}

TEST(field_packer, packs_as_one_does_with_characters) {
    for (std::uint8_t seed = 0; seed < 50; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 16});
        FieldPacker<60> packer;
        std::vector<Fp> expected;
        std::string open;
        for (int i = 0; i < 200; ++i) {
            auto const bits = rng.below(4) == 0 ? 64 : 1 + rng.below(64);
            auto const value = rng.next() >> (64 - bits);
            packer.append_item(value, bits);
            if (open.size() + bits >= 255) expected.push_back(element_of(std::exchange(open, {})));
            for (auto bit = bits; bit-- > 0;) open.push_back((value >> bit & 1) != 0 ? '1' : '0');
        }
        expected.push_back(element_of(open));
        auto const elements = packer.finish();
        EXPECT_EQ(std::vector<Fp>(elements.begin(), elements.end()), expected)
            << "seed " << int{seed};
    }
}

TEST(FieldPackerDeathTest, refuses_what_its_caller_must_not_give) {
    EXPECT_DEATH({ FieldPacker<1>().append_item(4, 2); }, "wider than said");
    EXPECT_DEATH({ FieldPacker<1>().append_item(0, 0); }, "bits of an item");
    EXPECT_DEATH({ FieldPacker<1>().append_item(0, 65); }, "bits of an item");
    EXPECT_DEATH({ FieldPacker<1>().append_bits(base::ByteArray<1>{}, 9); }, "more bits");
    EXPECT_DEATH(
        {
            FieldPacker<1> packer;
            packer.append_field(Fp());
            packer.append_item(1, 1);
            (void)packer.finish();
        },
        "too many elements");
}

}  // namespace
}  // namespace crypto
