// Goal: the best tip, the links and the answers are those of a naive model, in whatever order blocks come; bounds hold,
// and what is least useful goes first; no header, however hostile, breaks the tree. Method: made-up headers, random
// forests from seeds, each compared with a model that goes through all headers.
#include "mina/block_tree/block_tree.h"

#include "base/rng.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace mina::block_tree {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::uint64_t now_ms = 1'800'000'000'000;

StateHash hash(std::uint32_t number) {
    StateHash state;
    for (std::size_t i = 0; i < 4; ++i) state.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return state;
}

/// Of 1,000 bytes, in the slot of its height.
Header header(std::uint32_t number, std::uint32_t parent, std::uint32_t height) {
    Header header;
    header.state = hash(number);
    header.previous = hash(parent);
    header.genesis = hash(1);
    header.body = {hash(number + 1'000'000).bytes};
    header.height = height;
    header.global_slot = height;
    header.timestamp_ms = now_ms - 1'000;
    header.vrf_output[0] = static_cast<std::uint8_t>(number);
    header.bytes = 1'000;
    return header;
}

/// Numbers 1 … count, each the parent of the next; heights from `height`.
std::vector<Header> chain(std::uint32_t count, std::uint32_t height = 1) {
    std::vector<Header> headers;
    for (std::uint32_t i = 0; i < count; ++i) headers.push_back(header(i + 1, i, height + i));
    return headers;
}

Config small() {
    Config config;
    config.k = 5;
    return config;
}

Tree tree_of(Config const& config, std::vector<Header> const& headers) {
    Tree tree(config);
    for (auto const& one : headers) EXPECT_TRUE(tree.add(one, now_ms));
    return tree;
}

Refusal refusal(Tree& tree, Header const& header) {
    auto const size = tree.size();
    auto const added = tree.add(header, now_ms);
    EXPECT_FALSE(added);
    EXPECT_EQ(tree.size(), size);
    return added ? Refusal::duplicate : added.error();
}

base::Rng rng_of(std::uint8_t number) {
    base::Rng::Seed seed{};
    seed[0] = number;
    return base::Rng(seed);
}

// ---- The choice ----

TEST(block_tree_choice, the_greatest_height_wins_then_the_vrf_then_the_hash) {
    Tree tree(small());
    auto low = header(1, 0, 10);
    auto first = header(2, 0, 11);
    auto second = header(3, 0, 11);
    first.vrf_output[0] = 1;
    second.vrf_output[0] = 2;
    auto const second_is_bigger =
        crypto::blake2b_256(second.vrf_output) > crypto::blake2b_256(first.vrf_output);
    EXPECT_TRUE(tree.add(low, now_ms)->is_best);
    EXPECT_TRUE(tree.add(first, now_ms)->is_best);
    EXPECT_EQ(tree.add(second, now_ms)->is_best, second_is_bigger);
}

TEST(block_tree_choice, hashes_are_compared_as_little_endian_numbers) {
    Tree tree(small());
    auto smaller = header(1, 0, 11);
    auto larger = header(2, 0, 11);
    larger.vrf_output = smaller.vrf_output;
    smaller.state.bytes = {255};
    larger.state.bytes = {0, 1};
    EXPECT_TRUE(tree.add(smaller, now_ms)->is_best);
    EXPECT_TRUE(tree.add(larger, now_ms)->is_best);
    EXPECT_LT(rank_of(smaller), rank_of(larger));
}

TEST(block_tree_choice, removing_the_best_tip_gives_the_next) {
    auto tree = tree_of(small(), chain(4));
    EXPECT_TRUE(tree.remove(hash(4)));
    EXPECT_FALSE(tree.remove(hash(4)));
    EXPECT_EQ(tree.best_tip()->header.state, hash(3));
    for (std::uint32_t i = 1; i <= 3; ++i) tree.remove(hash(i));
    EXPECT_EQ(tree.best_tip(), nullptr);
    EXPECT_EQ(tree.bytes(), 0U);
}

// ---- What is refused ----

TEST(block_tree_refusals, each_has_its_reason) {
    auto config = small();
    config.block_bytes_max = 5'000;
    config.heights_kept = 6;
    auto tree = tree_of(config, chain(20, 100));
    EXPECT_EQ(refusal(tree, header(20, 19, 119)), Refusal::duplicate);
    EXPECT_EQ(refusal(tree, header(50, 50, 119)), Refusal::implausible);
    EXPECT_EQ(refusal(tree, header(50, 49, 0)), Refusal::implausible);
    auto early = header(50, 49, 119);
    early.global_slot = 117;
    EXPECT_EQ(refusal(tree, early), Refusal::implausible);
    auto large = header(50, 49, 119);
    large.bytes = 5'001;
    EXPECT_EQ(refusal(tree, large), Refusal::too_large);
    auto future = header(50, 49, 119);
    future.timestamp_ms = now_ms + config.future_ms + 1;
    EXPECT_EQ(refusal(tree, future), Refusal::too_far_in_the_future);
    EXPECT_EQ(refusal(tree, header(50, 49, 112)), Refusal::too_old);
    EXPECT_EQ(refusal(tree, header(50, 19, 120)), Refusal::not_the_next_height);
    auto same_slot = header(50, 19, 119);
    same_slot.global_slot = 118;
    EXPECT_EQ(refusal(tree, same_slot), Refusal::slot_not_later);
    EXPECT_TRUE(tree.add(header(50, 49, 113), now_ms));
    for (int i = 0; i < refusal_count; ++i) EXPECT_FALSE(to_string(static_cast<Refusal>(i)).empty());
}

TEST(block_tree_refusals, a_child_that_contradicts_its_parent_is_dropped_when_that_comes) {
    Tree tree(small());
    auto const wrong_height = header(3, 2, 13);
    auto wrong_slot = header(4, 2, 12);
    wrong_slot.global_slot = 11;
    auto const right = header(5, 2, 12);
    for (auto const& child : {wrong_height, wrong_slot, right}) EXPECT_TRUE(tree.add(child, now_ms));
    auto const added = tree.add(header(2, 1, 11), now_ms);
    ASSERT_TRUE(added);
    EXPECT_THAT(added->dropped, UnorderedElementsAre(hash(3), hash(4)));
    EXPECT_EQ(tree.best_tip()->header.state, hash(5));
    EXPECT_EQ(tree.size(), 2U);
}

TEST(block_tree_refusals, what_the_parent_is_better_than_may_become_the_best) {
    Tree tree(small());
    EXPECT_TRUE(tree.add(header(3, 2, 13), now_ms)->is_best);
    EXPECT_TRUE(tree.add(header(2, 1, 11), now_ms)->is_best) << "its child is gone";
}

// ---- Hostile headers ----

TEST(block_tree_hostile, there_is_no_cycle) {
    Tree tree(small());
    EXPECT_TRUE(tree.add(header(1, 2, 10), now_ms));
    EXPECT_EQ(refusal(tree, header(1, 2, 11)), Refusal::duplicate);
    // Each would be the other's parent.
    auto const added = tree.add(header(2, 1, 11), now_ms);
    ASSERT_TRUE(added);
    EXPECT_THAT(added->dropped, ElementsAre(hash(1)));
    EXPECT_THAT(tree.transition_knowledge(), ElementsAre(hash(2)));
}

TEST(block_tree_hostile, heights_do_not_wrap) {
    auto tree = tree_of(small(), chain(3));
    for (auto const height : {0x7fffffffU, 0x80000000U, 0xffffffffU}) {
        auto forged = header(height, 77, height);
        EXPECT_FALSE(tree.add(forged, now_ms)->is_best);
        EXPECT_THAT(tree.prune(), IsEmpty());
    }
    EXPECT_EQ(tree.best_tip()->header.state, hash(3));
    // Its child would have height 0.
    auto child = header(78, 0xffffffffU, 1);
    child.global_slot = 0xffffffffU;
    EXPECT_EQ(refusal(tree, child), Refusal::not_the_next_height);
    EXPECT_EQ(tree.size(), 6U);
}

TEST(block_tree_hostile, one_forged_block_takes_the_place_of_no_chain) {
    auto tree = tree_of(small(), chain(10, 100));
    auto const proof = tree.best_tip_proof();
    EXPECT_FALSE(tree.add(header(50, 49, 115), now_ms)->is_best) << "an orphan, higher";
    EXPECT_EQ(tree.best_tip_proof(), proof);
    EXPECT_EQ(tree.transition_knowledge().size(), 6U);
    EXPECT_EQ(tree.ancestry(rank_of(109, {}, {})), proof);
    EXPECT_EQ(tree.best(2)[0].header.state, hash(10));
    // Whoever is its child is rooted: a block like any other, as long as nobody verifies it.
    EXPECT_TRUE(tree.add(header(51, 10, 110), now_ms)->is_best);
    EXPECT_EQ(tree.best_tip_proof()->root, hash(6));
}

TEST(block_tree_hostile, short_branches_make_nothing_old) {
    auto config = small();
    config.heights_kept = 8;
    auto tree = tree_of(config, chain(10, 100));
    for (std::uint32_t i = 0; i < config.k; ++i) {
        EXPECT_FALSE(tree.add(header(50 + i, 49 + i, 0xfffffff0 + i), now_ms)->is_best) << "of k links none";
    }
    EXPECT_THAT(tree.prune(), ElementsAre(hash(1)));
    EXPECT_EQ(tree.best_tip_proof()->tip, hash(10));
    EXPECT_TRUE(tree.add(header(11, 10, 110), now_ms)->is_best);
    EXPECT_THAT(tree.prune(), ElementsAre(hash(2)));
    // Nor while there is nothing better.
    auto forged = tree_of(config, {header(50, 49, 0xfffffff0), header(51, 50, 0xfffffff1)});
    EXPECT_TRUE(forged.add(header(1, 0, 100), now_ms));
    EXPECT_THAT(forged.prune(), IsEmpty());
    EXPECT_EQ(forged.best_tip()->header.state, hash(51));
    for (std::uint32_t i = 2; i <= 3; ++i) EXPECT_TRUE(forged.add(header(i, i - 1, 99 + i), now_ms));
    EXPECT_EQ(forged.best_tip()->header.state, hash(3)) << "the longer";
}

TEST(block_tree_hostile, a_genesis_block_roots_a_chain_if_the_network_is_known_to_begin_there) {
    auto const made_up = [](std::uint32_t number, std::uint32_t height) {
        auto one = header(number, number - 1, height);
        one.genesis = hash(50);
        return one;
    };
    auto tree = tree_of(small(), chain(3, 100));
    EXPECT_TRUE(tree.add(made_up(50, 200), now_ms));
    EXPECT_FALSE(tree.add(made_up(51, 201), now_ms)->is_best) << "it names its parent";
    EXPECT_TRUE(tree.add(header(60, 0, 1), now_ms));
    EXPECT_EQ(tree.best_tip_proof()->tip, hash(3));

    auto config = small();
    config.genesis = hash(1);
    auto known = tree_of(config, chain(3, 100));
    EXPECT_EQ(refusal(known, made_up(50, 200)), Refusal::other_genesis);
    for (std::uint32_t i = 0; i < config.k; ++i) {
        EXPECT_FALSE(known.add(header(60 + i, 59 + i, 300 + i), now_ms)->is_best) << "longer, and not rooted";
    }
    EXPECT_EQ(known.best_tip_proof(), (BestTipProof{hash(3), hash(1), {known.find(hash(2))->header.body,
                                                                       known.find(hash(3))->header.body}}));
    for (std::uint32_t i = 4; i <= 20; ++i) EXPECT_TRUE(known.add(header(i, i - 1, 99 + i), now_ms)->is_best);
    EXPECT_TRUE(known.remove(hash(1)));
    EXPECT_EQ(known.best_tip()->header.state, hash(20));
}

TEST(block_tree_hostile, heights_that_time_does_not_allow_are_refused) {
    auto config = small();
    config.slot_ms = 90'000;
    auto headers = chain(10, 1'000);
    headers.back().timestamp_ms = now_ms - 900'000;  // ten slots ago
    auto tree = tree_of(config, headers);
    EXPECT_EQ(refusal(tree, header(50, 49, 1'009 + 10 + 1 + config.k + 1)), Refusal::too_far_ahead);
    EXPECT_EQ(refusal(tree, header(50, 49, 0xffffffff)), Refusal::too_far_ahead);
    EXPECT_TRUE(tree.add(header(50, 49, 1'009 + 10 + 1 + config.k), now_ms));
}

TEST(block_tree_hostile, equal_vrf_outputs_are_told_apart) {
    std::vector<Header> forks;
    for (std::uint32_t i = 1; i <= 50; ++i) {
        forks.push_back(header(i, 0, 10));
        forks.back().vrf_output = {};
    }
    auto rng = rng_of(3);
    for (int round = 0; round < 20; ++round) {
        rng.shuffle(forks);
        EXPECT_EQ(tree_of(small(), forks).best_tip()->header.state, hash(50));
    }
}

// ---- Verified blocks ----

TEST(block_tree_verified, a_verified_block_takes_the_place_of_one_that_is_not_once) {
    auto config = small();
    config.block_bytes_max = 5'000;
    auto tree = tree_of(config, chain(3));
    auto other = header(3, 2, 3);
    other.bytes = 2'500;
    other.format = messages::Format::mesa;
    EXPECT_EQ(refusal(tree, other), Refusal::duplicate);
    auto const replaced = tree.add(other, now_ms + 1, Verified::yes);
    EXPECT_EQ(replaced, (Added{.is_best = true, .is_replaced = true, .dropped = {}}));
    EXPECT_EQ(tree.find(hash(3))->header, other);
    EXPECT_EQ(tree.find(hash(3))->received_ms, now_ms);
    EXPECT_EQ(tree.bytes(), 4'500U);
    for (auto const verified : {Verified::no, Verified::yes}) {
        EXPECT_EQ(tree.add(header(3, 2, 3), now_ms, verified).error(), Refusal::duplicate);
    }
    other = header(1, 0, 1);
    other.bytes = 5'001;
    EXPECT_EQ(tree.add(other, now_ms, Verified::yes).error(), Refusal::too_large);
    EXPECT_TRUE(tree.add(header(4, 3, 4), now_ms, Verified::yes));
    EXPECT_EQ(tree.find(hash(4))->verified, Verified::yes);
    EXPECT_EQ(tree.bytes(), 5'500U);
}

// ---- Bounds ----

TEST(block_tree_bounds, what_is_far_behind_is_forgotten) {
    auto config = small();
    config.heights_kept = 7;
    auto tree = tree_of(config, chain(20));
    auto const forgotten = tree.prune();
    EXPECT_EQ(forgotten.size(), 12U);
    EXPECT_EQ(forgotten.front(), hash(1));
    EXPECT_EQ(tree.find(hash(12)), nullptr);
    EXPECT_NE(tree.find(hash(13)), nullptr);
}

TEST(block_tree_bounds, the_least_useful_goes_first) {
    auto config = small();
    auto headers = chain(10);
    headers.push_back(header(103, 2, 3));   // an old fork
    headers.push_back(header(108, 7, 8));   // a fork close to the tip
    headers.push_back(header(104, 90, 4));  // old, of nobody known
    auto const expect = [&](std::size_t blocks_max, std::vector<std::uint32_t> const& gone) {
        config.blocks_max = blocks_max;
        auto tree = tree_of(config, headers);
        auto const forgotten = tree.prune();
        std::vector<StateHash> expected;
        for (auto const number : gone) expected.push_back(hash(number));
        EXPECT_EQ(forgotten, expected) << blocks_max;
        EXPECT_EQ(tree.best_tip()->header.state, hash(10));
    };
    expect(13, {});
    expect(11, {104, 103});
    expect(9, {104, 103, 1, 2});
    expect(7, {104, 103, 1, 2, 3, 4});
    expect(6, {104, 103, 1, 2, 3, 4, 108});  // what is left is the chain from its root to its tip
    expect(3, {104, 103, 108, 1, 2, 3, 4, 5, 6, 7});  // the part of the forks is less than one
    expect(0, {104, 103, 108, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST(block_tree_bounds, hold_for_bytes_too) {
    auto config = small();
    config.bytes_max = 6'500;
    auto tree = tree_of(config, chain(10));
    EXPECT_EQ(tree.prune().size(), 4U);
    EXPECT_EQ(tree.bytes(), 6'000U);
    tree.set_bytes_max(0);
    EXPECT_EQ(tree.prune().size(), 5U);
    EXPECT_EQ(tree.size(), 1U);
    auto whole = header(99, 98, 11);
    EXPECT_EQ(refusal(tree, whole), Refusal::too_large);
}

TEST(block_tree_bounds, what_is_off_the_best_chain_shares_a_part) {
    auto config = small();
    config.bytes_max = 40'000;
    config.blocks_max = 32;
    auto tree = tree_of(config, chain(20, 100));
    EXPECT_TRUE(tree.add(header(30, 18, 118), now_ms));  // a fork
    EXPECT_TRUE(tree.add(header(40, 39, 120), now_ms));  // its parent is on its way
    EXPECT_THAT(tree.prune(), IsEmpty());
    for (std::uint32_t i = 0; i < 30; ++i) {
        auto forged = header(100 + 2 * i, 99 + 2 * i, 120 + i % 5);
        forged.bytes = 4'000;
        EXPECT_TRUE(tree.add(forged, now_ms));
        tree.prune();
        ASSERT_LE(tree.bytes(), 20'000U + 10'000U);
        ASSERT_LE(tree.size(), 20U + 8U);
    }
    for (std::uint32_t i = 1; i <= 20; ++i) EXPECT_NE(tree.find(hash(i)), nullptr) << "the chain is whole";
    EXPECT_NE(tree.find(hash(30)), nullptr);
    EXPECT_NE(tree.find(hash(40)), nullptr) << "near the tip, and smaller than what is forged";
}

TEST(block_tree_bounds, a_best_tip_that_is_not_fresh_leaves_room_for_another_chain) {
    auto config = small();
    config.blocks_max = 16;
    auto old = chain(10, 100);
    for (auto& one : old) one.timestamp_ms = now_ms - 2 * config.fresh_ms;
    auto tree = tree_of(config, old);
    // As they are fetched: the newest first.
    for (std::uint32_t i = 0; i < 7; ++i) {
        EXPECT_TRUE(tree.add(header(59 - i, 58 - i, 1'009 - i), now_ms));
        tree.prune();
    }
    EXPECT_EQ(tree.best_tip_proof()->tip, hash(59));
}

TEST(block_tree_bounds, hold_in_random_forests) {
    for (std::uint8_t seed = 0; seed < 20; ++seed) {
        auto rng = rng_of(seed);
        auto config = small();
        config.blocks_max = 20;
        config.bytes_max = 25'000;
        config.heights_kept = 30;
        Tree tree(config);
        std::uint32_t next = 1;
        for (int i = 0; i < 400; ++i) {
            auto const* const best = tree.best_tip();
            auto height = best == nullptr ? 100 : best->header.height + 1 - static_cast<std::uint32_t>(rng.below(4));
            auto const parents = tree.best(10);
            auto one = header(++next, 0, height);
            for (auto const& parent : parents) {
                if (parent.header.height + 1 == height) one.previous = parent.header.state;
            }
            one.bytes = 500 + rng.below(2'000);
            auto const added = tree.add(one, now_ms);
            if (added) {
                for (auto const& gone : tree.prune()) EXPECT_EQ(tree.find(gone), nullptr);
            }
            ASSERT_LE(tree.size(), config.blocks_max);
            ASSERT_LE(tree.bytes(), config.bytes_max);
            std::uint64_t bytes = 0;
            for (auto const& entry : tree.best(1'000)) {
                bytes += entry.header.bytes;
                auto const* const parent = tree.find(entry.header.previous);
                ASSERT_EQ(entry.links, parent == nullptr ? 0 : std::min(parent->links + 1, config.k));
            }
            ASSERT_EQ(bytes, tree.bytes());
        }
    }
}

// ---- Answers ----

TEST(block_tree_answers, the_best_tip_is_proved_from_k_blocks_before_it) {
    auto tree = tree_of(small(), chain(10, 100));
    auto const proof = tree.best_tip_proof();
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->tip, hash(10));
    EXPECT_EQ(proof->root, hash(5));
    EXPECT_THAT(proof->bodies, ElementsAre(BodyHash{hash(1'000'006).bytes}, BodyHash{hash(1'000'007).bytes},
                                           BodyHash{hash(1'000'008).bytes}, BodyHash{hash(1'000'009).bytes},
                                           BodyHash{hash(1'000'010).bytes}));
    EXPECT_THAT(tree.transition_knowledge(), ElementsAre(hash(5), hash(6), hash(7), hash(8), hash(9), hash(10)));
}

TEST(block_tree_answers, a_chain_that_is_too_short_proves_nothing_unless_it_begins_at_genesis) {
    auto without_genesis = chain(4, 100);
    for (auto& one : without_genesis) one.genesis = hash(77);
    EXPECT_FALSE(tree_of(small(), without_genesis).best_tip_proof());
    auto any_length = small();
    any_length.any_length = true;
    EXPECT_EQ(tree_of(any_length, without_genesis).best_tip_proof()->root, hash(1));
    EXPECT_EQ(tree_of(small(), chain(4)).best_tip_proof()->root, hash(1)) << "height 1";
    auto after_fork = chain(4, 359'605);
    EXPECT_EQ(tree_of(small(), after_fork).best_tip_proof()->root, hash(1)) << "the genesis block it names";
    EXPECT_EQ(tree_of(small(), {after_fork[0]}).best_tip_proof(), (BestTipProof{hash(1), hash(1), {}}))
        << "which is its own";
    EXPECT_FALSE(Tree(any_length).best_tip_proof());
}

TEST(block_tree_answers, a_gap_ends_the_chain) {
    auto headers = chain(10, 100);
    headers.erase(headers.begin() + 6);
    auto tree = tree_of(small(), headers);
    EXPECT_EQ(tree.best_tip_proof()->tip, hash(6)) << "the last that has k links";
    EXPECT_EQ(tree.transition_chain_proof(hash(10))->start, hash(8));
    EXPECT_EQ(tree.transition_chain_proof(hash(6))->start, hash(1));
    EXPECT_TRUE(tree.add(header(7, 6, 106), now_ms));
    EXPECT_EQ(tree.best_tip_proof()->tip, hash(10));
    EXPECT_EQ(tree.transition_chain_proof(hash(10))->bodies.size(), 9U);
}

TEST(block_tree_answers, ancestry_is_for_those_who_have_seen_nothing_better) {
    auto tree = tree_of(small(), chain(10));
    EXPECT_EQ(tree.ancestry(tree.best_tip()->rank), tree.best_tip_proof());
    EXPECT_EQ(tree.ancestry(tree.find(hash(3))->rank), tree.best_tip_proof());
    EXPECT_EQ(tree.ancestry(rank_of(9, {}, hash(99))), tree.best_tip_proof());
    EXPECT_FALSE(tree.ancestry(rank_of(11, {}, hash(99))));
    EXPECT_FALSE(Tree(small()).ancestry(rank_of(1, {}, hash(99))));
}

TEST(block_tree_answers, a_transition_chain_is_given_whole_or_not_at_all) {
    auto tree = tree_of(small(), chain(30));
    std::vector<StateHash> asked{hash(3), hash(1), hash(30)};
    EXPECT_EQ(tree.transition_chain(asked), asked);
    asked.push_back(hash(31));
    EXPECT_FALSE(tree.transition_chain(asked));
    EXPECT_FALSE(tree.transition_chain({}));
    std::vector<StateHash> many(transition_chain_max, hash(1));
    EXPECT_TRUE(tree.transition_chain(many));
    many.push_back(hash(1));
    EXPECT_FALSE(tree.transition_chain(many));
    auto gaps_allowed = small();
    gaps_allowed.gaps_allowed = true;
    EXPECT_THAT(*tree_of(gaps_allowed, chain(30)).transition_chain(asked), ElementsAre(hash(3), hash(1), hash(30)));
}

// ---- Against a naive model ----

struct Model {
    std::vector<Header> headers;

    Header const* find(StateHash const& state) const {
        for (auto const& one : headers) {
            if (one.state == state) return &one;
        }
        return nullptr;
    }
    /// Of the longest way back, k links at most; then of the greatest rank.
    Header const& best(std::size_t k) const {
        auto const standing = [&](Header const& one) { return std::pair(chain_to(one, k + 1).size(), rank_of(one)); };
        auto const* best = &headers.front();
        for (auto const& one : headers) {
            if (standing(*best) < standing(one)) best = &one;
        }
        return *best;
    }
    /// The tip last.
    std::vector<StateHash> chain_to(Header const& tip, std::size_t most) const {
        std::vector<StateHash> states;
        for (auto const* at = &tip; at != nullptr && states.size() < most; at = find(at->previous)) {
            states.insert(states.begin(), at->state);
        }
        return states;
    }
};

std::vector<Header> random_forest(base::Rng& rng) {
    std::vector<Header> headers;
    auto const count = 1 + rng.below(60);
    for (std::uint32_t i = 1; i <= count; ++i) {
        auto const is_orphan = headers.empty() || rng.below(8) == 0;
        auto one = header(i + 1, 5'000 + i, 100 + static_cast<std::uint32_t>(rng.below(20)));
        if (!is_orphan) {
            auto const& parent = headers[static_cast<std::size_t>(rng.below(headers.size()))];
            one.previous = parent.state;
            one.height = parent.height + 1;
            one.global_slot = parent.global_slot + 1 + static_cast<std::uint32_t>(rng.below(3));
        }
        if (rng.below(3) == 0) one.vrf_output = {};
        headers.push_back(one);
    }
    // Some are missing.
    std::erase_if(headers, [&](Header const&) { return headers.size() > 1 && rng.below(10) == 0; });
    return headers;
}

TEST(block_tree_model, any_order_gives_the_same_tip_and_the_same_answers) {
    for (std::uint8_t seed = 0; seed < 100; ++seed) {
        auto rng = rng_of(seed);
        Model const model{random_forest(rng)};
        if (model.headers.empty()) continue;
        auto const& best = model.best(small().k);
        for (int order = 0; order < 6; ++order) {
            auto shuffled = model.headers;
            rng.shuffle(shuffled);
            auto const tree = tree_of(small(), shuffled);
            ASSERT_EQ(tree.best_tip()->header, best) << "seed " << int{seed};
            auto const chain = model.chain_to(best, small().k + 1);
            ASSERT_EQ(tree.transition_knowledge(), chain);
            ASSERT_EQ(tree.best_tip_proof().has_value(), chain.size() == small().k + 1);
            for (auto const& one : model.headers) {
                auto const proof = tree.transition_chain_proof(one.state);
                auto const way = model.chain_to(one, 1'000);
                ASSERT_TRUE(proof);
                ASSERT_EQ(proof->start, way.front());
                ASSERT_EQ(proof->bodies.size(), way.size() - 1);
                for (std::size_t i = 1; i < way.size(); ++i) {
                    ASSERT_EQ(proof->bodies[i - 1], model.find(way[i])->body);
                }
            }
        }
    }
}

}  // namespace
}  // namespace mina::block_tree
