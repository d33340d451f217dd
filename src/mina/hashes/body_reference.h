// The body reference of a block: the hash by which its state names its transactions and SNARK work (the block's body,
// which is its staged ledger diff). Not its proof, which nothing names.
//
//   data       u32 LE length of what follows · 00 · bin_prot of the body
//   one chunk  u16 LE 0 · data                          up to 262,144 bytes
//   more       the first chunk begins with the number of the others (u16 LE) and their hashes; all are full but the
//              last
//   reference  BLAKE2b-256 of the first chunk
//
// mina: Staged_ledger_diff.Body.compute_reference, Bitswap_block.blocks_of_data. Two levels are enough for 2 GiB.
#pragma once

#include "base/bytes.h"

namespace mina::hashes {

inline constexpr std::size_t body_chunk_bytes = 262'144;

/// `body`: of at most 1 GiB, as it stands in a block.
base::ByteArray<32> body_reference(base::ByteView body);

}  // namespace mina::hashes
