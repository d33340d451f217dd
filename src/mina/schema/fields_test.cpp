// Goal: exactly the elements below their modulus pass. Method: the moduli and their neighbours, in values by hand and
// in a real block.
#include "mina/schema/fields.h"

#include "mina/schema/golden.h"
#include "mina/schema/sample_types.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mina::schema {
namespace {

constexpr std::string_view p = "40000000000000000000000000000000224698fc094cf91b992d30ed00000001";
constexpr std::string_view q = "40000000000000000000000000000000224698fc0994a8dd8c46eb2100000001";

// A number as on the wire.
base::ByteString element(std::string_view big_endian) {
    auto bytes = sample::hex(big_endian);
    std::ranges::reverse(bytes);
    return bytes;
}

TEST(fields, end_below_their_moduli) {
    EXPECT_FALSE(is_reduced(Kind::field_p, element(p)));
    EXPECT_FALSE(is_reduced(Kind::field_q, element(q)));
    EXPECT_TRUE(is_reduced(Kind::field_q, element(p))) << "q is the larger";
    EXPECT_FALSE(is_reduced(Kind::field_p, element(q)));
    for (auto const field : {Kind::field_p, Kind::field_q}) {
        auto number = element(field == Kind::field_p ? p : q);
        number[0] = 0;
        EXPECT_TRUE(is_reduced(field, number)) << "the modulus less one";
        number[0] = 2;
        EXPECT_FALSE(is_reduced(field, number));
        EXPECT_TRUE(is_reduced(field, base::ByteString(32)));
        EXPECT_FALSE(is_reduced(field, base::ByteString(32, 0xff)));
        number = base::ByteString(32, 0xff);
        number[31] = 0x3f;
        EXPECT_TRUE(is_reduced(field, number));
        number = base::ByteString(32, 0);
        number[31] = 0x41;
        EXPECT_FALSE(is_reduced(field, number));
    }
}

TEST(fields, that_are_not_reduced_are_found_with_their_place) {
    base::ByteString bytes{2};
    base::append(bytes, base::ByteString(32, 0x11));
    base::append(bytes, element(q));
    auto const fault = first_unreduced_field(sample::fields, bytes);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->offset, 33U);
    EXPECT_EQ(fault->path, "[1]");
    EXPECT_TRUE(first_unreduced_field(sample::field_q, element(q)));
    EXPECT_FALSE(first_unreduced_field(sample::field_q, element(p)));
}

TEST(fields, are_not_looked_for_behind_an_error) {
    base::ByteString bytes{3};
    base::append(bytes, base::ByteString(64, 0xff));
    EXPECT_FALSE(first_unreduced_field(sample::fields, bytes));
}

TEST(fields, of_a_real_block_are_seen_when_one_is_spoilt) {
    auto block = golden::message("block-357934");
    if (block.type == nullptr) GTEST_SKIP() << golden::folder << " is not here";
    EXPECT_FALSE(first_unreduced_field(*block.type, block.bytes));
    block.bytes[63] = 0x40;
    block.bytes[48] = 0xff;
    auto const fault = first_unreduced_field(*block.type, block.bytes);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->offset, 32U);
    EXPECT_EQ(fault->path, "header.protocol_state.body.genesis_state_hash");
}

}  // namespace
}  // namespace mina::schema
