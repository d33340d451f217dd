// Goal: a recursive type may nest 256 levels and no more, in validator, decoder and walker alike, without recursion.
// Method: the three recursive types (calls of a zkApp command, trees of accounts and of coinbases), each as deep as
// the limit, one less, one more, and far beyond it; trees that lean to the left, to the right, and both ways in turn.
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/every_root.h"
#include "mina/schema/random.h"

#include <gtest/gtest.h>

namespace mina::messages {
namespace {

using binprot::Reason;

constexpr std::size_t levels[] = {1, 2, 3, 128, 254, 255, 256, 257, 300, 100'000};

template <class T>
void expect_nested(schema::Type const& type, base::ByteView bytes, std::size_t depth) {
    binprot::Reader reader(bytes);
    auto const is_valid = T::validate(reader) && reader.finish();
    auto const expected = depth <= binprot::nesting_max;
    ASSERT_EQ(is_valid, expected) << depth << " levels: " << to_string(reader.error().reason);
    binprot::Arena arena;
    auto const value = decode<T>(bytes, arena);
    ASSERT_EQ(value.has_value(), expected) << depth << " levels";
    if (value) {
        ASSERT_TRUE(encode(**value) == base::to_byte_string(bytes)) << depth << " levels";
    } else {
        ASSERT_EQ(reader.error().reason, Reason::too_deep) << depth << " levels";
        ASSERT_EQ(value.error(), reader.error()) << depth << " levels";
        ASSERT_LE(reader.error().offset, bytes.size());
    }
    auto const walked = schema::walk_all(type, bytes);
    ASSERT_EQ(walked.has_value(), expected) << depth << " levels";
    if (!walked) {
        ASSERT_EQ(walked.error(), reader.error()) << depth << " levels";
    }
}

// ---- calls of a zkApp command

struct Call {
    base::ByteString before;  // of its calls
    base::ByteString after;
};

// A call without calls, taken apart.
Call call_of(schema::Type const& type) {
    auto const bytes = schema::shortest_value(type);
    // Behind the calls: the unit in place of a hash.
    return {cut(bytes, bytes.size() - 2), {0}};
}

// Calls inside one another, so many levels; each has `siblings` without calls before the one that has them.
base::ByteString nested_calls(Call const& call, std::size_t depth, std::size_t siblings = 0) {
    base::ByteString bytes;
    auto const count = static_cast<std::uint8_t>(1 + siblings);
    for (std::size_t i = 1; i < depth; ++i) {
        base::append(bytes, call.before);
        bytes.push_back(count);
        for (std::size_t sibling = 0; sibling < siblings; ++sibling) {
            base::append(bytes, call.before);
            bytes.push_back(0);
            base::append(bytes, call.after);
        }
    }
    base::append(bytes, call.before);
    bytes.push_back(0);
    for (std::size_t i = 0; i < depth; ++i) base::append(bytes, call.after);
    return bytes;
}

TEST(nesting, of_calls_is_limited) {
    auto const& type = *schema::find_root(schema_of(Format::berkeley), "@with_stack_hash:6")->type;
    auto const call = call_of(type);
    for (auto const depth : levels) {
        auto const bytes = nested_calls(call, depth);
        ASSERT_NO_FATAL_FAILURE(expect_nested<berkeley::CallTree>(type, bytes, depth));
    }
    for (std::size_t const depth : {255U, 256U, 257U}) {
        auto const bytes = nested_calls(call, depth, 2);
        ASSERT_NO_FATAL_FAILURE(expect_nested<berkeley::CallTree>(type, bytes, depth));
    }
}

TEST(nesting, of_calls_is_limited_inside_a_command) {
    for (auto const format : formats) {
        auto const root = root_named("zkapp-command", format);
        auto const& type = *schema::find_root(schema_of(format), "@with_stack_hash:6")->type;
        auto const call = call_of(type);
        auto const shortest = schema::shortest_value(root.type());
        // Fee payer; no calls; an empty memo.
        auto const fee_payer = cut(shortest, shortest.size() - 2);
        for (auto const depth : levels) {
            auto bytes = fee_payer;
            bytes.push_back(1);
            base::append(bytes, nested_calls(call, depth));
            bytes.push_back(0);
            auto const expected = depth <= binprot::nesting_max;
            auto const said = validate_structure(*root.codec, bytes);
            ASSERT_EQ(said.has_value(), expected) << root.name() << ", " << depth << " levels";
            ASSERT_EQ(schema::walk_all(root.type(), bytes).has_value(), expected) << root.name();
            auto const recoded = recode(root, bytes);
            ASSERT_EQ(recoded.has_value(), expected) << root.name();
            if (recoded) {
                ASSERT_TRUE(recoded->bytes == bytes) << root.name();
            } else {
                ASSERT_EQ(recoded.error(), said.error()) << root.name();
            }
        }
    }
}

// ---- trees of pairs

enum class Lean { left, right, in_turn };

// A tree in which each node has a leaf at one side: so many levels, the leaf of the last node among them.
base::ByteString leaning_tree(std::size_t depth, Lean lean, base::ByteView leaf) {
    base::ByteString bytes;
    std::vector<bool> wants_leaf;  // behind its branch
    for (std::size_t i = 1; i < depth; ++i) {
        bytes.push_back(2);
        bytes.resize(bytes.size() + 32, static_cast<std::uint8_t>(i % 64));
        auto const is_left = lean == Lean::left || (lean == Lean::in_turn && i % 2 == 0);
        if (!is_left) base::append(bytes, leaf);
        wants_leaf.push_back(is_left);
    }
    base::append(bytes, leaf);
    for (auto i = wants_leaf.size(); i-- > 0;) {
        if (wants_leaf[i]) base::append(bytes, leaf);
    }
    return bytes;
}

template <class Tree>
void expect_trees_to_be_limited(std::string_view name, base::ByteView account) {
    auto const& type = *schema::find_root(schema_of(Format::berkeley), name)->type;
    base::ByteString hash(33, 7);
    hash[0] = 1;
    for (auto const& leaf : {hash, base::to_byte_string(account)}) {
        for (auto const lean : {Lean::left, Lean::right, Lean::in_turn}) {
            for (auto const depth : levels) {
                auto const bytes = leaning_tree(depth, lean, leaf);
                ASSERT_NO_FATAL_FAILURE(expect_nested<Tree>(type, bytes, depth))
                    << name << " leaning " << static_cast<int>(lean);
            }
        }
    }
}

TEST(nesting, of_account_trees_is_limited) {
    auto const& type = *schema::find_root(schema_of(Format::berkeley), "account")->type;
    base::ByteString account = {0};
    base::append(account, schema::shortest_value(type));
    expect_trees_to_be_limited<berkeley::AccountTree>("@sparse_ledger:9", account);
}

TEST(nesting, of_coinbase_trees_is_limited) {
    base::ByteString const account(1 + 96, 0);
    expect_trees_to_be_limited<berkeley::CoinbaseTree>("@sparse_ledger:9#2", account);
}

// A complete tree: the deepest way is not the last.
TEST(nesting, of_complete_trees_counts_levels_and_not_nodes) {
    constexpr std::size_t depth = 12;
    base::ByteString tree(33, 1);
    for (std::size_t i = 1; i < depth; ++i) {
        base::ByteString higher(33, 2);
        base::append(higher, tree);
        base::append(higher, tree);
        tree = std::move(higher);
    }
    auto const& type = *schema::find_root(schema_of(Format::berkeley), "@sparse_ledger:9")->type;
    expect_nested<berkeley::AccountTree>(type, tree, depth);
}

// ---- the scan tree

// So many levels of empty nodes, then leaves.
base::ByteString scan_tree(std::size_t levels_of_nodes, bool has_leaves) {
    base::ByteString bytes;
    for (std::size_t level = 0; level < levels_of_nodes; ++level) {
        bytes.push_back(1);
        bytes.push_back(static_cast<std::uint8_t>(level));
        bytes.resize(bytes.size() + 5 * (std::size_t{1} << level));  // four weights, an empty job
    }
    bytes.push_back(0);
    if (has_leaves) bytes.resize(bytes.size() + 3 * (std::size_t{1} << levels_of_nodes));
    return bytes;
}

TEST(scan_trees, hold_twice_as_many_nodes_at_each_level) {
    for (std::size_t const depth : {0U, 1U, 2U, 7U, 14U}) {
        auto const bytes = scan_tree(depth, true);
        binprot::Arena arena;
        auto const tree = decode<berkeley::ScanTree>(bytes, arena);
        ASSERT_TRUE(tree) << depth << ": " << to_string(tree.error().reason) << " at " << tree.error().offset;
        EXPECT_EQ((*tree)->levels.size(), depth);
        EXPECT_EQ((*tree)->leaves.size(), std::size_t{1} << depth);
        for (std::size_t level = 0; level < depth; ++level) {
            EXPECT_EQ((*tree)->levels[level].nodes.size(), std::size_t{1} << level);
            EXPECT_EQ((*tree)->levels[level].depth, static_cast<std::int64_t>(level));
        }
        EXPECT_TRUE(encode(**tree) == bytes);
    }
}

TEST(scan_trees, are_refused_when_their_nodes_are_not_there) {
    // Levels of which the bytes hold the tags alone.
    for (std::size_t const size : {2U, 10U, 64U, 200U}) {
        base::ByteString const bytes(size, 1);
        binprot::Reader reader(bytes);
        EXPECT_FALSE(berkeley::ScanTree::validate(reader));
        EXPECT_LE(reader.error().offset, size);
        binprot::Arena arena(arena_bytes_max(size));
        EXPECT_EQ(decode<berkeley::ScanTree>(bytes, arena).error(), reader.error());
    }
    auto const bytes = scan_tree(7, false);
    binprot::Reader reader(bytes);
    EXPECT_FALSE(berkeley::ScanTree::validate(reader));
    EXPECT_EQ(reader.error(), (binprot::Error{bytes.size(), Reason::count_too_large}));
}

}  // namespace
}  // namespace mina::messages
