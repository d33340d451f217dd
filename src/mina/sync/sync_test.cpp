// Syncing. Goal: a chain is fetched whole from whoever has it, and nobody makes this node ask without end. Method:
// actions into the reducer, effects looked at.
#include "mina/sync/sync.h"

#include "crypto/keys.h"

#include <gtest/gtest.h>

namespace mina::sync {
namespace {

PeerId peer(std::uint8_t number) { return PeerId::of(crypto::PublicKey::ed25519({number})); }
StateHash block(std::uint8_t number) { return {{number}}; }
std::vector<StateHash> blocks(std::uint8_t first, std::uint8_t last) {
    std::vector<StateHash> all;
    for (auto i = first; i <= last; ++i) all.push_back(block(i));
    return all;
}

struct Syncing : testing::Test {
    std::vector<Effect> act(Action const& action) {
        Out out;
        reduce(state, action, out);
        return out.effects;
    }
    /// The blocks that are asked for; empty when none are.
    std::vector<StateHash> asked(std::vector<Effect> const& effects, std::uint8_t of) {
        if (effects.size() != 1) return {};
        auto const* const ask = std::get_if<AskBlocks>(&effects[0]);
        return ask != nullptr && ask->peer == peer(of) ? ask->blocks : std::vector<StateHash>{};
    }
    bool is_tip_asked(std::vector<Effect> const& effects, std::uint8_t of) {
        auto const* const ask = effects.size() == 1 ? std::get_if<AskBestTip>(&effects[0]) : nullptr;
        return ask != nullptr && ask->peer == peer(of);
    }

    State state;
};

TEST_F(Syncing, fetches_a_chain_the_newest_blocks_first) {
    EXPECT_TRUE(is_tip_asked(act(PeerReady{{peer(1), true}}), 1));
    EXPECT_TRUE(act(PeerReady{{peer(2), true}}).empty());
    EXPECT_EQ(asked(act(BestTipAnswered{blocks(1, 7)}), 1),
              (std::vector{block(7), block(6), block(5), block(4), block(3)}));
    EXPECT_EQ(asked(act(BlocksAnswered{blocks(3, 7), {}}), 1), (std::vector{block(2), block(1)}));
    EXPECT_TRUE(act(BlocksAnswered{blocks(1, 2), {}}).empty());
    EXPECT_EQ(state.phase, Phase::synced);
    EXPECT_EQ(state.fetched, 7U);
}

TEST_F(Syncing, asks_one_block_at_a_time_of_who_takes_no_list) {
    act(PeerReady{{peer(1), false}});
    EXPECT_EQ(asked(act(BestTipAnswered{blocks(1, 2)}), 1), std::vector{block(2)});
    EXPECT_EQ(asked(act(BlocksAnswered{{block(2)}, {}}), 1), std::vector{block(1)});
}

TEST_F(Syncing, goes_to_the_next_peer_for_what_is_missing) {
    act(PeerReady{{peer(1), true}});
    act(PeerReady{{peer(2), true}});
    act(PeerReady{{peer(3), true}});
    EXPECT_TRUE(is_tip_asked(act(AnswerFailed{}), 2));
    act(BestTipAnswered{blocks(1, 3)});
    // More than half an answer is taken, and the rest asked for again.
    EXPECT_EQ(asked(act(BlocksAnswered{blocks(2, 3), {}}), 2), std::vector{block(1)});
    EXPECT_EQ(asked(act(AnswerFailed{}), 3), std::vector{block(1)});
    EXPECT_TRUE(act(BlocksAnswered{{block(1)}, {}}).empty());
    EXPECT_EQ(state.phase, Phase::synced);
}

TEST_F(Syncing, does_not_stay_with_a_peer_that_gives_little) {
    act(PeerReady{{peer(1), true}});
    act(PeerReady{{peer(2), true}});
    act(BestTipAnswered{blocks(1, 9)});
    auto const next = asked(act(BlocksAnswered{{block(9)}, {}}), 2);
    EXPECT_EQ(next, (std::vector{block(4), block(3), block(2), block(1), block(8)}));
}

TEST_F(Syncing, gives_up_a_block_that_nobody_has_and_goes_on_with_the_rest) {
    act(PeerReady{{peer(1), true}});
    auto effects = act(BestTipAnswered{blocks(1, 12)});
    std::size_t questions = 0;
    // Everybody has all blocks but the newest five.
    while (!effects.empty()) {
        ASSERT_LT(++questions, 30U);
        BlocksAnswered answer;
        for (auto const& each : asked(effects, 1)) {
            if (each < block(8)) answer.blocks.push_back(each);
        }
        effects = act(answer);
    }
    EXPECT_EQ(state.phase, Phase::synced);
    EXPECT_EQ(state.fetched, 7U);
    EXPECT_EQ(state.given_up, 5U);
}

TEST_F(Syncing, asks_each_peer_for_its_tip_once_a_connection) {
    std::size_t asked_for = 0;
    for (std::uint8_t i = 1; i <= 50; ++i) asked_for += act(PeerReady{{peer(i), true}}).size();
    for (int i = 0; i < 60; ++i) asked_for += act(AnswerFailed{}).size();
    for (std::uint8_t i = 1; i <= 50; ++i) asked_for += act(PeerReady{{peer(i), true}}).size();
    EXPECT_EQ(asked_for, 50U);
    EXPECT_EQ(state.phase, Phase::idle);
    act(PeerGone{peer(7)});
    EXPECT_TRUE(is_tip_asked(act(PeerReady{{peer(7), true}}), 7));
}

TEST_F(Syncing, bounds_who_waits_and_what_is_missing) {
    for (int i = 0; i < 300; ++i) {
        act(PeerReady{{PeerId::of(crypto::PublicKey::ed25519({1, static_cast<std::uint8_t>(i)})), true}});
    }
    EXPECT_LE(state.candidates.size(), state.config.candidates_max);
    std::vector<StateHash> many;
    for (int i = 0; i < 5000; ++i) many.push_back({{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}});
    act(BestTipAnswered{many});
    EXPECT_LE(state.missing.size() + state.fetching.size(), state.config.chain_max);
}

TEST_F(Syncing, follows_a_block_of_gossip_to_its_ancestors_so_far_and_no_farther) {
    act(PeerReady{{peer(1), true}});
    act(BestTipAnswered{{}});
    ASSERT_EQ(state.phase, Phase::synced);
    auto effects = act(BlockMissing{block(200), {peer(9), true}});
    std::size_t followed = 0;
    for (std::uint8_t i = 199; !asked(effects, 9).empty(); --i, ++followed) {
        effects = act(BlocksAnswered{asked(effects, 9), {block(i)}});
    }
    EXPECT_EQ(followed, state.config.gap_max);
    EXPECT_EQ(state.phase, Phase::synced);
}

TEST_F(Syncing, blocks_that_gossip_makes_up_do_not_hold_up_the_chain) {
    act(PeerReady{{peer(1), true}});
    for (std::uint8_t i = 100; i < 250; ++i) act(BlockMissing{block(i), {peer(9), true}});
    auto effects = act(BestTipAnswered{blocks(1, 3)});
    EXPECT_EQ(asked(effects, 1), (std::vector{block(3), block(2), block(1), block(100), block(101)}));
    std::size_t questions = 0;
    while (!effects.empty()) {
        ASSERT_LT(++questions, 100U);
        auto const* const ask = std::get_if<AskBlocks>(&effects[0]);
        BlocksAnswered answer;
        for (auto const& each : ask->blocks) {
            if (each < block(100)) answer.blocks.push_back(each);
        }
        effects = act(answer);
    }
    EXPECT_EQ(state.fetched, 3U);
    EXPECT_EQ(state.phase, Phase::synced);
}

TEST_F(Syncing, a_peer_that_is_gone_is_not_asked) {
    act(PeerReady{{peer(1), true}});
    act(PeerReady{{peer(2), true}});
    act(PeerGone{peer(2)});
    EXPECT_TRUE(act(AnswerFailed{}).empty());
    // Nor one that goes while it is asked.
    act(PeerReady{{peer(3), true}});
    act(PeerGone{peer(3)});
    EXPECT_TRUE(act(AnswerFailed{}).empty());
    EXPECT_TRUE(is_tip_asked(act(PeerReady{{peer(3), true}}), 3));
}

TEST_F(Syncing, answers_that_nobody_waits_for_change_nothing) {
    EXPECT_TRUE(act(BestTipAnswered{blocks(1, 3)}).empty());
    EXPECT_TRUE(act(BlocksAnswered{blocks(1, 3), {}}).empty());
    EXPECT_TRUE(act(AnswerFailed{}).empty());
    EXPECT_EQ(state.phase, Phase::idle);
    EXPECT_TRUE(state.missing.empty());
}

}  // namespace
}  // namespace mina::sync
