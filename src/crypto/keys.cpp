#include "crypto/keys.h"

#include "base/check.h"
#include "base/reader.h"
#include "base/writer.h"
#include "crypto/key_formats.h"
#include "crypto/libraries.h"

#include <sodium.h>

#include <algorithm>
#include <optional>

namespace crypto {

namespace {

constexpr std::uint64_t tag_type = 1 << 3 | 0;
constexpr std::uint64_t tag_data = 2 << 3 | 2;
constexpr std::size_t ed25519_secret_bytes = 64;
constexpr std::size_t ed25519_old_secret_bytes = 96;
constexpr std::size_t secp256k1_secret_bytes = 32;

struct Parts {
    KeyType type = KeyType::ed25519;
    base::ByteView data;
};

// spec: peer-ids#keys "All fields must be included. No additional fields may be defined."
base::Result<Parts, KeyError> parts_of(base::ByteView protobuf) {
    std::optional<std::uint64_t> type;
    std::optional<base::ByteView> data;
    base::Reader reader(protobuf);
    while (!reader.rest().empty()) {
        auto const tag = reader.varint();
        if (tag == tag_type && !type) {
            type = reader.varint();
        } else if (tag == tag_data && !data) {
            data = reader.counted();
        } else {
            return base::fail(KeyError::malformed);
        }
    }
    if (!reader.ok() || !type || !data) return base::fail(KeyError::malformed);
    if (*type > static_cast<std::uint64_t>(KeyType::ecdsa))
        return base::fail(KeyError::unsupported_type);
    return Parts{static_cast<KeyType>(*type), *data};
}

base::ByteString to_protobuf(KeyType type, base::ByteView data) {
    base::ByteString out;
    out.reserve(2 + 1 + base::varint_size(data.size()) + data.size());
    base::append_varint(out, tag_type);
    base::append_varint(out, static_cast<std::uint64_t>(type));
    base::append_varint(out, tag_data);
    base::append_counted(out, data);
    return out;
}

template <std::size_t N>
base::ByteArray<N> array_of(base::ByteView bytes) {
    base::ByteArray<N> array{};
    std::ranges::copy(bytes.first(N), array.begin());
    return array;
}

// spec: peer-ids#ed25519 the 96-byte form holds the public key twice; the copies must agree.
base::Result<PrivateKey, KeyError> ed25519_from(base::ByteView data) {
    if (data.size() != ed25519_secret_bytes && data.size() != ed25519_old_secret_bytes) {
        return base::fail(KeyError::bad_size);
    }
    auto const key = PrivateKey::ed25519_from_seed(array_of<ed25519_bytes>(data));
    for (auto rest = data.subspan(ed25519_bytes); !rest.empty();
         rest = rest.subspan(ed25519_bytes)) {
        if (!base::equal(rest.first(ed25519_bytes), key.public_key().raw()))
            return base::fail(KeyError::malformed);
    }
    return key;
}

}  // namespace

std::string_view to_string(KeyType type) {
    switch (type) {
        case KeyType::rsa: return "RSA";
        case KeyType::ed25519: return "Ed25519";
        case KeyType::secp256k1: return "secp256k1";
        case KeyType::ecdsa: return "ECDSA";
    }
    return "?";
}

std::string_view to_string(KeyError error) {
    switch (error) {
        case KeyError::malformed: return "malformed key";
        case KeyError::unsupported_type: return "unsupported type of key";
        case KeyError::bad_size: return "key of a size that is not allowed";
    }
    return "?";
}

base::Result<PublicKey, KeyError> PublicKey::decode(base::ByteView protobuf) {
    if (protobuf.size() > encoded_key_bytes_max) return base::fail(KeyError::bad_size);
    TRY(auto const parts, parts_of(protobuf));
    TRY_VOID(check_public_key(parts.type, parts.data));
    PublicKey key;
    key.type_ = parts.type;
    key.raw_ = base::to_byte_string(parts.data);
    return key;
}

PublicKey PublicKey::ed25519(base::ByteArray<32> const& raw) {
    PublicKey key;
    key.type_ = KeyType::ed25519;
    key.raw_ = base::to_byte_string(raw);
    return key;
}

base::ByteString PublicKey::encode() const { return to_protobuf(type_, raw_); }

PrivateKey PrivateKey::ed25519_from_seed(base::ByteArray<32> const& seed) {
    prepare_sodium();
    base::ByteArray<ed25519_bytes> raw{};
    PrivateKey key;
    key.secret_.resize(ed25519_secret_bytes);
    crypto_sign_ed25519_seed_keypair(raw.data(), key.secret_.data(), seed.data());
    key.public_ = PublicKey::ed25519(raw);
    return key;
}

base::Result<PrivateKey, KeyError> PrivateKey::secp256k1_from_secret(
    base::ByteArray<32> const& secret) {
    secp256k1_pubkey point;
    if (secp256k1_ec_pubkey_create(secp256k1_signer(), &point, secret.data()) != 1)
        return base::fail(KeyError::bad_size);
    PrivateKey key;
    key.secret_ = base::to_byte_string(secret);
    key.public_.type_ = KeyType::secp256k1;
    key.public_.raw_.resize(secp256k1_bytes);
    auto size = key.public_.raw_.size();
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, key.public_.raw_.data(), &size, &point,
                                  SECP256K1_EC_COMPRESSED);
    base::check(size == secp256k1_bytes, "size of a compressed point");
    return key;
}

base::Result<PrivateKey, KeyError> PrivateKey::decode(base::ByteView protobuf) {
    if (protobuf.size() > encoded_key_bytes_max) return base::fail(KeyError::bad_size);
    TRY(auto const parts, parts_of(protobuf));
    switch (parts.type) {
        case KeyType::ed25519: return ed25519_from(parts.data);
        case KeyType::secp256k1:
            if (parts.data.size() != secp256k1_secret_bytes) return base::fail(KeyError::bad_size);
            return secp256k1_from_secret(array_of<secp256k1_secret_bytes>(parts.data));
        case KeyType::rsa:
        case KeyType::ecdsa: break;
    }
    return base::fail(KeyError::unsupported_type);
}

base::ByteString PrivateKey::encode() const { return to_protobuf(type(), secret_); }

}  // namespace crypto
