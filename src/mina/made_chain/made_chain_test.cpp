// Goal: made blocks are messages that link; the same arguments give the same ones. Method: each format's chain is
// validated, decoded and hashed.
#include "mina/made_chain/made_chain.h"

#include "mina/hashes/chain_proof.h"
#include "mina/messages/every_root.h"

#include <gtest/gtest.h>

namespace mina::made_chain {
namespace {

constexpr std::uint64_t start_ms = 1'800'000'000'000;

berkeley::ProtocolState state_of(base::ByteView block) {
    binprot::Reader reader(block);
    berkeley::ProtocolState state;
    EXPECT_TRUE(state.decode(reader));
    return state;
}

TEST(made_chain, links_in_every_format) {
    for (auto const format : messages::formats) {
        auto const chain = made_chain(format, 7, 12, start_ms, 2'000);
        ASSERT_EQ(chain.size(), 12U);
        hashes::StateHash previous;
        for (std::size_t i = 0; i < chain.size(); ++i) {
            ASSERT_TRUE(messages::validate(*messages::root_named("block", format).codec, chain[i])) << i;
            auto const state = state_of(chain[i]);
            EXPECT_EQ(state.previous_state_hash->bytes, previous.bytes) << i;
            EXPECT_EQ(state.body.consensus_state.blockchain_length, i + 1);
            EXPECT_EQ(state.body.consensus_state.global_slot_since_genesis.since_genesis, i);
            EXPECT_EQ(state.body.blockchain_state.timestamp, start_ms + i * slot_ms(format));
            previous = hashes::state_hash(state).value();
        }
    }
}

TEST(made_chain, is_the_same_for_the_same_seed) {
    auto const format = messages::Format::mesa;
    EXPECT_EQ(made_chain(format, 1, 3, start_ms), made_chain(format, 1, 3, start_ms));
    EXPECT_NE(made_chain(format, 1, 3, start_ms), made_chain(format, 2, 3, start_ms));
}

TEST(made_chain, branches_go_on_from_any_of_its_blocks) {
    auto const format = messages::Format::berkeley;
    auto const chain = made_chain(format, 1, 3, start_ms);
    for (std::size_t i = 0; i < chain.size(); ++i) {
        auto const parent = state_of(chain[i]);
        auto const branch = made_branch(format, 9, chain[i], 2, 4);
        auto const state = state_of(branch[0]);
        EXPECT_EQ(state.previous_state_hash->bytes, hashes::state_hash(parent)->bytes);
        EXPECT_EQ(state.body.consensus_state.blockchain_length, i + 2);
        EXPECT_EQ(state.body.consensus_state.global_slot_since_genesis.since_genesis, i + 5);
        EXPECT_EQ(state.body.genesis_state_hash->bytes, hashes::state_hash(state_of(chain[0]))->bytes);
    }
}

}  // namespace
}  // namespace mina::made_chain
