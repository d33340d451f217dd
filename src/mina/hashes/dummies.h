// What stands for signatures and proofs in what is hashed of a command: constants of the protocol. Private.
#pragma once

#include "base/bytes.h"

namespace mina::hashes {

/// rx and s are 1, as field and scalar.
inline constexpr base::ByteArray<64> dummy_signature = [] {
    base::ByteArray<64> bytes{};
    bytes[0] = 1;
    bytes[32] = 1;
    return bytes;
}();

inline constexpr std::size_t dummy_proof_bytes = 10'368;

/// A whole SideLoadedProof of formats with pairs as public inputs: dummy_transaction_proof.bin, embedded.
extern std::uint8_t const dummy_proof[dummy_proof_bytes];

/// Where its public inputs begin, two field elements: those are arrays of one element each in other formats.
inline constexpr std::size_t dummy_public_inputs_at = 1'037;

}  // namespace mina::hashes
