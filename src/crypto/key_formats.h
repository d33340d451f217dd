// The bodies of the four kinds of public key, checked before a library sees them.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/keys.h"

namespace crypto {

inline constexpr std::size_t ed25519_bytes = 32;
inline constexpr std::size_t secp256k1_bytes = 33;
inline constexpr std::size_t rsa_bits_min = 2048;
inline constexpr std::size_t rsa_bits_max = 8192;

/// Whether `body` is what a key of `type` may look like: sizes, the strict DER form, the RSA
/// limits, a point on the curve. An Ed25519 point is left to verification, where a bad one fails.
base::Result<bool, KeyError> check_public_key(KeyType type, base::ByteView body);

/// The size of the modulus in bits of a DER SubjectPublicKeyInfo of an RSA key. Strict: one form
/// per key, so that one key has one peer id.
base::Result<std::size_t, KeyError> rsa_modulus_bits(base::ByteView der);

}  // namespace crypto
