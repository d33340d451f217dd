// Goal: amounts, field elements and floating-point numbers survive being text, and nothing else is read. Method: edges.
#include "mina/text/numbers.h"

#include "base/text.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

namespace mina::text {
namespace {

constexpr auto nanomina_max = std::numeric_limits<std::uint64_t>::max();

TEST(numbers, amounts_have_no_needless_digits) {
    EXPECT_EQ(nanomina_to_mina(0), "0");
    EXPECT_EQ(nanomina_to_mina(1), "0.000000001");
    EXPECT_EQ(nanomina_to_mina(100'000'000), "0.1");
    EXPECT_EQ(nanomina_to_mina(1'000'000'000), "1");
    EXPECT_EQ(nanomina_to_mina(66'000'000'010), "66.00000001");
    EXPECT_EQ(nanomina_to_mina(nanomina_max), "18446744073.709551615");
}

TEST(numbers, amounts_are_read_with_any_number_of_zeros_at_the_end) {
    EXPECT_EQ(nanomina_from_mina("1"), 1'000'000'000U);
    EXPECT_EQ(nanomina_from_mina("0.1"), 100'000'000U);
    EXPECT_EQ(nanomina_from_mina("1.000000000"), 1'000'000'000U);
    EXPECT_EQ(nanomina_from_mina("0.000000001"), 1U);
    EXPECT_EQ(nanomina_from_mina("18446744073.709551615"), nanomina_max);
}

TEST(numbers, what_is_no_amount_is_refused) {
    for (auto const text : {"", ".", "1.", ".5", "-1", "+1", "1e3", "0x1", " 1", "1 ", "1.0000000000", "1.-1", "1,5",
                            "18446744073.709551616", "18446744074", "99999999999999999999"}) {
        EXPECT_FALSE(nanomina_from_mina(text)) << text;
    }
}

TEST(numbers, field_elements_are_shown_highest_digit_first) {
    base::ByteArray<32> element{0x0a, 0xb0};
    constexpr std::string_view text = "0x000000000000000000000000000000000000000000000000000000000000b00a";
    EXPECT_EQ(field_to_hex(element), text);
    EXPECT_EQ(field_from_hex(text), element);
    EXPECT_EQ(field_from_hex("0x000000000000000000000000000000000000000000000000000000000000B00A"), element);
}

TEST(numbers, what_is_no_field_element_is_refused) {
    std::string const good = field_to_hex(base::ByteArray<32>{});
    for (auto const& text : {std::string(), std::string("0x"), good.substr(2), good.substr(0, 65), good + "0",
                             "0X" + good.substr(2), good.substr(0, 65) + "g"}) {
        EXPECT_FALSE(field_from_hex(text)) << text;
    }
}

TEST(numbers, floats_are_short) {
    EXPECT_EQ(float_to_text(1735689600.25), "1735689600.25");
    EXPECT_EQ(float_to_text(1735689600.0), "1735689600");
    EXPECT_EQ(float_to_text(-1), "-1");
    EXPECT_EQ(float_to_text(-0.5), "-0.5");
    EXPECT_EQ(float_to_text(0.1), "0.1");
    EXPECT_EQ(float_to_text(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(numbers, all_bits_of_a_float_survive) {
    constexpr std::uint64_t edges[] = {
        0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x000fffffffffffff, 0x0010000000000000,
        0x7fefffffffffffff, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000000,
        0x7ff0000000000001, 0x3ff0000000000001, 0x41d9dd2110600000, 0x7e37e43c8800759c};
    for (auto const bits : edges) {
        auto const text = float_to_text(std::bit_cast<double>(bits));
        auto const read = float_from_text(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(std::bit_cast<std::uint64_t>(*read), bits) << text;
    }
}

TEST(numbers, what_is_no_float_is_refused) {
    for (auto const text :
         {"", "1.5x", " 1", "nan:", "nan:3ff0000000000000", "nan(1)", "-nan", "nan:7ff80000000000001", "1e999"})
        EXPECT_FALSE(float_from_text(text)) << text;
}

}  // namespace
}  // namespace mina::text
