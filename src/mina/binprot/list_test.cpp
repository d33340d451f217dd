// Goal: a list points at its elements where they lie, a sequence reads them when they are looked at, and both end where
// their elements do. Method: encodings by hand, elements of each kind that a message has, in buffers that end with the
// last element.
#include "mina/binprot/list.h"

#include "mina/binprot/writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace mina::binprot {
namespace {

static_assert(std::input_iterator<Sequence<std::int64_t>::Iterator>);
static_assert(std::sentinel_for<std::default_sentinel_t, Sequence<std::int64_t>::Iterator>);

// Four bytes or less on the wire, eight in memory.
struct Pair {
    std::uint32_t number = 0;
    std::uint8_t flag = 0;
    bool decode(Reader& reader) { return read(reader, number) && reader.tag(flag, 2); }
};

template <class Write>
base::ByteString written(Write write) {
    base::ByteString buffer(4096);
    Writer writer(buffer);
    write(writer);
    EXPECT_TRUE(writer.fits());
    return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(writer.size())};
}

TEST(list, is_empty_at_first) {
    List<Field> const list;
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(list.size(), 0U);
    EXPECT_EQ(list.begin(), list.end());
}

TEST(list, of_elements_of_one_size_points_into_the_message) {
    auto const bytes = written([](Writer& writer) {
        writer.put_count(2);
        for (std::uint8_t i = 0; i < 64; ++i) writer.put_byte(i);
    });
    Reader reader(bytes);
    List<Field> fields;
    ASSERT_TRUE(read(reader, fields));
    EXPECT_TRUE(reader.finish());
    ASSERT_EQ(fields.size(), 2U);
    EXPECT_EQ(fields[1].view().data(), bytes.data() + 33);
    EXPECT_EQ(fields[1].bytes[31], 63);
    EXPECT_EQ(std::distance(fields.begin(), fields.end()), 2);
}

TEST(list, is_refused_when_its_elements_are_not_there) {
    base::ByteString bytes(64);
    bytes[0] = 2;
    Reader reader(bytes);
    List<Field> fields;
    EXPECT_FALSE(read(reader, fields));
    EXPECT_EQ(reader.error(), (Error{0, Reason::count_too_large}));
    EXPECT_TRUE(fields.empty());
}

TEST(sequence, is_empty_at_first) {
    Sequence<std::int64_t> const sequence;
    EXPECT_TRUE(sequence.empty());
    EXPECT_TRUE(sequence.begin() == sequence.end());
}

TEST(sequence, reads_integers_of_every_width_and_form) {
    std::int64_t const values[] = {0, 127, 128, -1, -129, 32768, 2147483648LL, -2147483649LL};
    auto const bytes = written([&](Writer& writer) {
        for (auto const value : values) writer.put_integer(value);
    });
    auto const count = std::size(values);
    Sequence<std::int64_t> const sequence(bytes, count);
    EXPECT_EQ(sequence.size(), count);
    std::vector<std::int64_t> read;
    for (auto const value : sequence) read.push_back(value);
    EXPECT_TRUE(std::ranges::equal(read, values));
    std::vector<std::uint64_t> unsigned_ones;
    for (auto const value : Sequence<std::uint64_t>(bytes, count)) unsigned_ones.push_back(value);
    EXPECT_EQ(unsigned_ones[3], ~std::uint64_t{0});
    // The seventh is no int32: what can be read is.
    std::vector<std::uint32_t> short_ones;
    for (auto const value : Sequence<std::uint32_t>(bytes, count)) short_ones.push_back(value);
    EXPECT_EQ(short_ones.size(), 6U);
    EXPECT_EQ(short_ones[3], ~std::uint32_t{0});
}

TEST(sequence, can_be_gone_through_twice) {
    auto const bytes = written([](Writer& writer) {
        for (std::int64_t i = 0; i < 300; ++i) writer.put_integer(i);
    });
    Sequence<std::int64_t> const sequence(bytes, 300);
    for (int round = 0; round < 2; ++round) {
        std::int64_t sum = 0;
        for (auto const value : sequence) sum += value;
        EXPECT_EQ(sum, 300 * 299 / 2);
    }
}

TEST(sequence, reads_structs) {
    auto const bytes = written([](Writer& writer) {
        for (std::int64_t i = 0; i < 3; ++i) {
            writer.put_integer(1000 * i);
            writer.put_byte(static_cast<std::uint8_t>(i % 2));
        }
    });
    Sequence<Pair> const sequence(bytes, 3);
    auto iterator = sequence.begin();
    EXPECT_EQ(iterator->number, 0U);
    ++iterator;
    EXPECT_EQ((*iterator).number, 1000U);
    EXPECT_EQ(iterator->flag, 1);
    iterator++;
    EXPECT_EQ(iterator->number, 2000U);
    ++iterator;
    EXPECT_TRUE(iterator == sequence.end());
}

TEST(sequence, of_sequences_finds_the_end_of_each) {
    auto const bytes = written([](Writer& writer) {
        writer.put_count(3);
        for (std::size_t size = 0; size < 3; ++size) {
            writer.put_count(size);
            for (std::size_t i = 0; i < size; ++i) writer.put_integer(200);
        }
        writer.put_byte(9);
    });
    Reader reader(bytes);
    Sequence<Sequence<std::int64_t>> outer;
    ASSERT_TRUE(read(reader, outer));
    EXPECT_EQ(reader.remaining(), 1U);
    std::vector<std::size_t> sizes;
    for (auto const& inner : outer) {
        sizes.push_back(inner.size());
        for (auto const value : inner) EXPECT_EQ(value, 200);
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(outer.bytes().size(), bytes.size() - 2);
}

TEST(sequence, of_lists_points_into_the_message) {
    auto const bytes = written([](Writer& writer) {
        for (std::uint8_t i = 0; i < 2; ++i) {
            writer.put_count(1);
            writer.put(base::ByteString(32, i));
        }
    });
    std::vector<std::uint8_t const*> where;
    for (auto const& fields : Sequence<List<Field>>(bytes, 2)) where.push_back(fields[0].view().data());
    EXPECT_EQ(where, (std::vector<std::uint8_t const*>{bytes.data() + 1, bytes.data() + 34}));
}

TEST(sequence, of_strings_points_into_the_message) {
    auto const bytes = written([](Writer& writer) {
        writer.put_string(base::as_bytes("one"));
        writer.put_string({});
        writer.put_string(base::as_bytes("three"));
    });
    std::vector<std::string_view> texts;
    for (auto const text : Sequence<base::ByteView>(bytes, 3)) texts.push_back(base::as_text(text));
    EXPECT_EQ(texts, (std::vector<std::string_view>{"one", "", "three"}));
}

TEST(sequence, that_lies_about_its_size_ends_with_its_bytes) {
    auto const bytes = written([](Writer& writer) { writer.put_integer(1); });
    std::size_t count = 0;
    for ([[maybe_unused]] auto const value : Sequence<std::int64_t>(bytes, 1000)) ++count;
    EXPECT_EQ(count, 1U);
}

TEST(sequence, is_refused_when_an_element_is_wrong) {
    base::ByteString const bytes = {2, 0, 0xfb};
    Reader reader(bytes);
    Sequence<std::int64_t> sequence;
    EXPECT_FALSE(read(reader, sequence));
    EXPECT_EQ(reader.error(), (Error{2, Reason::bad_integer}));
}

TEST(field_types, lie_in_a_message_as_they_are) {
    struct Row {
        std::uint8_t before;
        Vector<Field, 3> fields;
        Float64 number;
    };
    static_assert(sizeof(Row) == 1 + 97 + 8 && alignof(Row) == 1);
    base::ByteString bytes(sizeof(Row), 1);
    bytes[1 + 96] = 0;
    auto const number = base::ByteArray<8>{0, 0, 0, 0, 0, 0, 0xf8, 0x3f};
    std::ranges::copy(number, bytes.end() - 8);
    auto const& row = *reinterpret_cast<Row const*>(bytes.data());
    EXPECT_EQ(row.fields.size(), 3U);
    EXPECT_EQ(row.fields[2], row.fields[0]);
    EXPECT_EQ(row.fields.unit, Unit{});
    EXPECT_EQ(std::distance(row.fields.begin(), row.fields.end()), 3);
    EXPECT_EQ(row.number.value(), 1.5);
}

}  // namespace
}  // namespace mina::binprot
