// Where the two hashes of a protocol state begin. Private.
//
// Constants: crypto::poseidon_prefix() gives the same for the names, but takes a permutation each time.
#pragma once

#include "crypto/poseidon.h"

namespace mina::hashes {

inline constexpr std::string_view state_prefix_name = "MinaProtoState";
inline constexpr std::string_view body_prefix_name = "MinaProtoStateBody";

consteval crypto::Fp element(crypto::FpLimbs const& limbs) { return *crypto::Fp::from_limbs(limbs); }

// Least significant limb first.
inline constexpr crypto::PoseidonState state_prefix{
    element({0x311cdefe86f5b636, 0xf08c506d5ac5da7f, 0x310b5adc82150b2b, 0x0b89d5371b6ec14b}),
    element({0x60ea3e4d5cde436c, 0x0751fece44b28a7b, 0xf506cd415ed5b8d4, 0x10f13937e29e20fc}),
    element({0x3a0c248bf4529ae9, 0xe8367e6f261b2c2f, 0x20c85b39593e02c3, 0x2be7e6f9810ba2f2}),
};
inline constexpr crypto::PoseidonState body_prefix{
    element({0x2caa8c539a923aeb, 0xa2ac5dcd159b1f69, 0xa2650841c45e2e8c, 0x07d8682d5664a5b5}),
    element({0xeed8a41194a01987, 0x397ea2d2f763f12b, 0x5ddad24d3a5ecf5d, 0x004bf1d2e81ddb17}),
    element({0x2e93d79957fd8e6f, 0xadfc9a245ecb2110, 0x4dd3175c7d848236, 0x29ceef6c5ceb0cc4}),
};

}  // namespace mina::hashes
