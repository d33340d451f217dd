// Goal: validating and encoding take no memory, decoding takes little and never more than it may. Method: operator
// new is counted (counted_new.h): golden messages, and messages of a megabyte in which one list has as many of its
// shortest elements as fit, since they grow most when they are decoded.
#include "base/testing/counted_new.h"
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/every_root.h"
#include "mina/schema/golden.h"
#include "mina/schema/integers.h"
#include "mina/schema/random.h"

#include "base/check.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::messages {
namespace {

using schema::Kind;
using schema::Step;
using StagedLedger = berkeley::GetStagedLedgerAuxAndPendingCoinbasesAtHashResponse;

constexpr std::size_t block_bytes = binprot::Arena::block_bytes;

class memory : public testing::Test {
protected:
    void SetUp() override {
        messages_ = schema::golden::messages();
        if (messages_.empty()) GTEST_SKIP() << schema::golden::folder << " is not here";
    }
    std::vector<schema::golden::Message> messages_;
};

TEST_F(memory, is_not_allocated_to_validate) {
    for (auto const& message : messages_) {
        auto const root = root_of(*message.type);
        bool is_valid = false;
        auto const made = base::testing::allocations_of([&] {
            is_valid = validate(*root.codec, message.bytes).has_value();
        });
        EXPECT_TRUE(is_valid) << message.name;
        EXPECT_EQ(made.count, 0U) << message.name;
    }
}

TEST_F(memory, is_not_allocated_to_refuse) {
    auto const block = schema::golden::message("block-357934");
    auto const root = root_named("block");
    for (std::size_t size = 0; size < block.bytes.size(); size += 37) {
        auto const made = base::testing::allocations_of([&] {
            auto const said = validate(*root.codec, base::ByteView(block.bytes).first(size));
            base::check(!said.has_value(), "a block that is cut off is refused");
        });
        EXPECT_EQ(made.count, 0U) << size;
    }
}

template <class T>
void expect_no_allocation_to_encode(base::ByteView bytes, std::string const& name) {
    binprot::Arena arena;
    auto const value = decode<T>(bytes, arena);
    ASSERT_TRUE(value) << name;
    base::ByteString buffer(bytes.size());
    std::size_t size = 0;
    auto const made = base::testing::allocations_of([&] {
        size = encoded_size(**value);
        binprot::Writer writer(buffer);
        encode_value(**value, writer);
    });
    EXPECT_EQ(made.count, 0U) << name;
    EXPECT_EQ(size, bytes.size()) << name;
    EXPECT_TRUE(base::equal(buffer, bytes)) << name;
}

TEST_F(memory, is_not_allocated_to_encode_into_a_buffer) {
    for (auto const& [name, type, bytes] : messages_) {
        auto const alias = root_of(*type).root->alias;
        if (alias == "block") expect_no_allocation_to_encode<berkeley::Block>(bytes, name);
        if (alias == "gossip") expect_no_allocation_to_encode<berkeley::Gossip>(bytes, name);
        if (alias == "zkapp-command") expect_no_allocation_to_encode<berkeley::ZkappCommand>(bytes, name);
        if (name == "get-staged-ledger-aux.response") expect_no_allocation_to_encode<StagedLedger>(bytes, name);
    }
}

TEST_F(memory, is_allocated_a_block_at_a_time_to_decode) {
    for (auto const& message : messages_) {
        auto const root = root_of(*message.type);
        base::ByteString buffer(message.bytes.size());
        binprot::Arena arena;
        auto const made = base::testing::allocations_of([&] {
            binprot::Reader reader(message.bytes);
            binprot::Writer writer(buffer);
            base::check(root.codec->recode(reader, arena, writer), "a golden message is decoded");
        });
        EXPECT_LE(made.count, arena.used_bytes() / block_bytes + 2) << message.name;
        EXPECT_EQ(made.count, arena.blocks()) << message.name;
        // The struct of the root itself may be larger than a message of few bytes.
        EXPECT_LE(arena.used_bytes(), message.bytes.size() * 3 / 2 + 64) << message.name;
    }
}

TEST_F(memory, is_not_allocated_to_decode_small_messages_one_after_another) {
    binprot::Arena arena;
    base::ByteString buffer(64 * 1024);
    arena.make<std::uint64_t>();
    for (auto const& message : messages_) {
        if (message.bytes.size() > buffer.size()) continue;
        auto const root = root_of(*message.type);
        auto const made = base::testing::allocations_of([&] {
            arena.clear();
            binprot::Reader reader(message.bytes);
            binprot::Writer writer(buffer);
            base::check(root.codec->recode(reader, arena, writer), "a golden message is decoded");
        });
        EXPECT_EQ(made.count, arena.blocks() - 1) << message.name;
    }
}

// ---- messages made to grow

struct Stuffed {
    std::string where;
    base::ByteString bytes;
};

// The message with the shortest elements in one of its lists, as many as make it `size` bytes long; one for each list
// of its type.
std::vector<Stuffed> stuffed(schema::Type const& type, base::ByteView bytes, std::size_t size) {
    std::vector<Stuffed> all;
    std::set<std::pair<schema::Type const*, schema::Member const*>> done;
    std::vector<std::pair<Step, std::string>> open;
    schema::Walker walker(type, bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        if (step.what == Step::What::begin) open.emplace_back(step, walker.path());
        if (step.what != Step::What::end) continue;
        auto const [begun, where] = std::move(open.back());
        open.pop_back();
        if (step.type->kind != Kind::list || !done.insert({step.type, step.member}).second) continue;
        auto const element = schema::shortest_value(*step.type->element);
        auto const count = size / element.size();
        Stuffed one{.where = where, .bytes = cut(bytes, begun.offset)};
        schema::append_count(one.bytes, count);
        one.bytes.reserve(one.bytes.size() + count * element.size() + bytes.size());
        for (std::size_t i = 0; i < count; ++i) base::append(one.bytes, element);
        base::append(one.bytes, bytes.subspan(step.offset));
        all.push_back(std::move(one));
    }
    return all;
}

// Decodes what may be made to grow, and wants it to stay below the bound; gives what it grew to.
double expect_bounded(CodedRoot const& root, Stuffed const& one) {
    base::ByteString buffer(one.bytes.size());
    auto const bytes_max = arena_bytes_max(one.bytes.size());
    binprot::Arena arena(bytes_max);
    binprot::Reader reader(one.bytes);
    bool is_decoded = false;
    auto const made = base::testing::allocations_of([&] {
        binprot::Writer writer(buffer);
        is_decoded = root.codec->recode(reader, arena, writer) && reader.finish();
    });
    EXPECT_LE(arena.used_bytes(), bytes_max) << one.where;
    // A quarter of a block may stay empty at its end, and the last block may have just been begun.
    EXPECT_LE(made.bytes, bytes_max + bytes_max / 3 + 2 * block_bytes) << one.where;
    EXPECT_TRUE(validate_structure(*root.codec, one.bytes)) << one.where;
    if (is_decoded) {
        EXPECT_TRUE(buffer == one.bytes) << one.where;
    } else {
        EXPECT_EQ(reader.error().reason, binprot::Reason::memory_limit) << one.where;
    }
    // Without the bound it would have been decoded.
    binprot::Arena larger;
    binprot::Reader again(one.bytes);
    binprot::Writer writer(buffer);
    EXPECT_TRUE(root.codec->recode(again, larger, writer) && again.finish() && buffer == one.bytes) << one.where;
    EXPECT_EQ(is_decoded, larger.used_bytes() <= bytes_max) << one.where;
    return static_cast<double>(larger.used_bytes()) / static_cast<double>(one.bytes.size());
}

TEST_F(memory, is_bounded_for_messages_made_to_grow) {
    constexpr std::size_t size = 1024 * 1024;
    std::set<std::string> done;
    double growth_max = 0;
    for (auto const& message : messages_) {
        auto const root = root_of(*message.type);
        for (auto const& one : stuffed(*message.type, message.bytes, size)) {
            if (!done.insert(std::string(root.root->alias) + one.where).second) continue;
            auto const growth = expect_bounded(root, one);
            if (growth > growth_max) RecordProperty("grows_most", one.where + ": " + std::to_string(growth));
            growth_max = std::max(growth, growth_max);
        }
    }
    EXPECT_GT(growth_max, 2.0) << "none reaches the bound";
}

TEST_F(memory, is_bounded_for_scan_trees_of_empty_nodes) {
    auto const message = schema::golden::message("get-staged-ledger-aux.response");
    auto const root = root_of(*message.type);
    // Some; a tree of empty nodes in place of the first, and nothing behind it.
    base::ByteString bytes = {1};
    for (std::size_t level = 0; level < 18; ++level) {
        bytes.insert(bytes.end(), {1, 0});
        bytes.resize(bytes.size() + 5 * (std::size_t{1} << level));
    }
    bytes.push_back(0);
    bytes.resize(bytes.size() + 3 * (std::size_t{1} << 18));
    auto const bytes_max = arena_bytes_max(bytes.size());
    binprot::Arena arena(bytes_max);
    binprot::Reader reader(bytes);
    binprot::Writer writer({});
    auto const made = base::testing::allocations_of([&] { root.codec->recode(reader, arena, writer); });
    EXPECT_EQ(reader.error().reason, binprot::Reason::memory_limit);
    EXPECT_LE(made.bytes, bytes_max + bytes_max / 3 + 2 * block_bytes);
}

}  // namespace
}  // namespace mina::messages
