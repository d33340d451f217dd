// Poseidon "kimchi" over Fp: the hash of Mina's state hashes. A sponge of three elements, two of
// which take input, with 55 full rounds x -> matrix * x^7 + constants. Costs a permutation for two
// elements of input, and no allocation.
#pragma once

#include "crypto/fp.h"

#include <array>
#include <span>
#include <string_view>

namespace crypto {

using PoseidonState = std::array<Fp, 3>;

/// The name of a prefix has at most so many bytes.
inline constexpr std::size_t poseidon_prefix_bytes_max = 20;

void poseidon_permute(PoseidonState& state);

/// The sponge from `start` over `input`, which a zero completes to whole pairs; no input is a pair
/// of zeros.
Fp poseidon_hash(PoseidonState const& start, std::span<Fp const> input);

/// mina: the start of hashes of one kind: the state after the kind's name, padded with '*' to 20
/// bytes, as a little-endian integer. Costs a permutation, so keep it. A name of over 20 bytes
/// fails a check.
PoseidonState poseidon_prefix(std::string_view name);

}  // namespace crypto
