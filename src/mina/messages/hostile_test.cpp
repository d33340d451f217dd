// Goal: no input makes the codecs read past it, and each error lies inside of it. Method: the block cut at every byte
// and other messages at many, in buffers as long as their content; each count of a message replaced by lies up to
// 2^64 - 1.
#include "mina/messages/every_root.h"
#include "mina/schema/golden.h"
#include "mina/schema/integers.h"
#include "mina/schema/random.h"

#include "base/rng.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::messages {
namespace {

using binprot::Reason;
using schema::Kind;
using schema::Step;

bool is_of_missing_bytes(Reason reason) { return reason == Reason::truncated || reason == Reason::count_too_large; }

void expect_refused_when_cut(CodedRoot const& root, base::ByteView bytes, std::size_t size, std::string const& name) {
    auto const part = cut(bytes, size);
    auto const said = validate_structure(*root.codec, part);
    ASSERT_FALSE(said) << name << " cut at " << size;
    ASSERT_TRUE(is_of_missing_bytes(said.error().reason)) << name << " cut at " << size << ": "
                                                          << to_string(said.error().reason);
    ASSERT_LE(said.error().offset, size) << name;
    ASSERT_EQ(recode(root, part).error(), said.error()) << name << " cut at " << size;
}

class hostile_golden : public testing::Test {
protected:
    void SetUp() override {
        messages_ = schema::golden::messages();
        if (messages_.empty()) GTEST_SKIP() << schema::golden::folder << " is not here";
    }
    std::vector<schema::golden::Message> messages_;
};

TEST_F(hostile_golden, block_is_refused_when_cut_at_any_byte) {
    auto const block = schema::golden::message("block-357934");
    auto const root = root_named("block");
    for (std::size_t size = 0; size < block.bytes.size(); ++size) {
        ASSERT_NO_FATAL_FAILURE(expect_refused_when_cut(root, block.bytes, size, "block"));
    }
}

TEST_F(hostile_golden, messages_are_refused_when_cut) {
    constexpr std::size_t cuts_max = 3000;
    for (auto const& message : messages_) {
        auto const root = root_of(*message.type);
        for (std::size_t size = 0; size < message.bytes.size(); size += 1 + message.bytes.size() / cuts_max) {
            ASSERT_NO_FATAL_FAILURE(expect_refused_when_cut(root, message.bytes, size, message.name));
        }
    }
}

TEST(hostile_values, are_refused_when_cut_at_any_byte) {
    for (auto const& root : every_root()) {
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            base::Rng::Seed bytes_of_seed{static_cast<std::uint8_t>(seed)};
            base::Rng rng(bytes_of_seed);
            auto const bytes = schema::random_value(root.type(), {.bytes_max = 600}, [&] { return rng.next(); });
            auto const name = root.name() + ", seed " + std::to_string(seed);
            for (std::size_t size = 0; size < bytes.size(); ++size) {
                ASSERT_NO_FATAL_FAILURE(expect_refused_when_cut(root, bytes, size, name));
            }
        }
    }
}

constexpr std::uint64_t lies[] = {
    0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1'0000, 0x7fff'ffff, 0x8000'0000, 0xffff'ffff, 0x1'0000'0000,
    // Small, or nothing, times the size of an element.
    0x0400'0000'0000'0000, 0x0800'0000'0000'0000, 0x1000'0000'0000'0000, 0x2000'0000'0000'0000, 0x4000'0000'0000'0000,
    0x4000'0000'0000'0001, 0x7fff'ffff'ffff'ffff, 0x8000'0000'0000'0000, 0x8000'0000'0000'0001, 0xffff'ffff'ffff'ffff};

struct Count {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::uint64_t value = 0;
};

// One count of each list and string of the type, by the member that holds it.
std::vector<Count> counts_of(schema::Type const& type, base::ByteView bytes) {
    std::vector<Count> counts;
    std::set<std::pair<schema::Type const*, schema::Member const*>> done;
    schema::Walker walker(type, bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        auto const is_string = step.type->kind == Kind::string;
        if (step.what == Step::What::end || (!is_string && step.type->kind != Kind::list)) continue;
        if (!done.insert({step.type, step.member}).second) continue;
        counts.push_back({step.offset, step.header_bytes, is_string ? step.bytes.size() : step.count});
    }
    return counts;
}

void expect_lie_is_refused(CodedRoot const& root, base::ByteView bytes, Count const& count, std::uint64_t lie) {
    base::ByteString changed(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count.offset));
    schema::append_count(changed, lie);
    base::append(changed, bytes.subspan(count.offset + count.bytes));
    auto const said = validate_structure(*root.codec, changed);
    auto const walked = schema::walk_all(root.type(), changed);
    ASSERT_EQ(said.has_value(), walked.has_value());
    auto const recoded = recode(root, changed);
    ASSERT_EQ(said.has_value(), recoded.has_value());
    if (said) {
        ASSERT_EQ(recoded->bytes, changed);
        return;
    }
    ASSERT_EQ(recoded.error(), said.error());
    ASSERT_LE(said.error().offset, changed.size());
    // A count that the rest of the message cannot hold is an error by itself.
    if (lie >= changed.size()) {
        ASSERT_EQ(said.error(), (binprot::Error{count.offset, Reason::count_too_large}));
    }
}

TEST_F(hostile_golden, messages_with_a_count_that_lies_are_refused) {
    std::size_t checked = 0;
    for (auto const& message : messages_) {
        auto const root = root_of(*message.type);
        for (auto const& count : counts_of(*message.type, message.bytes)) {
            for (auto const lie : lies) {
                if (lie == count.value) continue;
                ASSERT_NO_FATAL_FAILURE(expect_lie_is_refused(root, message.bytes, count, lie))
                    << message.name << ": " << lie << " at " << count.offset;
                ++checked;
            }
            ASSERT_NO_FATAL_FAILURE(expect_lie_is_refused(root, message.bytes, count, count.value + 1)) << message.name;
        }
    }
    EXPECT_GT(checked, 2000U);
}

TEST(hostile_bytes, of_one_value_are_refused_or_valid_for_all) {
    for (auto const& root : every_root()) {
        for (auto const byte : {0x00, 0x01, 0x02, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff}) {
            for (std::size_t const size : {0U, 1U, 2U, 31U, 32U, 33U, 64U, 1000U, 20'000U}) {
                base::ByteString const bytes(size, static_cast<std::uint8_t>(byte));
                auto const said = validate_structure(*root.codec, bytes);
                auto const walked = schema::walk_all(root.type(), bytes);
                EXPECT_EQ(said.has_value(), walked.has_value()) << root.name() << ": " << size << " of " << byte;
                EXPECT_EQ(said.has_value(), recode(root, bytes).has_value()) << root.name();
            }
        }
    }
}

}  // namespace
}  // namespace mina::messages
