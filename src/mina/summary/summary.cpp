#include "mina/summary/summary.h"

#include "mina/hashes/transaction_hash.h"
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/mesa/roots.h"
#include "mina/messages/mesa_array_inputs/roots.h"
#include "mina/text/base58check.h"

#include <limits>

namespace mina::summary {

namespace {

using berkeley::PublicKey;

std::string text_of(PublicKey const& key) {
    base::ByteView const bytes(reinterpret_cast<std::uint8_t const*>(&key), sizeof key);
    return text::to_base58check(text::Base58Kind::public_key, bytes);
}

std::string error_text(binprot::Error const& error) {
    return "offset " + std::to_string(error.offset) + ": " + std::string(to_string(error.reason));
}

void add(std::uint64_t& sum, std::uint64_t more) {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    sum = more > most - sum ? most : sum + more;
}

template <class UserCommand>
void count(CommandCounts& counts, UserCommand const& command) {
    if (command.zkapp_command != nullptr) {
        ++counts.zkapp_commands;
        add(counts.fees_nanomina, command.zkapp_command->fee_payer.body.fee);
        return;
    }
    auto const& payload = command.signed_command->payload;
    ++(payload.body.kind == berkeley::CommandBody::Kind::payment ? counts.payments : counts.delegations);
    add(counts.fees_nanomina, payload.common.fee);
}

template <class PreDiff>
void count(Block& block, PreDiff const& diff) {
    for (auto const& work : diff.completed_works) {
        ++block.snark_works;
        add(block.snark_fees_nanomina, work.fee);
    }
    for (auto const& command : diff.commands) {
        count(block.commands, command.data);
        if (command.status.failed) ++block.failed_commands;
    }
}

template <class WireBlock>
Block of_block(WireBlock const& wire) {
    auto const& state = wire.header.protocol_state;
    auto const& consensus = state.body.consensus_state;
    Block block;
    if (auto const hash = hashes::state_hash(state)) block.state_hash = *hash;
    block.previous_state_hash = {state.previous_state_hash->bytes};
    block.height = consensus.blockchain_length;
    block.global_slot = consensus.global_slot_since_genesis.since_genesis;
    block.slot = consensus.curr_global_slot_since_hard_fork.slot_number.since_hard_fork;
    block.epoch = consensus.epoch_count;
    block.timestamp_ms = state.body.blockchain_state.timestamp;
    block.creator = text_of(*consensus.block_creator);
    block.coinbase_receiver = text_of(*consensus.coinbase_receiver);
    auto const& diff = wire.body.staged_ledger_diff.diff;
    count(block, diff.first);
    if (diff.second != nullptr) count(block, *diff.second);
    auto const& version = wire.header.current_protocol_version;
    block.protocol_version = std::to_string(version.transaction) + "." + std::to_string(version.network) + "." +
                             std::to_string(version.patch);
    return block;
}

template <class Diff>
SnarkWork of_work(Diff const& diff) {
    SnarkWork work;
    if (diff.add_solved_work == nullptr) return work;
    auto const& priced = diff.add_solved_work->second;
    work.proofs = priced.proof.one != nullptr ? 1 : 2;
    work.fee_nanomina = priced.fee.fee;
    work.prover = text_of(*priced.fee.prover);
    work.key = hashes::snark_work_key(diff);
    return work;
}

template <class Commands>
Transactions of_commands(Commands const& commands) {
    Transactions transactions;
    for (auto const& command : commands) {
        count(transactions.commands, command);
        if (transactions.hashes.size() < transaction_hashes_max) {
            transactions.hashes.push_back(hashes::transaction_hash(command));
        }
    }
    return transactions;
}

template <class Gossip>
base::Result<Summary, std::string> of_gossip(base::ByteView value) {
    binprot::Arena arena(messages::arena_bytes_max(value.size()));
    auto const decoded = messages::decode<Gossip>(value, arena);
    if (!decoded) return base::fail(error_text(decoded.error()));
    auto const& gossip = **decoded;
    switch (gossip.kind) {
        case Gossip::Kind::new_state: return Summary(of_block(*gossip.new_state));
        case Gossip::Kind::snark_pool_diff: return Summary(of_work(gossip.snark_pool_diff.diff));
        case Gossip::Kind::transaction_pool_diff: break;
    }
    return Summary(of_commands(gossip.transaction_pool_diff.diff));
}

template <class WireBlock>
base::Result<Block, std::string> decode_block(base::ByteView bytes) {
    binprot::Arena arena(messages::arena_bytes_max(bytes.size()));
    auto const decoded = messages::decode<WireBlock>(bytes, arena);
    if (!decoded) return base::fail(error_text(decoded.error()));
    return of_block(**decoded);
}

}  // namespace

messages::GossipKind kind_of(Summary const& summary) {
    if (std::holds_alternative<Block>(summary)) return messages::GossipKind::block;
    if (std::holds_alternative<SnarkWork>(summary)) return messages::GossipKind::snark_work;
    return messages::GossipKind::transactions;
}

base::Result<Summary, std::string> summarize(messages::Format format, base::ByteView payload) {
    auto const value = messages::unframed(payload);
    if (!value) return base::fail(error_text(value.error()));
    switch (format) {
        case messages::Format::berkeley: return of_gossip<berkeley::Gossip>(*value);
        case messages::Format::mesa: return of_gossip<mesa::Gossip>(*value);
        case messages::Format::mesa_array_inputs: break;
    }
    return of_gossip<mesa_array_inputs::Gossip>(*value);
}

base::Result<Block, std::string> summarize_block(messages::Format format, base::ByteView block) {
    switch (format) {
        case messages::Format::berkeley: return decode_block<berkeley::Block>(block);
        case messages::Format::mesa: return decode_block<mesa::Block>(block);
        case messages::Format::mesa_array_inputs: break;
    }
    return decode_block<mesa_array_inputs::Block>(block);
}

}  // namespace mina::summary
