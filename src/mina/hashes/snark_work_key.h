// The key of SNARK work: which one or two statements it proves, whoever proved them for whatever fee.
//
// mina: a local convention. Mina's nodes compare the statements themselves; their work ids are hashes in memory,
// which no other program can compute. So a key is for our own tables and logs, and is never sent.
#pragma once

#include "mina/hashes/values.h"
#include "mina/messages/mesa_array_inputs/snark_work.h"

#include <optional>

namespace mina::hashes {

/// BLAKE2b-256 of the bin_prot of the statements.
SnarkWorkKey snark_work_key(berkeley::OneOrTwoStatements const& statements);

/// Of proofs, by their statements: those do not have the digest that binds a proof to its prover and fee.
SnarkWorkKey snark_work_key(berkeley::OneOrTwoProofs const& proofs);
SnarkWorkKey snark_work_key(mesa_array_inputs::OneOrTwoProofs const& proofs);

/// Work in a block.
SnarkWorkKey snark_work_key(berkeley::SnarkWork const& work);
SnarkWorkKey snark_work_key(mesa_array_inputs::SnarkWork const& work);

/// Gossiped work, by the statements it says it solves; nullopt for an empty diff.
std::optional<SnarkWorkKey> snark_work_key(berkeley::SnarkPoolDiff const& diff);
std::optional<SnarkWorkKey> snark_work_key(mesa_array_inputs::SnarkPoolDiff const& diff);

}  // namespace mina::hashes
