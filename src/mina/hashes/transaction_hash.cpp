#include "mina/hashes/transaction_hash.h"

#include "base/check.h"
#include "crypto/hash.h"
#include "mina/hashes/dummies.h"
#include "mina/messages/messages.h"

#include <concepts>

namespace mina::hashes {

namespace {

using binprot::Writer;

void put_dummy_proof(berkeley::SideLoadedProof const*, Writer& writer) { writer.put(dummy_proof); }

// Each of both public inputs is an array of one element: a count goes before it.
void put_dummy_proof(mesa_array_inputs::SideLoadedProof const*, Writer& writer) {
    auto const proof = base::ByteView(dummy_proof);
    writer.put(proof.first(dummy_public_inputs_at));
    writer.put_count(1);
    writer.put(proof.subspan(dummy_public_inputs_at, 32));
    writer.put_count(1);
    writer.put(proof.subspan(dummy_public_inputs_at + 32));
}

template <class Control>
void put_dummy(Control const& control, Writer& writer) {
    writer.put_byte(static_cast<std::uint8_t>(control.kind));
    switch (control.kind) {
        case Control::Kind::proof: return put_dummy_proof(control.proof, writer);
        case Control::Kind::signature: return writer.put(dummy_signature);
        case Control::Kind::none_given: return;
    }
}

// As CallTree::encode, which knows no dummies. A list that is open, empty ones too, is on the stack.
template <class Tree>
void put_calls(binprot::List<Tree> const& trees, Writer& writer) {
    struct Open {
        Tree const* next;
        std::size_t left;
    };
    std::array<Open, binprot::nesting_max + 1> open;
    std::size_t depth = 0;
    auto const begin = [&](binprot::List<Tree> const& list) {
        base::check(depth < open.size(), "hashes: calls are nested too deeply");
        writer.put_count(list.size());
        open[depth++] = {list.begin(), list.size()};
    };
    begin(trees);
    while (depth != 0) {
        auto& list = open[depth - 1];
        if (list.left == 0) {
            // All calls of an update are behind it; its stack hash follows, a unit.
            if (--depth != 0) writer.put_byte(0);
            continue;
        }
        auto const& node = list.next->elt;
        ++list.next;
        --list.left;
        node.account_update.body.encode(writer);
        put_dummy(node.account_update.authorization, writer);
        writer.put_byte(0);  // its digest, a unit
        begin(node.calls);
    }
}

void put_preimage(berkeley::SignedCommand const& command, Writer& writer) {
    command.payload.encode(writer);
    messages::encode_value(*command.signer, writer);
    writer.put(dummy_signature);
}

template <class Command>
    requires requires(Command const& command) { command.account_updates; }
void put_preimage(Command const& command, Writer& writer) {
    command.fee_payer.body.encode(writer);
    writer.put(dummy_signature);
    put_calls(command.account_updates, writer);
    writer.put_string(command.memo);
}

// spec: Transaction_hash.hash_signed_command, hash_zkapp_command: BLAKE2b of the command's bin_prot with dummies
template <class Command>
TransactionHash hash_of(Command const& command) {
    Writer counting({});
    put_preimage(command, counting);
    base::ByteString bytes(counting.size());
    Writer writer(bytes);
    put_preimage(command, writer);
    return {crypto::blake2b_256(bytes)};
}

template <class Command>
TransactionHash hash_of_either(Command const& command) {
    using Kind = Command::Kind;
    return command.kind == Kind::signed_command ? hash_of(*command.signed_command) : hash_of(*command.zkapp_command);
}

}  // namespace

TransactionHash transaction_hash(berkeley::SignedCommand const& command) { return hash_of(command); }

TransactionHash transaction_hash(berkeley::ZkappCommand const& command) { return hash_of(command); }
TransactionHash transaction_hash(mesa::ZkappCommand const& command) { return hash_of(command); }
TransactionHash transaction_hash(mesa_array_inputs::ZkappCommand const& command) { return hash_of(command); }

TransactionHash transaction_hash(berkeley::UserCommand const& command) { return hash_of_either(command); }
TransactionHash transaction_hash(mesa::UserCommand const& command) { return hash_of_either(command); }
TransactionHash transaction_hash(mesa_array_inputs::UserCommand const& command) { return hash_of_either(command); }

TransactionHash transaction_hash(berkeley::FeeTransfer const& transfer) {
    return {crypto::blake2b_256(messages::encode(transfer))};
}

TransactionHash transaction_hash(berkeley::Coinbase const& coinbase) {
    return {crypto::blake2b_256(messages::encode(coinbase))};
}

}  // namespace mina::hashes
