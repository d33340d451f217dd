// Goal: the walker reads what Mina's nodes write, all of it and nothing beyond. Method: real and built messages
// (shared/data/berkeley/golden), each whole, with a byte more, and cut at every byte; buffers are as long as what is in
// them, so that the address sanitizer sees a read past the end.
#include "mina/schema/golden.h"

#include "base/text.h"
#include "mina/schema/explain.h"
#include "mina/schema/fields.h"
#include "mina/schema/integers.h"
#include "mina/schema/sample_types.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::schema {
namespace {

using binprot::Reason;

// Each cut walks from the beginning: the cost is quadratic.
constexpr std::size_t cut_bytes_max = 3'000;

// The first bytes, in a buffer of their own.
base::ByteString cut_at(base::ByteString const& bytes, std::size_t size) {
    return base::to_byte_string(base::ByteView(bytes).first(size));
}

class golden_messages : public testing::Test {
protected:
    void SetUp() override {
        messages_ = golden::messages();
        if (messages_.empty()) GTEST_SKIP() << golden::folder << " is not here";
    }
    std::vector<golden::Message> messages_;
};

TEST_F(golden_messages, walk_to_their_end) {
    for (auto const& message : messages_) {
        auto const wrong = explain(*message.type, message.bytes);
        EXPECT_FALSE(wrong) << message.name << ": " << wrong->text;
        EXPECT_FALSE(first_unreduced_field(*message.type, message.bytes)) << message.name;
    }
    EXPECT_EQ(messages_.size(), 51U);
}

TEST_F(golden_messages, have_one_type_each) {
    // Those that are no value of a type by themselves.
    std::set<std::string> others;
    for (auto const& row : golden::read_json("index.json")) others.insert(row["name"].get<std::string>());
    for (auto const& message : messages_) others.erase(message.name);
    for (auto const& name : others)
        EXPECT_TRUE(name.starts_with("msg-") || name.starts_with("frame-") || name.starts_with("breadcrumb-")) << name;
}

TEST_F(golden_messages, are_refused_with_a_byte_more) {
    for (auto const& message : messages_) {
        auto longer = message.bytes;
        longer.push_back(0);
        auto const walked = walk_all(*message.type, longer);
        ASSERT_FALSE(walked) << message.name;
        EXPECT_EQ(walked.error(), (binprot::Error{message.bytes.size(), Reason::trailing_bytes})) << message.name;
    }
}

TEST_F(golden_messages, are_refused_when_cut_at_any_byte) {
    for (auto const& message : messages_) {
        if (message.bytes.size() > cut_bytes_max) continue;
        for (std::size_t size = 0; size < message.bytes.size(); ++size) {
            auto const cut = cut_at(message.bytes, size);
            auto const walked = walk_all(*message.type, cut);
            ASSERT_FALSE(walked) << message.name << " cut at " << size;
            auto const reason = walked.error().reason;
            EXPECT_TRUE(reason == Reason::truncated || reason == Reason::count_too_large) << message.name;
            EXPECT_LE(walked.error().offset, size) << message.name;
        }
    }
}

TEST_F(golden_messages, are_refused_when_large_and_cut_anywhere) {
    for (auto const& message : messages_) {
        for (std::size_t size = 0; size < message.bytes.size(); size += 1 + message.bytes.size() / 97) {
            auto const cut = cut_at(message.bytes, size);
            EXPECT_FALSE(walk_all(*message.type, cut)) << message.name << " cut at " << size;
        }
    }
}

TEST_F(golden_messages, hold_a_block_in_a_breadcrumb) {
    auto const breadcrumb = golden::read(golden::folder + "../devnet-357934-breadcrumb.bin");
    ASSERT_TRUE(breadcrumb);
    auto const block = golden::message("block-357934");
    ASSERT_NE(block.type, nullptr);
    // 00, the block, and more.
    Walker walker(*block.type, base::ByteView(*breadcrumb).subspan(1));
    auto next = walker.next();
    while (next && *next) next = walker.next();
    EXPECT_TRUE(next);
    EXPECT_EQ(walker.offset(), block.bytes.size());
}

TEST_F(golden_messages, begin_and_end_each_value_once) {
    for (auto const& message : messages_) {
        Walker walker(*message.type, message.bytes);
        std::vector<Step> open;
        std::size_t covered = 0;
        for (auto next = walker.next(); next && *next; next = walker.next()) {
            auto const& step = **next;
            if (step.what == Step::What::end) {
                ASSERT_FALSE(open.empty());
                EXPECT_EQ(open.back().type, step.type);
                EXPECT_EQ(open.back().constructor, step.constructor);
                EXPECT_EQ(open.back().index, step.index);
                EXPECT_EQ(open.back().member, step.member);
                open.pop_back();
                ASSERT_EQ(step.depth, open.size());
                covered += walker.offset() - covered;
                continue;
            }
            ASSERT_EQ(step.depth, open.size());
            ASSERT_EQ(step.offset, covered) << message.name << " " << walker.path();
            covered = walker.offset();
            if (step.what == Step::What::begin) open.push_back(step);
        }
        EXPECT_TRUE(open.empty()) << message.name;
        EXPECT_EQ(covered, message.bytes.size()) << message.name;
    }
}

// What primitives.json calls a type.
Type const* primitive(std::string const& name) {
    if (name == "unit") return &sample::unit;
    if (name == "bool") return &sample::boolean;
    if (name == "float") return &sample::float64;
    if (name.ends_with("int32") && !name.starts_with("option") && !name.starts_with("list")) return &sample::int32;
    if (name == "int64" || name == "uint64 sent as int64") return &sample::int64;
    if (name.starts_with("string")) return &sample::string;
    if (name.starts_with("option")) return &sample::option;
    if (name.starts_with("list")) return &sample::list;
    if (name.starts_with("vec2")) return &sample::vector;
    if (name.starts_with("poly")) return &sample::named("@Sync_status.T.V1");
    return nullptr;
}

// The value as primitives.json writes it; nothing of types whose value has parts.
std::string shown(std::string const& type, Step const& step) {
    auto const number = static_cast<std::uint64_t>(step.integer);
    if (type == "int32" || type == "int64") return std::to_string(step.integer);
    if (type.starts_with("uint32")) return std::to_string(static_cast<std::uint32_t>(number));
    if (type.starts_with("uint64")) return std::to_string(number);
    if (type.starts_with("poly")) return "`" + std::string(step.constructor->name);
    if (type == "bool") return step.integer != 0 ? "true" : "false";
    return type.starts_with("string") ? std::to_string(step.bytes.size()) : "";
}

TEST_F(golden_messages, of_primitives_have_their_values) {
    std::size_t walked = 0;
    for (auto const& row : golden::read_json("primitives.json")) {
        auto const* type = primitive(row["type"].get<std::string>());
        auto const bytes = base::from_hex(row["hex"].get<std::string>()).value();
        if (type == nullptr) {
            EXPECT_EQ(row["type"], "nat0");
            auto const count = read_count(bytes);
            ASSERT_TRUE(count) << row;
            EXPECT_EQ(std::to_string(count->value), row["value"].get<std::string>());
            continue;
        }
        auto const wrong = explain(*type, bytes);
        EXPECT_FALSE(wrong) << row << wrong->text;
        Walker walker(*type, bytes);
        auto const value = shown(row["type"].get<std::string>(), walker.next().value().value());
        EXPECT_TRUE(value.empty() || value == row["value"].get<std::string>()) << row << value;
        ++walked;
    }
    EXPECT_GT(walked, 80U);
}

}  // namespace
}  // namespace mina::schema
