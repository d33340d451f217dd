// The arithmetic below Fp and Poseidon, private to this folder; others use fp.h.
//
// Numbers here are *loose*: a representative of their class modulo p that is below loose_end, and
// not always the smallest. Leaving the last step of a reduction to the end of a whole permutation
// is a good part of its speed.
#pragma once

#include "crypto/fp.h"

namespace crypto::limbs {

/// 2^254 + 2^128 (p - 2^254), which is 1.54 x 2^254, and so below 2^255 and 2p.
inline constexpr FpLimbs loose_end{0, 0, fp_modulus[0], fp_modulus[1] + fp_modulus[3]};

struct Product {
    FpLimbs const& a;
    FpLimbs const& b;
};

/// All return loose numbers.
FpLimbs multiply(FpLimbs const& a, FpLimbs const& b);
FpLimbs square(FpLimbs const& a);
/// first + second + more. Both `b` have to be canonical; `more` may be any number below 2^256.
FpLimbs sum(Product const& first, Product const& second, FpLimbs const& more);

/// a + b as integers, which has to be below 2^256. In general not loose.
FpLimbs plain_sum(FpLimbs const& a, FpLimbs const& b);

/// The smallest representative of a number below 2p: of a loose one, or of the plain sum of two
/// canonical ones.
FpLimbs canonical(FpLimbs const& below_twice_p);

}  // namespace crypto::limbs
