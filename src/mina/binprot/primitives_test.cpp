// Goal: primitives are those of Mina's nodes. Method: primitives.json of the shared folder, made with another
// implementation's codec: each value is read to what it says, and written to the same bytes.
#include "mina/binprot/list.h"
#include "mina/binprot/writer.h"

#include "base/text.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <fstream>

namespace mina::binprot {
namespace {

constexpr char const* path = MINAP2P_SHARED_DIR "/data/berkeley/golden/primitives.json";

struct Row {
    std::string type;
    std::string value;
    base::ByteString bytes;
};

std::vector<Row> rows() {
    std::vector<Row> all;
    std::ifstream file(path);
    if (!file) return all;
    for (auto const& row : nlohmann::json::parse(file)) {
        all.push_back({row["type"], row["value"], base::from_hex(row["hex"].get<std::string>()).value()});
    }
    return all;
}

template <Width W>
std::int64_t integer(base::ByteView bytes) {
    Reader reader(bytes);
    std::int64_t value = 0;
    EXPECT_TRUE(reader.integer<W>(value) && reader.finish()) << base::to_hex(bytes);
    return value;
}

template <class Write>
base::ByteString written(Write write) {
    Writer counting({});
    write(counting);
    base::ByteString bytes(counting.size());
    Writer writer(bytes);
    write(writer);
    return bytes;
}

base::ByteString integer_bytes(std::int64_t value) {
    return written([&](Writer& writer) { writer.put_integer(value); });
}

class golden_primitives : public testing::Test {
protected:
    void SetUp() override {
        rows_ = rows();
        if (rows_.empty()) GTEST_SKIP() << path << " is not here";
    }
    // Calls `check` for the rows of a type, and wants there to be some.
    template <class Check>
    void for_each(std::string const& type, Check check) {
        std::size_t count = 0;
        for (auto const& row : rows_) {
            if (!row.type.starts_with(type)) continue;
            check(row);
            ++count;
        }
        EXPECT_NE(count, 0U) << type;
    }
    std::vector<Row> rows_;
};

TEST_F(golden_primitives, of_signed_types_are_read_and_written) {
    for_each("int64", [](Row const& row) {
        EXPECT_EQ(std::to_string(integer<Width::int64>(row.bytes)), row.value);
        EXPECT_EQ(integer_bytes(std::stoll(row.value)), row.bytes) << row.value;
    });
    for_each("int32", [](Row const& row) {
        EXPECT_EQ(std::to_string(integer<Width::int32>(row.bytes)), row.value);
        EXPECT_EQ(std::to_string(integer<Width::int63>(row.bytes)), row.value);
        EXPECT_EQ(integer_bytes(std::stoi(row.value)), row.bytes) << row.value;
    });
}

TEST_F(golden_primitives, of_unsigned_types_are_the_signed_ones_of_the_same_bits) {
    for_each("uint64", [](Row const& row) {
        auto const value = std::stoull(row.value);
        EXPECT_EQ(static_cast<std::uint64_t>(integer<Width::int64>(row.bytes)), value);
        EXPECT_EQ(integer_bytes(static_cast<std::int64_t>(value)), row.bytes) << row.value;
    });
    for_each("uint32", [](Row const& row) {
        auto const value = static_cast<std::uint32_t>(std::stoul(row.value));
        EXPECT_EQ(static_cast<std::uint32_t>(integer<Width::int32>(row.bytes)), value);
        EXPECT_EQ(integer_bytes(static_cast<std::int32_t>(value)), row.bytes) << row.value;
    });
}

TEST_F(golden_primitives, of_counts_are_written_and_read_when_they_fit) {
    constexpr std::size_t elements_max = 100'000;
    for_each("nat0", [](Row const& row) {
        auto const value = std::stoull(row.value);
        EXPECT_EQ(written([&](Writer& writer) { writer.put_count(value); }), row.bytes) << row.value;
        auto bytes = row.bytes;
        if (value <= elements_max) bytes.resize(bytes.size() + value);
        Reader reader(bytes);
        std::size_t count = 0;
        EXPECT_EQ(reader.count(count, 1), value <= elements_max) << row.value;
        if (value <= elements_max) {
            EXPECT_EQ(count, value);
        } else {
            EXPECT_EQ(reader.error().reason, Reason::count_too_large) << row.value;
        }
    });
}

TEST_F(golden_primitives, of_floats_are_read_and_written) {
    for_each("float", [](Row const& row) {
        ASSERT_EQ(row.bytes.size(), sizeof(Float64));
        auto const value = reinterpret_cast<Float64 const*>(row.bytes.data())->value();
        EXPECT_EQ(value, std::stod(row.value));
        EXPECT_EQ(written([&](Writer& writer) { writer.put_float(value); }), row.bytes) << row.value;
    });
}

TEST_F(golden_primitives, of_strings_are_read_and_written) {
    for_each("string", [](Row const& row) {
        Reader reader(row.bytes);
        base::ByteView text;
        ASSERT_TRUE(reader.string(text) && reader.finish());
        EXPECT_EQ(base::as_text(text), std::string(std::stoul(row.value), 'a'));
        EXPECT_EQ(written([&](Writer& writer) { writer.put_string(text); }), row.bytes);
    });
}

TEST_F(golden_primitives, of_one_byte_are_read) {
    std::uint8_t tag = 0;
    for_each("bool", [&](Row const& row) {
        Reader reader(row.bytes);
        ASSERT_TRUE(reader.tag(tag, 2, Reason::bad_boolean) && reader.finish());
        EXPECT_EQ(tag, row.value == "true" ? 1 : 0);
    });
    for_each("unit", [&](Row const& row) {
        Reader reader(row.bytes);
        EXPECT_TRUE(reader.tag(tag, 1, Reason::bad_unit) && reader.finish());
    });
}

TEST_F(golden_primitives, of_more_than_one_value_are_read) {
    for_each("option int32", [](Row const& row) {
        Reader reader(row.bytes);
        std::uint8_t tag = 0;
        std::uint32_t value = 0;
        ASSERT_TRUE(reader.tag(tag, 2, Reason::bad_option) && (tag == 0 || read(reader, value)) && reader.finish());
        EXPECT_EQ(row.value, tag == 0 ? "None" : "Some " + std::to_string(value));
    });
    for_each("list int32", [](Row const& row) {
        Reader reader(row.bytes);
        Sequence<std::uint32_t> list;
        ASSERT_TRUE(read(reader, list) && reader.finish());
        std::string text;
        for (auto const value : list) text += (text.empty() ? "[" : ";") + std::to_string(value);
        EXPECT_EQ(text + "]", row.value);
    });
    for_each("vec2 int64", [](Row const& row) {
        Reader reader(row.bytes);
        std::uint64_t first = 0;
        std::uint64_t second = 0;
        std::uint8_t unit = 0;
        ASSERT_TRUE(read(reader, first) && read(reader, second));
        ASSERT_TRUE(reader.tag(unit, 1, Reason::bad_unit) && reader.finish());
        EXPECT_EQ(std::to_string(first) + "," + std::to_string(second), row.value);
    });
}

}  // namespace
}  // namespace mina::binprot
