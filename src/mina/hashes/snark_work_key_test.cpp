// Goal: work has one key wherever it is met: gossiped, in a block, from any prover. Method: one statement as each of
// these; keys from another implementation.
#include "mina/hashes/snark_work_key.h"

#include "mina/hashes/test_vectors.h"
#include "mina/messages/berkeley/roots.h"

#include <gtest/gtest.h>

namespace mina::hashes {
namespace {

using vectors::Decoded;

constexpr auto one_key = "4d7584e9bae2c0e16a4ceaf5abcc2e947ab033c2424f895eaca4011fa13b4756";
constexpr auto two_key = "ea37a9725048bb02dd7f99eafe99d7d323d4061cd6bcff9a0043a91a0778b558";

berkeley::StatementWithSok with_digest(berkeley::Statement const& statement, base::ByteView digest) {
    return {statement.source, statement.target, statement.connecting_ledger_left, statement.connecting_ledger_right,
            statement.supply_increase, statement.fee_excess, digest};
}

// Work of one or two proofs, all of the same statement. Its proofs are not there: a key does not look at them.
template <class Proofs, class LedgerProof, class Two, class Work>
void expect_keys_of_proofs(berkeley::Statement const& statement) {
    for (auto const& digest : {base::ByteString(32), base::ByteString(32, 255)}) {
        LedgerProof proof{};
        proof.statement = with_digest(statement, digest);
        Two const two{proof, proof};
        Proofs const one_proof{.kind = Proofs::Kind::one, .one = &proof};
        Proofs const two_proofs{.kind = Proofs::Kind::two, .two = &two};
        EXPECT_EQ(to_string(snark_work_key(one_proof)), one_key);
        EXPECT_EQ(to_string(snark_work_key(two_proofs)), two_key);
        EXPECT_EQ(snark_work_key(Work{.fee = 1, .proofs = two_proofs}), snark_work_key(two_proofs));
    }
}

TEST(snark_work_key, is_that_of_its_statements) {
    auto const state = vectors::devnet();
    auto const& statement = state->body.blockchain_state.ledger_proof_statement;
    using Statements = berkeley::OneOrTwoStatements;
    berkeley::OneOrTwoStatementsTwo const two{statement, statement};
    Statements const one_statement{.kind = Statements::Kind::one, .one = &statement};
    Statements const two_statements{.kind = Statements::Kind::two, .two = &two};
    EXPECT_EQ(to_string(snark_work_key(one_statement)), one_key);
    EXPECT_EQ(to_string(snark_work_key(two_statements)), two_key);
    berkeley::SnarkPoolDiffAddSolvedWork const added{.first = two_statements};
    EXPECT_EQ(snark_work_key(berkeley::SnarkPoolDiff{&added}), snark_work_key(two_statements));
    mesa_array_inputs::SnarkPoolDiffAddSolvedWork const mesa_added{.first = one_statement};
    EXPECT_EQ(snark_work_key(mesa_array_inputs::SnarkPoolDiff{&mesa_added}), snark_work_key(one_statement));
}

TEST(snark_work_key, of_proofs_does_not_see_what_binds_them_to_a_prover) {
    auto const state = vectors::devnet();
    auto const& statement = state->body.blockchain_state.ledger_proof_statement;
    expect_keys_of_proofs<berkeley::OneOrTwoProofs, berkeley::LedgerProof, berkeley::OneOrTwoProofsTwo,
                          berkeley::SnarkWork>(statement);
    expect_keys_of_proofs<mesa_array_inputs::OneOrTwoProofs, mesa_array_inputs::LedgerProof,
                          mesa_array_inputs::OneOrTwoProofsTwo, mesa_array_inputs::SnarkWork>(statement);
}

TEST(snark_work_key, tells_statements_apart) {
    auto const state = vectors::devnet();
    auto statement = state->body.blockchain_state.ledger_proof_statement;
    using Statements = berkeley::OneOrTwoStatements;
    Statements const one{.kind = Statements::Kind::one, .one = &statement};
    statement.supply_increase.magnitude += 1;
    EXPECT_NE(to_string(snark_work_key(one)), one_key);
}

TEST(snark_work_key, of_an_empty_diff_is_none) {
    EXPECT_EQ(snark_work_key(berkeley::SnarkPoolDiff{}), std::nullopt);
    EXPECT_EQ(snark_work_key(mesa_array_inputs::SnarkPoolDiff{}), std::nullopt);
}

TEST(snark_work_key, of_gossiped_work_is_that_of_its_proofs) {
    for (auto const& [file, key] : {std::pair{"golden/gossip-snark-pool-diff-one.bin", one_key},
                                    std::pair{"golden/gossip-snark-pool-diff-two.bin", two_key}}) {
        auto bytes = vectors::read(file);
        if (!bytes) GTEST_SKIP() << vectors::berkeley_folder << " is not here";
        bytes->erase(bytes->begin(), bytes->begin() + messages::frame_header_bytes);
        auto const gossip = Decoded<berkeley::Gossip>(*bytes);
        auto const& diff = gossip->snark_pool_diff.diff;
        EXPECT_EQ(to_string(*snark_work_key(diff)), key);
        EXPECT_EQ(to_string(snark_work_key(diff.add_solved_work->second.proof)), key);
    }
}

}  // namespace
}  // namespace mina::hashes
