// Goal: a decoded block has its values under their names. Method: the golden block against what another
// implementation says of it (golden/block-357934-facts.json), and the gossip message, best tip and account that hold
// what it holds.
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/every_root.h"
#include "mina/schema/golden.h"
#include "mina/text/base58check.h"

#include <gtest/gtest.h>

namespace mina::messages {
namespace {

using text::Base58Kind;

class block_fields : public testing::Test {
protected:
    void SetUp() override {
        message_ = schema::golden::message("block-357934");
        if (message_.type == nullptr) GTEST_SKIP() << schema::golden::folder << " is not here";
        facts_ = schema::golden::read_json("block-357934-facts.json");
        auto const block = decode<berkeley::Block>(message_.bytes, arena_);
        ASSERT_TRUE(block);
        block_ = *block;
    }

    std::string base58(Base58Kind kind, base::ByteView bytes) const { return text::to_base58check(kind, bytes); }
    std::string key(berkeley::PublicKey const& key) const {
        return base58(Base58Kind::public_key, {reinterpret_cast<std::uint8_t const*>(&key), sizeof key});
    }

    std::string text_of(char const* name) const { return facts_.at(name).get<std::string>(); }
    std::uint64_t number_of(char const* name) const { return facts_.at(name).get<std::uint64_t>(); }
    bool flag_of(char const* name) const { return facts_.at(name).get<bool>(); }

    schema::golden::Message message_;
    nlohmann::json facts_;
    binprot::Arena arena_;
    berkeley::Block const* block_ = nullptr;
};

TEST_F(block_fields, of_the_consensus_state_have_their_values) {
    auto const& state = block_->header.protocol_state.body.consensus_state;
    EXPECT_EQ(state.blockchain_length, 357934U);
    EXPECT_EQ(state.blockchain_length, number_of("height"));
    EXPECT_EQ(state.epoch_count, number_of("epoch"));
    EXPECT_EQ(state.global_slot_since_genesis.since_genesis, number_of("slot_since_genesis"));
    EXPECT_EQ(state.curr_global_slot_since_hard_fork.slot_number.since_hard_fork, number_of("slot_since_hard_fork"));
    EXPECT_EQ(std::to_string(state.total_currency), text_of("total_currency"));
    EXPECT_EQ(state.supercharge_coinbase, flag_of("supercharge_coinbase"));
    EXPECT_EQ(key(*state.block_creator), text_of("block_creator"));
    EXPECT_EQ(key(*state.block_stake_winner), text_of("block_stake_winner"));
    EXPECT_EQ(key(*state.coinbase_receiver), text_of("coinbase_receiver"));
    EXPECT_EQ(state.sub_window_densities.size(), 11U);
    for (auto const density : state.sub_window_densities) EXPECT_LE(density, 7U);
    EXPECT_EQ(state.last_vrf_output.size(), 32U);
}

TEST_F(block_fields, of_the_protocol_state_have_their_values) {
    auto const& state = block_->header.protocol_state;
    EXPECT_EQ(base58(Base58Kind::state_hash, state.previous_state_hash->view()), text_of("previous_state_hash"));
    EXPECT_EQ(base58(Base58Kind::state_hash, state.body.genesis_state_hash->view()), text_of("genesis_state_hash"));
    auto const& chain = state.body.blockchain_state;
    EXPECT_EQ(std::to_string(chain.timestamp), text_of("timestamp_ms"));
    auto const& staged = *chain.staged_ledger_hash.non_snark.ledger_hash;
    EXPECT_EQ(base58(Base58Kind::ledger_hash, staged.view()), text_of("staged_ledger_hash"));
    auto const& snarked = *chain.ledger_proof_statement.target.first_pass_ledger;
    EXPECT_EQ(base58(Base58Kind::ledger_hash, snarked.view()), text_of("snarked_ledger_hash"));
    EXPECT_EQ(state.body.constants.k, 290U);
    EXPECT_EQ(state.body.constants.slots_per_epoch, 7140U);
    auto const& version = block_->header.current_protocol_version;
    auto const text = std::to_string(version.transaction) + "." + std::to_string(version.network) + "." +
                      std::to_string(version.patch);
    EXPECT_EQ(text, text_of("protocol_version"));
    EXPECT_EQ(block_->header.proposed_protocol_version_opt, nullptr);
}

TEST_F(block_fields, of_commands_have_their_values) {
    auto const& diff = block_->body.staged_ledger_diff.diff;
    EXPECT_EQ(diff.second != nullptr, flag_of("has_second_pre_diff"));
    EXPECT_EQ(diff.first.completed_works.size(), number_of("snark_works"));
    EXPECT_EQ(diff.first.internal_command_statuses.size(), number_of("internal_command_statuses"));
    for (auto const& status : diff.first.internal_command_statuses) EXPECT_FALSE(status.failed);
    auto const& commands = diff.first.commands;
    ASSERT_EQ(commands.size(), number_of("commands"));
    std::uint64_t fees = 0;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        auto const& expected = facts_.at("command_list")[i];
        auto const text_in = [&](char const* name) { return expected.at(name).get<std::string>(); };
        auto const number_in = [&](char const* name) { return expected.at(name).get<std::uint64_t>(); };
        auto const& command = commands[i].data;
        auto const is_zkapp = text_in("kind") == "zkapp";
        ASSERT_EQ(command.kind, is_zkapp ? berkeley::UserCommand::Kind::zkapp_command
                                         : berkeley::UserCommand::Kind::signed_command);
        EXPECT_FALSE(commands[i].status.failed);
        std::uint64_t fee = 0;
        if (is_zkapp) {
            auto const& body = command.zkapp_command->fee_payer.body;
            fee = body.fee;
            EXPECT_EQ(key(*body.public_key), text_in("fee_payer"));
            EXPECT_EQ(body.nonce, number_in("nonce"));
            EXPECT_EQ(command.zkapp_command->account_updates.size(), number_in("account_updates_top_level"));
        } else {
            auto const& common = command.signed_command->payload.common;
            fee = common.fee;
            EXPECT_EQ(key(*common.fee_payer_pk), text_in("fee_payer"));
            EXPECT_EQ(common.nonce, number_in("nonce"));
            EXPECT_EQ(common.memo.size(), 34U);
        }
        EXPECT_EQ(std::to_string(fee), text_in("fee_nanomina"));
        fees += fee;
    }
    EXPECT_EQ(std::to_string(fees), text_of("command_fees_sum_nanomina"));
}

TEST_F(block_fields, point_into_the_message_or_the_arena) {
    auto const* const begin = message_.bytes.data();
    auto const* const end = begin + message_.bytes.size();
    auto const lies_in_message = [&](void const* at) { return at >= begin && at < end; };
    EXPECT_TRUE(lies_in_message(block_->header.protocol_state.previous_state_hash));
    EXPECT_TRUE(lies_in_message(block_->header.protocol_state.body.consensus_state.block_creator));
    EXPECT_TRUE(lies_in_message(block_->header.delta_block_chain_proof.bodies.begin()));
    EXPECT_FALSE(lies_in_message(block_->body.staged_ledger_diff.diff.first.commands.begin()));
}

TEST_F(block_fields, are_those_of_the_block_in_other_messages) {
    auto const gossip_bytes = schema::golden::message("gossip-new-block").bytes;
    auto const tip_bytes = schema::golden::message("get-best-tip.response").bytes;
    auto const gossip = decode<berkeley::Gossip>(gossip_bytes, arena_);
    auto const tip = decode<berkeley::GetBestTipResponse>(tip_bytes, arena_);
    ASSERT_TRUE(gossip && tip);
    ASSERT_EQ((*gossip)->kind, berkeley::Gossip::Kind::new_state);
    EXPECT_EQ(encode(*(*gossip)->new_state), message_.bytes);
    ASSERT_NE((*tip)->value, nullptr);
    EXPECT_EQ(encode((*tip)->value->data), message_.bytes);
    EXPECT_EQ(encode((*tip)->value->proof.root), message_.bytes);
    EXPECT_EQ((*tip)->value->proof.bodies.size(), 2U);
}

TEST_F(block_fields, can_be_changed_and_encoded) {
    auto changed = *block_;
    changed.header.protocol_state.body.consensus_state.blockchain_length += 1;
    berkeley::PublicKey const other{.x = {}, .is_odd = true};
    changed.header.protocol_state.body.consensus_state.block_creator = &other;
    changed.body.staged_ledger_diff.diff.first.commands = {};
    auto const bytes = encode(changed);
    auto const root = root_named("block");
    ASSERT_TRUE(validate(*root.codec, bytes));
    auto const decoded = decode<berkeley::Block>(bytes, arena_);
    ASSERT_TRUE(decoded);
    auto const& state = (*decoded)->header.protocol_state.body.consensus_state;
    EXPECT_EQ(state.blockchain_length, 357935U);
    EXPECT_EQ(*state.block_creator, other);
    EXPECT_TRUE((*decoded)->body.staged_ledger_diff.diff.first.commands.empty());
    EXPECT_EQ((*decoded)->header.protocol_state.previous_state_hash->bytes,
              block_->header.protocol_state.previous_state_hash->bytes);
}

}  // namespace
}  // namespace mina::messages
