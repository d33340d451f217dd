// Goal: the writer gives each value its shortest form, stays inside its buffer, and counts what did not fit. Method:
// the edges of each form, written into buffers of every size up to more than enough, with guard bytes behind them;
// values at random, read again.
#include "mina/binprot/writer.h"

#include "base/rng.h"
#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

namespace mina::binprot {
namespace {

// What `write` writes into a buffer of that size, and no byte behind it.
template <class Write>
base::ByteString written(std::size_t capacity, Write write, std::size_t& size) {
    auto const buffer = std::make_unique<std::uint8_t[]>(capacity);
    Writer writer({buffer.get(), capacity});
    write(writer);
    size = writer.size();
    EXPECT_EQ(writer.fits(), size <= capacity);
    return {buffer.get(), buffer.get() + std::min(size, capacity)};
}

// In every buffer: when it is too small all is counted, else all is there.
template <class Write>
void expect_written(std::string_view digits, Write write) {
    auto const expected = base::from_hex(digits).value();
    for (std::size_t capacity = 0; capacity <= expected.size() + 12; ++capacity) {
        std::size_t size = 0;
        auto const bytes = written(capacity, write, size);
        EXPECT_EQ(size, expected.size()) << digits << " into " << capacity;
        if (size > capacity) continue;
        EXPECT_EQ(base::to_hex(bytes), digits) << "into " << capacity;
    }
}

void expect_integer(std::string_view digits, std::int64_t value) {
    expect_written(digits, [&](Writer& writer) { writer.put_integer(value); });
}

TEST(writer, writes_integers_in_their_shortest_form) {
    expect_integer("00", 0);
    expect_integer("7f", 127);
    expect_integer("fe8000", 128);
    expect_integer("feff7f", 32767);
    expect_integer("fd00800000", 32768);
    expect_integer("fdffffff7f", 2147483647);
    expect_integer("fc0000008000000000", 2147483648LL);
    expect_integer("fcffffffffffffff7f", std::numeric_limits<std::int64_t>::max());
    expect_integer("ffff", -1);
    expect_integer("ff80", -128);
    expect_integer("fe7fff", -129);
    expect_integer("fe0080", -32768);
    expect_integer("fdff7fffff", -32769);
    expect_integer("fd00000080", -2147483648LL);
    expect_integer("fcffffff7fffffffff", -2147483649LL);
    expect_integer("fc0000000000000080", std::numeric_limits<std::int64_t>::min());
}

void expect_count(std::string_view digits, std::size_t value) {
    expect_written(digits, [&](Writer& writer) { writer.put_count(value); });
}

TEST(writer, writes_counts_without_a_sign) {
    expect_count("00", 0);
    expect_count("7f", 127);
    expect_count("fe8000", 128);
    expect_count("fe0080", 32768);
    expect_count("feffff", 65535);
    expect_count("fd00000100", 65536);
    expect_count("fd00000080", 2147483648U);
    expect_count("fdffffffff", 4294967295U);
    expect_count("fc0000000001000000", 4294967296U);
    expect_count("fcffffffffffffffff", std::numeric_limits<std::size_t>::max());
}

TEST(writer, writes_strings_floats_and_bytes) {
    expect_written("03616263", [](Writer& writer) { writer.put_string(base::as_bytes("abc")); });
    expect_written("00", [](Writer& writer) { writer.put_string({}); });
    expect_written("000000000000f83f", [](Writer& writer) { writer.put_float(1.5); });
    expect_written("0100000000000000", [](Writer& writer) { writer.put_little_endian(1, 8); });
    expect_written("b14687d7", [](Writer& writer) { writer.put_little_endian(0xd78746b1, 4); });
    expect_written("", [](Writer& writer) { writer.put(nullptr, 0); });
}

TEST(writer, writes_values_one_behind_another) {
    expect_written("feff7f05fdffffff7f036162630100ffff", [](Writer& writer) {
        writer.put_integer(32767);
        writer.put_byte(5);
        writer.put_integer(2147483647);
        writer.put_string(base::as_bytes("abc"));
        writer.put_count(1);
        writer.put_byte(0);
        writer.put_integer(-1);
    });
}

TEST(writer, writes_nothing_behind_what_did_not_fit) {
    base::ByteString buffer(8, 0xee);
    Writer writer(base::MutableBytes(buffer).first(4));
    writer.put_byte(1);
    writer.put(base::as_bytes("four"));
    EXPECT_FALSE(writer.fits());
    writer.put_byte(2);
    writer.put_integer(300);
    writer.put_count(70'000);
    writer.put_float(1);
    EXPECT_EQ(writer.size(), 1U + 4 + 1 + 3 + 5 + 8);
    EXPECT_EQ(base::to_hex(buffer), "01eeeeeeeeeeeeee");
}

TEST(writer, counts_without_a_buffer) {
    Writer writer({});
    writer.put_integer(-129);
    writer.put_string(base::as_bytes("0123456789"));
    EXPECT_EQ(writer.size(), 3U + 11);
    EXPECT_FALSE(writer.fits());
}

TEST(writer, is_read_back_by_the_reader) {
    base::Rng rng(base::Rng::Seed{});
    for (int i = 0; i < 20'000; ++i) {
        auto const value = static_cast<std::int64_t>(rng.next()) >> rng.below(64);
        auto const count = static_cast<std::size_t>(rng.next() >> rng.below(64));
        std::size_t size = 0;
        auto const integer = written(9, [&](Writer& writer) { writer.put_integer(value); }, size);
        Reader reader(integer);
        std::int64_t read = 0;
        ASSERT_TRUE(reader.integer<Width::int64>(read)) << value;
        ASSERT_EQ(read, value);
        ASSERT_TRUE(reader.finish());
        auto const counted = written(9, [&](Writer& writer) { writer.put_count(count); }, size);
        Reader counts(counted);
        // Nothing follows: a count is refused as too large, unless it is not in its shortest form.
        ASSERT_EQ(counts.count(size, 1), count == 0) << count;
        auto const reason = count == 0 ? Reason::truncated : Reason::count_too_large;
        ASSERT_EQ(counts.error().reason, reason) << count;
    }
}

}  // namespace
}  // namespace mina::binprot
