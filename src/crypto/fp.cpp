#include "crypto/fp.h"

#include "crypto/fp_limbs.h"

namespace crypto {

namespace {

// The caller has checked the size.
FpLimbs limbs_of(base::ByteView bytes) {
    FpLimbs limbs{};
    for (std::size_t i = 0; i < fp_bytes; ++i)
        limbs[i / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
    return limbs;
}

}  // namespace

std::optional<Fp> Fp::from_bytes(base::ByteView bytes) {
    if (bytes.size() != fp_bytes) return std::nullopt;
    return from_limbs(limbs_of(bytes));
}

bool Fp::is_canonical(base::ByteView bytes) {
    return bytes.size() == fp_bytes && crypto::is_canonical(limbs_of(bytes));
}

base::ByteArray<fp_bytes> Fp::to_bytes() const {
    base::ByteArray<fp_bytes> out{};
    for (std::size_t i = 0; i < fp_bytes; ++i)
        out[i] = static_cast<std::uint8_t>(limbs_[i / 8] >> (8 * (i % 8)));
    return out;
}

Fp Fp::squared() const { return Fp(limbs::canonical(limbs::square(limbs_))); }

Fp operator+(Fp const& a, Fp const& b) {
    return Fp(limbs::canonical(limbs::plain_sum(a.limbs_, b.limbs_)));
}

Fp operator*(Fp const& a, Fp const& b) {
    return Fp(limbs::canonical(limbs::multiply(a.limbs_, b.limbs_)));
}

}  // namespace crypto
