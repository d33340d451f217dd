// The hash of a transaction: what explorers and the pool of Mina's nodes know a command by. Two commands that differ in
// signatures and proofs alone have one hash.
#pragma once

#include "mina/hashes/values.h"
#include "mina/messages/berkeley/scan_state.h"
#include "mina/messages/mesa/command.h"
#include "mina/messages/mesa_array_inputs/command.h"

namespace mina::hashes {

/// Of any format: signed commands are one type in all of them.
TransactionHash transaction_hash(berkeley::SignedCommand const& command);

// mina: an open question. No hash of a command with a proof is known from Mina 4.0.0 itself. Its proofs have Berkeley's
// shape, and so has the dummy here; the sources' newer shape is mesa_array_inputs.
TransactionHash transaction_hash(berkeley::ZkappCommand const& command);
TransactionHash transaction_hash(mesa::ZkappCommand const& command);
TransactionHash transaction_hash(mesa_array_inputs::ZkappCommand const& command);

TransactionHash transaction_hash(berkeley::UserCommand const& command);
TransactionHash transaction_hash(mesa::UserCommand const& command);
TransactionHash transaction_hash(mesa_array_inputs::UserCommand const& command);

/// Of what blocks do by themselves: explorers have these, gossip does not.
TransactionHash transaction_hash(berkeley::FeeTransfer const& transfer);
TransactionHash transaction_hash(berkeley::Coinbase const& coinbase);

}  // namespace mina::hashes
