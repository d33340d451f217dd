// Any message that decodes can be hashed: each hash is a value or an error, and no check fails on the way. A hash of a
// command stays the same when it is signed by another. The input: a byte for the format, then the payload of a gossip
// message without its length, or an answer with a chain proof.
#include "mina/hashes/chain_proof.h"
#include "mina/hashes/snark_work_key.h"
#include "mina/hashes/transaction_hash.h"
#include "mina/hashes/transaction_id.h"

#include "base/check.h"
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/mesa/roots.h"
#include "mina/messages/mesa_array_inputs/roots.h"
#include "mina/messages/messages.h"

namespace {

using namespace mina;

template <class Command>
void hash_command(Command command) {
    auto const hash = hashes::transaction_hash(command);
    static_cast<void>(hashes::transaction_id(command));
    berkeley::Signature const signature{};
    if (command.kind == Command::Kind::signed_command) {
        auto other = *command.signed_command;
        other.signature = &signature;
        base::check(hashes::transaction_hash(other) == hash, "a hash does not see a signature");
    } else {
        auto other = *command.zkapp_command;
        other.fee_payer.authorization = &signature;
        base::check(hashes::transaction_hash(other) == hash, "a hash does not see the signature of a fee payer");
    }
}

template <class Block>
void hash_block(Block const& block) {
    auto const& header = block.header;
    static_cast<void>(hashes::state_hash(header.protocol_state));
    static_cast<void>(hashes::verify_delta_chain(header.delta_block_chain_proof, header.protocol_state));
    auto const& diff = block.body.staged_ledger_diff.diff.first;
    for (auto const& command : diff.commands) hash_command(command.data);
    for (auto const& work : diff.completed_works) static_cast<void>(hashes::snark_work_key(work));
}

template <class Gossip>
void hash_gossip(base::ByteView bytes) {
    binprot::Arena arena(messages::arena_bytes_max(bytes.size()));
    auto const gossip = messages::decode<Gossip>(bytes, arena);
    if (!gossip) return;
    auto const& message = **gossip;
    switch (message.kind) {
        case Gossip::Kind::new_state: return hash_block(*message.new_state);
        case Gossip::Kind::snark_pool_diff:
            static_cast<void>(hashes::snark_work_key(message.snark_pool_diff.diff));
            return;
        case Gossip::Kind::transaction_pool_diff:
            for (auto const& command : message.transaction_pool_diff.diff) hash_command(command);
            return;
    }
}

void hash_chain(base::ByteView bytes) {
    binprot::Arena arena(messages::arena_bytes_max(bytes.size()));
    auto const answer = messages::decode<berkeley::GetTransitionChainProofResponse>(bytes, arena);
    if (!answer || (*answer)->value == nullptr) return;
    static_cast<void>(hashes::verify_transition_chain(*(*answer)->value, {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const bytes = base::ByteView(data, size).subspan(1);
    switch (data[0] % 4) {
        case 0: hash_gossip<berkeley::Gossip>(bytes); break;
        case 1: hash_gossip<mesa::Gossip>(bytes); break;
        case 2: hash_gossip<mesa_array_inputs::Gossip>(bytes); break;
        default: hash_chain(bytes); break;
    }
    return 0;
}
