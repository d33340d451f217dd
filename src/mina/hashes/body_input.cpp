#include "mina/hashes/body_input.h"

#include "crypto/hash.h"

#include <optional>
#include <ranges>

namespace mina::hashes {

namespace {

using Reason = HashError::Reason;

// mina: the output of the VRF is truncated to two bits less than a field element has; its bytes have room for more.
constexpr std::size_t vrf_output_bits = 253;

/// Takes parts in the order in which they are hashed. The first thing wrong is kept, and what follows is of no use.
class Collector {
public:
    explicit Collector(BodyPacker& packer) : packer_(packer) {}

    /// What the names of the following parts begin with.
    void enter(std::string_view within) { within_ = within; }

    void field(binprot::Field const& value, std::string_view name) {
        auto const element = crypto::Fp::from_bytes(value.view());
        if (!element) note(Reason::not_reduced, name);
        packer_.append_field(element.value_or(crypto::Fp()));
    }

    void u32(std::uint32_t value) { packer_.append_item(value, 32); }
    void u64(std::uint64_t value) { packer_.append_item(value, 64); }
    void flag(bool value) { packer_.append_item(value ? 1 : 0, 1); }

    void amount(berkeley::SignedAmount const& value) {
        u64(value.magnitude);
        flag(value.sgn == berkeley::Sign::pos);
    }

    /// The first bits of a string of 32 bytes; nothing of one of another size.
    void bits(base::ByteView bytes, std::size_t count, std::string_view name) {
        if (has_size(bytes, name)) packer_.append_bits(bytes, count);
    }

    void key(berkeley::PublicKey const& key, std::string_view name) {
        field(key.x, name);
        flag(key.is_odd);
    }

    bool has_size(base::ByteView bytes, std::string_view name) {
        if (bytes.size() != 32) note(Reason::wrong_size, name);
        return bytes.size() == 32;
    }

    void note(Reason reason, std::string_view name) {
        if (!error_) error_ = HashError{reason, within_, name};
    }

    std::optional<HashError> const& error() const { return error_; }

private:
    BodyPacker& packer_;
    std::string_view within_;
    std::optional<HashError> error_;
};

// mina: constants come first, and delta second among them.
void constants(berkeley::ProtocolConstants const& constants, Collector& to) {
    to.u32(constants.k);
    to.u32(constants.delta);
    to.u32(constants.slots_per_epoch);
    to.u32(constants.slots_per_sub_window);
    to.u32(constants.grace_period_slots);
    to.u64(constants.genesis_state_timestamp);
}

// mina: the hash of the ledger is big-endian here, and little-endian everywhere else.
void staged_ledger_hash(berkeley::StagedLedgerHash const& hash, Collector& to) {
    to.enter("blockchain_state.staged_ledger_hash.");
    auto const& non_snark = hash.non_snark;
    if (to.has_size(non_snark.aux_hash, "non_snark.aux_hash") &&
        to.has_size(non_snark.pending_coinbase_aux, "non_snark.pending_coinbase_aux")) {
        base::ByteArray<96> parts{};
        std::ranges::copy(non_snark.ledger_hash->bytes | std::views::reverse, parts.begin());
        std::ranges::copy(non_snark.aux_hash, parts.begin() + 32);
        std::ranges::copy(non_snark.pending_coinbase_aux, parts.begin() + 64);
        if (!crypto::Fp::is_canonical(non_snark.ledger_hash->view()))
            to.note(Reason::not_reduced, "non_snark.ledger_hash");
        to.bits(crypto::sha256(parts), 256, "non_snark");
    }
    to.field(*hash.pending_coinbase_hash, "pending_coinbase_hash");
}

// mina: the index stands before the flags, and the table of failures is not hashed.
void local_state(berkeley::LocalState const& state, Collector& to) {
    to.field(*state.stack_frame, "local_state.stack_frame");
    to.field(*state.call_stack, "local_state.call_stack");
    to.field(*state.transaction_commitment, "local_state.transaction_commitment");
    to.field(*state.full_transaction_commitment, "local_state.full_transaction_commitment");
    to.amount(state.excess);
    to.amount(state.supply_increase);
    to.field(*state.ledger, "local_state.ledger");
    to.u32(state.account_update_index);
    to.flag(state.success);
    to.flag(state.will_succeed);
}

void registers(berkeley::Registers const& registers, Collector& to) {
    auto const& stack = *registers.pending_coinbase_stack;
    to.field(*registers.first_pass_ledger, "first_pass_ledger");
    to.field(*registers.second_pass_ledger, "second_pass_ledger");
    to.field(stack.data, "pending_coinbase_stack.data");
    to.field(stack.state.init, "pending_coinbase_stack.state.init");
    to.field(stack.state.curr, "pending_coinbase_stack.state.curr");
    local_state(registers.local_state, to);
}

void statement(berkeley::Statement const& statement, Collector& to) {
    to.enter("blockchain_state.ledger_proof_statement.source.");
    registers(statement.source, to);
    to.enter("blockchain_state.ledger_proof_statement.target.");
    registers(statement.target, to);
    to.enter("blockchain_state.ledger_proof_statement.");
    to.field(*statement.connecting_ledger_left, "connecting_ledger_left");
    to.field(*statement.connecting_ledger_right, "connecting_ledger_right");
    to.amount(statement.supply_increase);
    to.field(*statement.fee_excess.fee_token_l, "fee_excess.fee_token_l");
    to.amount(statement.fee_excess.fee_excess_l);
    to.field(*statement.fee_excess.fee_token_r, "fee_excess.fee_token_r");
    to.amount(statement.fee_excess.fee_excess_r);
}

void blockchain_state(berkeley::BlockchainState const& state, Collector& to) {
    staged_ledger_hash(state.staged_ledger_hash, to);
    to.enter("blockchain_state.");
    to.field(*state.genesis_ledger_hash, "genesis_ledger_hash");
    statement(state.ledger_proof_statement, to);
    to.enter("blockchain_state.");
    to.u64(state.timestamp);
    to.bits(state.body_reference, 256, "body_reference");
}

// mina: seed, start, length, ledger, lock; on the wire the ledger comes first and the length last.
void epoch_data(berkeley::EpochData const& epoch, Collector& to) {
    to.field(*epoch.seed, "seed");
    to.field(*epoch.start_checkpoint, "start_checkpoint");
    to.u32(epoch.epoch_length);
    to.field(*epoch.ledger.hash, "ledger.hash");
    to.u64(epoch.ledger.total_currency);
    to.field(*epoch.lock_checkpoint, "lock_checkpoint");
}

// mina: both flags stand before the epochs; on the wire they stand after them, and not together.
void consensus_state(berkeley::ConsensusState const& state, Collector& to) {
    to.enter("consensus_state.");
    to.u32(state.blockchain_length);
    to.u32(state.epoch_count);
    to.u32(state.min_window_density);
    if (state.sub_window_densities.size() > sub_window_densities_max) {
        to.note(Reason::too_many, "sub_window_densities");
    } else {
        for (auto const density : state.sub_window_densities) to.u32(density);
    }
    to.bits(state.last_vrf_output, vrf_output_bits, "last_vrf_output");
    to.u64(state.total_currency);
    to.u32(state.curr_global_slot_since_hard_fork.slot_number.since_hard_fork);
    to.u32(state.curr_global_slot_since_hard_fork.slots_per_epoch);
    to.u32(state.global_slot_since_genesis.since_genesis);
    to.flag(state.has_ancestor_in_same_checkpoint_window);
    to.flag(state.supercharge_coinbase);
    to.enter("consensus_state.staking_epoch_data.");
    epoch_data(state.staking_epoch_data, to);
    to.enter("consensus_state.next_epoch_data.");
    epoch_data(state.next_epoch_data, to);
    to.enter("consensus_state.");
    to.key(*state.block_stake_winner, "block_stake_winner");
    to.key(*state.block_creator, "block_creator");
    to.key(*state.coinbase_receiver, "coinbase_receiver");
}

}  // namespace

// spec: Protocol_state.Body.to_input: constants, genesis_state_hash, blockchain_state, consensus_state
base::Result<void, HashError> append_body(berkeley::ProtocolStateBody const& body, BodyPacker& packer) {
    Collector collector(packer);
    constants(body.constants, collector);
    collector.field(*body.genesis_state_hash, "genesis_state_hash");
    blockchain_state(body.blockchain_state, collector);
    consensus_state(body.consensus_state, collector);
    if (collector.error()) return base::fail(*collector.error());
    return {};
}

}  // namespace mina::hashes
