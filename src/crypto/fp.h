// Fp: an element of the Pasta base field, the integers modulo
// p = 0x40000000000000000000000000000000224698fc094cf91b992d30ed00000001. Mina's state hashes are
// made of these.
//
// Not constant-time: for public data only, never for secrets.
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>

namespace crypto {

/// An integer below 2^256, least significant limb first.
using FpLimbs = std::array<std::uint64_t, 4>;

inline constexpr std::size_t fp_bytes = 32;

inline constexpr FpLimbs fp_modulus{0x992d30ed00000001, 0x224698fc094cf91b, 0, 0x4000000000000000};

/// True if the integer is below p, so that it stands for an element and is its only representation.
constexpr bool is_canonical(FpLimbs const& limbs) {
    for (std::size_t i = limbs.size(); i-- > 0;) {
        if (limbs[i] != fp_modulus[i]) return limbs[i] < fp_modulus[i];
    }
    return false;
}

/// A value. Always the canonical integer, so equality is that of the limbs. No Montgomery form: p
/// is so near to 2^254 that the plain one is as quick to multiply (fp_limbs.h), and spares every
/// conversion.
class Fp {
public:
    /// Zero.
    constexpr Fp() = default;

    static constexpr Fp from_u64(std::uint64_t value) { return Fp({value, 0, 0, 0}); }

    /// nullopt unless below p.
    static constexpr std::optional<Fp> from_limbs(FpLimbs const& limbs) {
        if (!crypto::is_canonical(limbs)) return std::nullopt;
        return Fp(limbs);
    }

    /// Little-endian, as on Mina's wire. nullopt unless 32 bytes and below p.
    static std::optional<Fp> from_bytes(base::ByteView bytes);

    /// Whether from_bytes() would accept them.
    static bool is_canonical(base::ByteView bytes);

    constexpr FpLimbs const& limbs() const { return limbs_; }

    /// Little-endian.
    base::ByteArray<fp_bytes> to_bytes() const;

    Fp squared() const;

    friend Fp operator+(Fp const& a, Fp const& b);
    friend Fp operator*(Fp const& a, Fp const& b);
    friend constexpr bool operator==(Fp const&, Fp const&) = default;

private:
    explicit constexpr Fp(FpLimbs const& canonical) : limbs_(canonical) {}

    FpLimbs limbs_{};
};

}  // namespace crypto
