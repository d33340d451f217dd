// Goal: fields come out as they were written, and no message reads past its end. Method: the
// examples of the protobuf encoding guide, every wire type, every truncation, random bytes.
#include "libp2p/wire/protobuf.h"

#include "base/rng.h"
#include "base/text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace libp2p::protobuf {
namespace {

using base::as_bytes;
using base::ByteString;
using base::ByteView;

ByteString hex(std::string_view text) { return base::from_hex(text).value(); }

// How many fields a message has; -1 when it is malformed.
int count_fields(ByteView message) {
    Reader reader(message);
    int count = 0;
    while (reader.next() != nullptr) ++count;
    return reader.ok() ? count : -1;
}

// protobuf.dev/programming-guides/encoding: {a: 150}, {b: "testing"}.
TEST(protobuf, reads_and_writes_the_examples_of_the_guide) {
    ByteString out;
    append_varint_field(out, 1, 150);
    EXPECT_EQ(base::to_hex(out), "089601");
    append_bytes_field(out, 2, as_bytes("testing"));
    EXPECT_EQ(base::to_hex(out), "089601120774657374696e67");
    Reader reader(out);
    auto const* field = reader.next();
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(field->number, 1U);
    EXPECT_EQ(field->type, WireType::varint);
    EXPECT_EQ(field->number_value, 150U);
    EXPECT_TRUE(field->bytes.empty());
    field = reader.next();
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(field->number, 2U);
    EXPECT_EQ(field->type, WireType::bytes);
    EXPECT_EQ(base::as_text(field->bytes), "testing");
    EXPECT_EQ(field->number_value, 0U);
    EXPECT_EQ(field->bytes.data(), out.data() + 5) << "a view, not a copy";
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_TRUE(reader.ok());
}

TEST(protobuf, reads_fixed_numbers_in_little_endian) {
    auto const bytes = hex("0901020304050607081501020304");
    Reader again(bytes);
    auto const* field = again.next();
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(field->type, WireType::fixed64);
    EXPECT_EQ(field->number_value, 0x0807060504030201U);
    field = again.next();
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(field->number, 2U);
    EXPECT_EQ(field->type, WireType::fixed32);
    EXPECT_EQ(field->number_value, 0x04030201U);
    EXPECT_EQ(again.next(), nullptr);
    EXPECT_TRUE(again.ok());
}

TEST(protobuf, takes_an_empty_message_and_empty_bytes) {
    EXPECT_EQ(count_fields({}), 0);
    EXPECT_EQ(count_fields(hex("0a00")), 1);
}

TEST(protobuf, refuses_groups_reserved_types_and_field_zero) {
    EXPECT_EQ(count_fields(hex("0b0c")), -1) << "group";
    EXPECT_EQ(count_fields(hex("0c")), -1) << "end of group";
    EXPECT_EQ(count_fields(hex("0e00")), -1) << "wire type 6";
    EXPECT_EQ(count_fields(hex("0f00")), -1) << "wire type 7";
    EXPECT_EQ(count_fields(hex("0000")), -1) << "field 0";
}

TEST(protobuf, takes_field_numbers_up_to_29_bits) {
    ByteString out;
    append_varint_field(out, (1U << 29) - 1, 1);
    EXPECT_EQ(count_fields(out), 1);
    EXPECT_EQ(count_fields(hex("808080801000")), -1) << "2^29";
    EXPECT_EQ(count_fields(hex("888080808080808080010a")), -1)
        << "a tag that would wrap to field 1";
}

// GHSA-hmj8-5xmh-5573 and its like: a length far beyond the message.
TEST(protobuf, adv_length_past_the_end_is_malformed) {
    EXPECT_EQ(count_fields(hex("0a0100")), 1);
    EXPECT_EQ(count_fields(hex("0a0200")), -1);
    EXPECT_EQ(count_fields(hex("0affffffffffffffffff01")), -1) << "2^64 - 1";
    EXPECT_EQ(count_fields(hex("0affffffffffffffffff02")), -1) << "more than 64 bits";
}

TEST(protobuf, is_malformed_when_cut_inside_a_field) {
    ByteString whole;
    std::vector<std::size_t> ends{0};
    append_varint_field(whole, 3, 1ULL << 40);
    ends.push_back(whole.size());
    append_bytes_field(whole, 300, ByteString(200, 7));
    ends.push_back(whole.size());
    base::append(whole, hex("0901020304050607081501020304"));
    ends.push_back(whole.size() - 5);
    ends.push_back(whole.size());
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        auto const at = std::ranges::find(ends, size);
        auto const expected = at == ends.end() ? -1 : static_cast<int>(at - ends.begin());
        EXPECT_EQ(count_fields(ByteView(whole).first(size)), expected) << size;
    }
}

TEST(protobuf, stays_at_its_end_once_there) {
    auto const bad = hex("0801ff");
    Reader reader(bad);
    EXPECT_NE(reader.next(), nullptr);
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_EQ(reader.next(), nullptr);
    EXPECT_FALSE(reader.ok());
}

TEST(protobuf, size_and_header_agree_with_what_is_written) {
    for (std::uint32_t const number : {1U, 15U, 16U, 2047U, 2048U}) {
        for (std::size_t const size : {0U, 1U, 127U, 128U, 20'000U}) {
            ByteString const value(size, 5);
            ByteString whole;
            append_bytes_field(whole, number, value);
            EXPECT_EQ(whole.size(), bytes_field_size(number, size));
            ByteString in_place;
            append_bytes_header(in_place, number, size);
            base::append(in_place, value);
            EXPECT_EQ(in_place, whole);
        }
    }
}

// Each message is written field by field from a random plan, then read back.
TEST(protobuf, two_ended_random_messages_come_back) {
    for (std::uint8_t seed = 0; seed < 200; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 5});
        ByteString out;
        struct Planned {
            std::uint32_t number;
            std::uint64_t value;
            ByteString bytes;
        };
        std::vector<Planned> plan;
        for (auto left = rng.below(20); left > 0; --left) {
            Planned field{static_cast<std::uint32_t>(1 + rng.below((1U << 29) - 1)),
                          rng.next() >> rng.below(64),
                          {}};
            if (rng.below(2) == 0) {
                append_varint_field(out, field.number, field.value);
            } else {
                field.value = 0;
                field.bytes.resize(1 + rng.below(300));
                rng.fill_public(field.bytes);
                append_bytes_field(out, field.number, field.bytes);
            }
            plan.push_back(std::move(field));
        }
        Reader reader(out);
        for (auto const& expected : plan) {
            auto const* field = reader.next();
            ASSERT_NE(field, nullptr) << "seed " << int{seed};
            EXPECT_EQ(field->number, expected.number);
            EXPECT_EQ(field->number_value, expected.value);
            EXPECT_TRUE(base::equal(field->bytes, expected.bytes));
        }
        EXPECT_EQ(reader.next(), nullptr);
        EXPECT_TRUE(reader.ok()) << "seed " << int{seed};
    }
}

}  // namespace
}  // namespace libp2p::protobuf
