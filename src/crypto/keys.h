// Identity keys of libp2p. spec: peer-ids#keys
//
// Sizes are limited before any work is done: an RSA key of 2,048 to 8,192 bits (CVE-2023-39533), an encoded key of at
// most `encoded_key_bytes_max`.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace crypto {

enum class KeyType : std::uint8_t { rsa = 0, ed25519 = 1, secp256k1 = 2, ecdsa = 3 };  // spec: KeyType of the protobuf

enum class KeyError : std::uint8_t { malformed, unsupported_type, bad_size };

std::string_view to_string(KeyType type);
std::string_view to_string(KeyError error);

inline constexpr std::size_t encoded_key_bytes_max = 2048;
inline constexpr std::size_t signature_bytes_max = 1024;

class PublicKey {
public:
    PublicKey() = default;
    /// From the protobuf form {Type = 1, Data = 2}, fields in any order. ed25519: 32 bytes; secp256k1: 33, compressed;
    /// ecdsa: DER SubjectPublicKeyInfo of P-256; rsa: DER SubjectPublicKeyInfo.
    static base::Result<PublicKey, KeyError> decode(base::ByteView protobuf);
    static PublicKey ed25519(base::ByteArray<32> const& raw);

    KeyType type() const { return type_; }
    base::ByteView raw() const { return raw_; }
    /// The canonical protobuf form: minimal, Type then Data.
    base::ByteString encode() const;

    bool operator==(PublicKey const&) const = default;

private:
    friend class PrivateKey;
    KeyType type_ = KeyType::ed25519;
    base::ByteString raw_;
};

/// A key that signs: Ed25519 or secp256k1. It is never printed or described.
class PrivateKey {
public:
    /// spec: RFC 8032; libp2p's raw form is the 32-byte seed and the 32-byte public key.
    static PrivateKey ed25519_from_seed(base::ByteArray<32> const& seed);
    /// From a secret scalar; nullopt-like error bad_size when it is zero or not below the group order.
    static base::Result<PrivateKey, KeyError> secp256k1_from_secret(base::ByteArray<32> const& secret);
    /// From the protobuf form; ed25519 with 64 bytes, or 96 where the public key stands twice (old go-libp2p).
    static base::Result<PrivateKey, KeyError> decode(base::ByteView protobuf);
    base::ByteString encode() const;

    PublicKey const& public_key() const { return public_; }
    KeyType type() const { return public_.type(); }

private:
    friend base::ByteString sign(PrivateKey const& key, base::ByteView message);
    PublicKey public_;
    base::ByteString secret_;  // ed25519: libsodium's 64 bytes; secp256k1: 32 bytes
};

/// Ed25519: 64 bytes; secp256k1: DER ECDSA over SHA-256 of the message, low S.
base::ByteString sign(PrivateKey const& key, base::ByteView message);

/// Verifies a signature of any of the four types. Never reads beyond the limits above.
bool verify(PublicKey const& key, base::ByteView message, base::ByteView signature);

}  // namespace crypto
