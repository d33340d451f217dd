// Syncing. Goal: a chain is fetched whole from whoever has it, and nobody makes this node ask without end. Method:
// actions into the reducer, effects looked at.
#include "mina/sync/sync.h"

#include "base/rng.h"
#include "crypto/keys.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::sync {
namespace {

using namespace std::chrono_literals;

PeerId peer(std::uint8_t number) { return PeerId::of(crypto::PublicKey::ed25519({number})); }
StateHash block(std::uint8_t number) { return {{number}}; }
std::vector<StateHash> blocks(std::uint8_t first, std::uint8_t last) {
    std::vector<StateHash> all;
    for (auto i = first; i <= last; ++i) all.push_back(block(i));
    return all;
}

struct Syncing : testing::Test {
    /// Answers are to the last question.
    std::vector<Effect> act(Action action) {
        if (auto* const tip = std::get_if<BestTipAnswered>(&action)) tip->question = state.question;
        if (auto* const given = std::get_if<BlocksAnswered>(&action)) given->question = state.question;
        if (auto* const failed = std::get_if<AnswerFailed>(&action)) failed->question = state.question;
        return reduced(action);
    }
    std::vector<Effect> reduced(Action const& action) {
        Out out;
        reduce(state, action, now, out);
        return out.effects;
    }
    /// The deadline comes.
    std::vector<Effect> tick() {
        now = state.deadline;
        return act(Tick{});
    }
    /// Peers from 1 up that may be asked.
    void come(std::uint8_t last) {
        for (std::uint8_t i = 1; i <= last; ++i) act(PeerReady{{peer(i), true}});
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
    base::Instant now{1};
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
    EXPECT_EQ(asked(act(BlocksAnswered{blocks(2, 3), {}}), 3), std::vector{block(1)});
    // Who has no best tip may have blocks.
    EXPECT_EQ(asked(act(AnswerFailed{}), 1), std::vector{block(1)});
    EXPECT_TRUE(act(BlocksAnswered{{block(1)}, {}}).empty());
    EXPECT_EQ(state.phase, Phase::synced);
}

TEST_F(Syncing, does_not_stay_with_a_peer_that_gives_little) {
    come(2);
    act(BestTipAnswered{blocks(1, 9)});
    auto const next = asked(act(BlocksAnswered{{block(9)}, {}}), 2);
    EXPECT_EQ(next, (std::vector{block(8), block(7), block(6), block(5), block(4)}));
}

TEST_F(Syncing, asks_others_for_what_a_peer_that_gives_the_rest_withholds) {
    come(2);
    act(BestTipAnswered{blocks(1, 7)});
    auto effects = act(BlocksAnswered{blocks(5, 7), {}});
    EXPECT_EQ(asked(effects, 1), (std::vector{block(2), block(1)}));
    effects = act(BlocksAnswered{blocks(1, 2), {}});
    EXPECT_EQ(asked(effects, 2), (std::vector{block(4), block(3)}));
    act(BlocksAnswered{blocks(3, 4), {}});
    EXPECT_EQ(state.phase, Phase::synced);
}

TEST_F(Syncing, failures_cost_no_block_however_many) {
    come(8);
    auto effects = act(BestTipAnswered{blocks(1, 5)});
    for (int i = 0; i < 8; ++i) effects = act(AnswerFailed{});
    EXPECT_TRUE(effects.empty());
    EXPECT_EQ(state.phase, Phase::idle);
    EXPECT_EQ(state.given_up, 0U);
    // Who failed first has rested first, and answers now.
    EXPECT_EQ(asked(tick(), 1).size(), 5U);
    act(BlocksAnswered{blocks(1, 5), {}});
    EXPECT_EQ(state.phase, Phase::synced);
}

TEST_F(Syncing, a_peer_that_fails_at_once_is_asked_ever_more_rarely) {
    come(1);
    act(BestTipAnswered{blocks(1, 5)});
    auto const began = now;
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(act(AnswerFailed{}).empty());
        EXPECT_EQ(state.deadline - now, std::min(state.config.rest_max, state.config.rest_min * (1 << i)));
        EXPECT_EQ(asked(tick(), 1).size(), 5U);
    }
    EXPECT_GT(now - began, 2h);
    // Until it gives something.
    act(BlocksAnswered{blocks(3, 5), {}});
    act(AnswerFailed{});
    EXPECT_EQ(state.deadline - now, state.config.rest_min);
}

TEST_F(Syncing, a_list_answered_with_nothing_is_asked_for_block_by_block) {
    come(1);
    act(BestTipAnswered{blocks(1, 6)});
    EXPECT_EQ(asked(act(BlocksAnswered{}), 1), std::vector{block(6)});
    for (std::uint8_t i = 6; i > 2; --i) {
        EXPECT_EQ(asked(act(BlocksAnswered{{block(i)}, {}}), 1), std::vector{block(i - 1)});
    }
    EXPECT_EQ(asked(act(BlocksAnswered{{block(2)}, {}}), 1), std::vector{block(1)});
    act(BlocksAnswered{{block(1)}, {}});
    EXPECT_EQ(state.phase, Phase::synced);
}

TEST_F(Syncing, a_chain_that_nobody_has_is_given_up_and_another_asked_for) {
    come(4);
    auto effects = act(BestTipAnswered{blocks(1, 200)});
    std::size_t questions = 0;
    while (state.has_chain) {
        ASSERT_LT(++questions, 10U);
        effects = act(BlocksAnswered{});
    }
    EXPECT_EQ(state.given_up, 1U);
    EXPECT_TRUE(state.missing.empty());
    // Of another than who told the chain.
    EXPECT_EQ(state.phase, Phase::asking_best_tip);
    EXPECT_FALSE(is_tip_asked(effects, 1));
    effects = act(BestTipAnswered{blocks(201, 203)});
    act(BlocksAnswered{blocks(201, 203), {}});
    EXPECT_EQ(state.phase, Phase::synced);
}

TEST_F(Syncing, a_chain_is_given_up_though_who_told_it_answers_nothing) {
    come(3);
    EXPECT_EQ(asked(act(BestTipAnswered{blocks(1, 200)}), 1).size(), 5U);
    EXPECT_EQ(asked(act(AnswerFailed{}), 2).size(), 5U);
    std::size_t questions = 0;
    while (state.has_chain) {
        ASSERT_LT(++questions, 10U);
        act(BlocksAnswered{});
    }
    EXPECT_EQ(state.phase, Phase::asking_best_tip);
    EXPECT_NE(state.asked.peer(), peer(1));
}

TEST_F(Syncing, asks_for_a_lost_chain_again_ever_more_rarely) {
    come(1);
    for (int i = 0; i < 10; ++i) {
        act(BestTipAnswered{{block(1)}});
        EXPECT_TRUE(act(BlocksAnswered{}).empty());
        EXPECT_EQ(state.phase, Phase::idle);
        EXPECT_EQ(state.deadline - now, std::min(state.config.rest_max, state.config.rest_min * (1 << i)));
        EXPECT_TRUE(is_tip_asked(tick(), 1));
    }
}

TEST_F(Syncing, gives_up_a_block_of_gossip_that_nobody_has_and_goes_on_with_the_rest) {
    come(1);
    act(BestTipAnswered{blocks(1, 2)});
    for (std::uint8_t i = 200; i < 205; ++i) act(BlockMissing{block(i), {peer(1), true}});
    auto effects = act(BlocksAnswered{blocks(1, 2), {}});
    std::size_t questions = 0;
    while (!effects.empty()) {
        ASSERT_LT(++questions, 30U);
        BlocksAnswered answer;
        for (auto const& each : asked(effects, 1)) {
            if (each < block(202)) answer.blocks.push_back(each);
        }
        effects = act(answer);
    }
    EXPECT_EQ(state.phase, Phase::synced);
    EXPECT_EQ(state.fetched, 4U);
    EXPECT_EQ(state.given_up, 3U);
    EXPECT_TRUE(state.has_chain);
}

TEST_F(Syncing, asks_all_for_a_best_tip_and_again_after_a_while) {
    std::size_t asked_for = 0;
    for (std::uint8_t i = 1; i <= 50; ++i) asked_for += act(PeerReady{{peer(i), true}}).size();
    for (int i = 0; i < 60; ++i) asked_for += act(AnswerFailed{}).size();
    for (std::uint8_t i = 1; i <= 50; ++i) asked_for += act(PeerReady{{peer(i), true}}).size();
    EXPECT_EQ(asked_for, 50U);
    EXPECT_EQ(state.phase, Phase::idle);
    EXPECT_EQ(state.deadline, now + state.config.rest_min);
    EXPECT_TRUE(is_tip_asked(tick(), 1));
}

TEST_F(Syncing, who_connects_anew_is_asked_at_once) {
    come(1);
    EXPECT_TRUE(act(AnswerFailed{}).empty());
    act(PeerGone{peer(1)});
    EXPECT_TRUE(is_tip_asked(act(PeerReady{{peer(1), true}}), 1));
}

TEST_F(Syncing, a_newcomer_takes_the_place_of_who_was_asked_in_vain) {
    come(100);
    for (std::size_t i = 0; i < state.config.candidates_max; ++i) act(AnswerFailed{});
    ASSERT_EQ(state.phase, Phase::idle);
    ASSERT_EQ(state.candidates.size(), state.config.candidates_max);
    EXPECT_TRUE(is_tip_asked(act(PeerReady{{peer(200), true}}), 200));
    EXPECT_LE(state.candidates.size() + 1, state.config.candidates_max);
}

TEST_F(Syncing, who_has_no_best_tip_may_yet_have_blocks) {
    come(1);
    EXPECT_TRUE(act(AnswerFailed{}).empty());
    EXPECT_EQ(asked(act(BlockMissing{block(9), {peer(1), true}}), 1), std::vector{block(9)});
    act(BlocksAnswered{{block(9)}, {}});
    EXPECT_EQ(state.phase, Phase::idle);
    EXPECT_TRUE(is_tip_asked(tick(), 1));
}

TEST_F(Syncing, a_best_tip_that_takes_too_long_is_asked_of_another) {
    come(2);
    EXPECT_EQ(state.deadline, now + state.config.tip_time);
    auto const late = state.question;
    EXPECT_TRUE(act(Tick{}).empty());
    auto const effects = tick();
    ASSERT_EQ(effects.size(), 2U);
    EXPECT_EQ(std::get<Cancel>(effects[0]).question, late);
    EXPECT_EQ(std::get<AskBestTip>(effects[1]).peer, peer(2));
    EXPECT_TRUE(reduced(BestTipAnswered{{}, late}).empty());
    EXPECT_EQ(state.phase, Phase::asking_best_tip);
    // Nor is who was late asked for blocks meanwhile.
    act(BestTipAnswered{{block(1)}});
    EXPECT_TRUE(act(AnswerFailed{}).empty());
}

TEST_F(Syncing, blocks_that_take_too_long_are_asked_of_another) {
    come(2);
    act(BestTipAnswered{blocks(1, 5)});
    EXPECT_EQ(state.deadline - now, state.config.blocks_time + 5 * state.config.block_time);
    auto const late = state.question;
    auto const effects = tick();
    ASSERT_EQ(effects.size(), 2U);
    EXPECT_EQ(std::get<Cancel>(effects[0]).question, late);
    EXPECT_EQ(std::get<AskBlocks>(effects[1]).peer, peer(2));
    EXPECT_TRUE(reduced(BlocksAnswered{blocks(1, 5), {}, late}).empty());
    EXPECT_TRUE(reduced(AnswerFailed{late}).empty());
    EXPECT_EQ(state.fetched, 0U);
    EXPECT_EQ(state.given_up, 0U);
    act(BlocksAnswered{blocks(1, 5), {}});
    EXPECT_EQ(state.phase, Phase::synced);
    EXPECT_EQ(state.deadline, base::Instant::never());
}

// Nineteen peers have no best tip, or make one up; they fail, drip, lack all blocks, or give some. The last is honest,
// and fails now and then. An answer takes 100 ms.
struct Crowd : Syncing, testing::WithParamInterface<std::uint64_t> {
    static constexpr std::uint8_t honest = 20;

    std::vector<Effect> answer(Effect const& effect) {
        if (auto const* const tip = std::get_if<AskBestTip>(&effect)) return answer_tip(tip->peer == peer(honest));
        auto const& ask = std::get<AskBlocks>(effect);
        return answer_blocks(ask.peer == peer(honest), ask.blocks);
    }
    std::vector<Effect> answer_tip(bool is_honest) {
        auto const dice = rng.below(is_honest ? 10 : 4);
        if (dice == 0) return act(AnswerFailed{});
        if (is_honest) return act(BestTipAnswered{unknown()});
        return dice == 1 ? tick() : act(BestTipAnswered{blocks(100, 160)});
    }
    std::vector<Effect> answer_blocks(bool is_honest, std::vector<StateHash> const& wanted) {
        auto const dice = rng.below(is_honest ? 10 : 4);
        if (dice == 0) return act(AnswerFailed{});
        if (dice == 1 && !is_honest) return tick();
        BlocksAnswered given;
        for (auto const& each : wanted) {
            if (each < block(100) && (is_honest || dice + rng.below(2) == 4)) given.blocks.push_back(each);
        }
        known.insert(given.blocks.begin(), given.blocks.end());
        return act(given);
    }
    std::vector<StateHash> unknown() const {
        auto all = blocks(1, 60);
        std::erase_if(all, [this](StateHash const& each) { return known.contains(each); });
        return all;
    }

    std::set<StateHash> known;
    base::Rng rng{base::Rng::Seed{static_cast<std::uint8_t>(GetParam())}};
};

TEST_P(Crowd, one_honest_peer_is_enough) {
    auto effects = act(PeerReady{{peer(1), true}});
    for (std::uint8_t i = 2; i <= honest; ++i) act(PeerReady{{peer(i), true}});
    std::size_t questions = 0;
    while (state.phase != Phase::synced) {
        ASSERT_LT(now, base::Instant{} + 3h) << "fetched " << state.fetched;
        if (effects.empty() || std::holds_alternative<Cancel>(effects.back())) {
            ASSERT_NE(state.deadline, base::Instant::never());
            effects = tick();
            continue;
        }
        ++questions;
        now = now + 100ms;
        effects = answer(effects.back());
        ASSERT_LE(state.missing.size() + state.fetching.size(), 61U);
    }
    EXPECT_TRUE(unknown().empty());
    EXPECT_LT(questions, 1000U);
}
INSTANTIATE_TEST_SUITE_P(Seeds, Crowd, testing::Range<std::uint64_t>(1, 21));

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
