// Goal: a list of body hashes is believed if it leads to the state it is for, and only then. Method: an answer of a
// node with 870 steps, a block's own proof, and a short chain of states made here; each with one thing changed.
#include "mina/hashes/chain_proof.h"

#include "mina/hashes/test_vectors.h"
#include "mina/messages/berkeley/roots.h"

#include <gtest/gtest.h>

namespace mina::hashes {
namespace {

using binprot::Field;
using binprot::List;
using vectors::Decoded;
using vectors::devnet;
using Reason = HashError::Reason;

List<Field> list_of(std::vector<Field> const& fields) { return {fields.data(), fields.size()}; }

HashError elsewhere() { return {Reason::leads_elsewhere, "", "chain proof"}; }

// A state, the two that follow it, and the body hashes of these.
struct Chain {
    Chain() {
        auto const root_hashes = state_hashes(*root);
        middle->body.consensus_state.blockchain_length += 1;
        middle_previous = Field{root_hashes->state.bytes};
        middle->previous_state_hash = &middle_previous;
        auto const middle_hashes = state_hashes(*middle);
        tip->body.consensus_state.blockchain_length += 2;
        tip_previous = Field{middle_hashes->state.bytes};
        tip->previous_state_hash = &tip_previous;
        auto const tip_hashes = state_hashes(*tip);
        bodies = {Field{middle_hashes->body.bytes}, Field{tip_hashes->body.bytes}};
    }
    base::Result<BestTipHashes, HashError> verified() const {
        return verify_best_tip({.tip = *tip, .bodies = list_of(bodies), .root = *root});
    }

    Decoded<berkeley::ProtocolState> root = devnet();
    Decoded<berkeley::ProtocolState> middle = devnet();
    Decoded<berkeley::ProtocolState> tip = devnet();
    Field middle_previous;
    Field tip_previous;
    std::vector<Field> bodies;
};

TEST(chain_proof, of_a_best_tip_leads_from_the_root_to_it) {
    Chain const chain;
    auto const hashes = chain.verified();
    ASSERT_TRUE(hashes);
    EXPECT_EQ(hashes->tip, state_hashes(*chain.tip));
    EXPECT_EQ(hashes->root, state_hashes(*chain.root));
}

TEST(chain_proof, of_a_best_tip_is_refused_in_another_order) {
    Chain chain;
    std::swap(chain.bodies[0], chain.bodies[1]);
    EXPECT_EQ(chain.verified().error(), elsewhere());
}

TEST(chain_proof, of_a_best_tip_is_refused_with_a_step_too_few_or_too_many) {
    Chain fewer;
    fewer.bodies.pop_back();
    EXPECT_EQ(fewer.verified().error(), elsewhere());
    Chain more;
    more.bodies.push_back(more.bodies.back());
    EXPECT_EQ(more.verified().error(), elsewhere());
}

TEST(chain_proof, of_a_tip_that_is_the_root_is_empty) {
    auto const state = devnet();
    EXPECT_TRUE(verify_best_tip({.tip = *state, .bodies = {}, .root = *state}));
}

TEST(chain_proof, of_a_block_leads_to_its_predecessor) {
    Chain const chain;
    auto const root = Field{state_hash(*chain.root)->bytes};
    auto const before = *chain.root->previous_state_hash;
    EXPECT_TRUE(verify_delta_chain({.start = &root, .bodies = {}}, *chain.middle));
    EXPECT_TRUE(verify_delta_chain({.start = &root, .bodies = {chain.bodies.data(), 1}}, *chain.tip));
    EXPECT_EQ(verify_delta_chain({.start = &root, .bodies = {}}, *chain.tip).error(), elsewhere());
    EXPECT_EQ(verify_delta_chain({.start = &before, .bodies = {}}, *chain.middle).error(), elsewhere());
}

TEST(chain_proof, names_what_is_not_below_the_modulus) {
    Chain chain;
    chain.bodies[1].bytes.fill(0xff);
    EXPECT_EQ(chain.verified().error(), (HashError{Reason::not_reduced, "", "body hash"}));
    StateHash start;
    start.bytes.fill(0xff);
    EXPECT_EQ(fold_body_hashes(start, list_of(chain.bodies)).error(),
              (HashError{Reason::not_reduced, "", "previous_state_hash"}));
}

TEST(chain_proof, has_a_bounded_number_of_steps) {
    std::vector<Field> bodies(chain_proof_steps_max + 1);
    EXPECT_TRUE(fold_body_hashes({}, {bodies.data(), chain_proof_steps_max}));
    EXPECT_EQ(fold_body_hashes({}, list_of(bodies)).error(), (HashError{Reason::too_many, "", "body hashes"}));
}

TEST(chain_proof, of_a_block_of_devnet) {
    auto const bytes = vectors::read("devnet-357934-block.bin");
    if (!bytes) GTEST_SKIP() << vectors::berkeley_folder << " is not here";
    auto const block = Decoded<berkeley::Block>(*bytes);
    auto const& header = block->header;
    EXPECT_EQ(header.delta_block_chain_proof.bodies.size(), 0U);
    EXPECT_TRUE(verify_delta_chain(header.delta_block_chain_proof, header.protocol_state));
}

TEST(chain_proof, of_a_recorded_answer_leads_to_what_was_asked) {
    auto bytes = vectors::read("golden/get-transition-chain-proof.response.bin");
    auto const query = vectors::read("rpc/get-transition-chain-proof.query.bin");
    if (!bytes || !query) GTEST_SKIP() << vectors::berkeley_folder << " is not here";
    // The hash stands at the end of the query.
    StateHash asked;
    std::copy(query->end() - 32, query->end(), asked.bytes.begin());
    auto const answer = Decoded<berkeley::GetTransitionChainProofResponse>(*bytes);
    ASSERT_EQ(answer->value->bodies.size(), 870U);
    EXPECT_TRUE(verify_transition_chain(*answer->value, asked));
    auto other = asked;
    other.bytes[0] ^= 1;
    EXPECT_EQ(verify_transition_chain(*answer->value, other).error(), elsewhere());
    answer.bytes()[bytes->size() / 2] ^= 1;
    EXPECT_EQ(verify_transition_chain(*answer->value, asked).error(), elsewhere());
}

// It was put together from one block and two body hashes that have nothing to do with it.
TEST(chain_proof, of_the_golden_best_tip_is_refused) {
    auto const bytes = vectors::read("golden/get-best-tip.response.bin");
    if (!bytes) GTEST_SKIP() << vectors::berkeley_folder << " is not here";
    auto const answer = Decoded<berkeley::GetBestTipResponse>(*bytes);
    ASSERT_NE(answer->value, nullptr);
    EXPECT_EQ(verify_best_tip(best_tip_of(*answer->value)).error(), elsewhere());
}

}  // namespace
}  // namespace mina::hashes
