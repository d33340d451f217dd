#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/key_formats.h"
#include "crypto/keys.h"
#include "crypto/libraries.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sodium.h>

namespace crypto {

namespace {

constexpr std::size_t ed25519_signature_bytes = 64;
constexpr std::size_t secp256k1_signature_bytes_max = 72;  // DER

base::ByteString sign_secp256k1(base::ByteView secret, base::ByteView message) {
    auto const hash = sha256(message);
    secp256k1_ecdsa_signature signature;
    // RFC 6979 nonces: the same message gives the same signature. The result has a low S already.
    base::check(secp256k1_ecdsa_sign(secp256k1_signer(), &signature, hash.data(), secret.data(),
                                     nullptr, nullptr) == 1,
                "secp256k1 signature");
    base::ByteString der(secp256k1_signature_bytes_max);
    auto size = der.size();
    base::check(secp256k1_ecdsa_signature_serialize_der(secp256k1_context_static, der.data(), &size,
                                                        &signature) == 1,
                "DER of a signature");
    der.resize(size);
    return der;
}

bool verify_secp256k1(base::ByteView raw, base::ByteView message, base::ByteView signature) {
    secp256k1_pubkey key;
    secp256k1_ecdsa_signature parsed;
    if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &key, raw.data(), raw.size()) != 1)
        return false;
    if (secp256k1_ecdsa_signature_parse_der(secp256k1_context_static, &parsed, signature.data(),
                                            signature.size()) != 1) {
        return false;
    }
    // The library accepts a low S only; JavaScript peers may send a high one.
    secp256k1_ecdsa_signature_normalize(secp256k1_context_static, &parsed, &parsed);
    return secp256k1_ecdsa_verify(secp256k1_context_static, &parsed, sha256(message).data(),
                                  &key) == 1;
}

// ECDSA P-256 and RSA PKCS#1 v1.5, both over SHA-256. Decoding has checked the key's form and size
// already.
bool verify_with_openssl(base::ByteView der, base::ByteView message, base::ByteView signature) {
    auto* const library = open_ssl().library;
    ERR_set_mark();
    auto const* at = der.data();
    auto* const key = d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(der.size()), library, nullptr);
    auto* const context = EVP_MD_CTX_new();
    auto const valid = key != nullptr && context != nullptr &&
                       EVP_DigestVerifyInit_ex(context, nullptr, "SHA2-256", library, nullptr, key,
                                               nullptr) == 1 &&
                       EVP_DigestVerify(context, signature.data(), signature.size(), message.data(),
                                        message.size()) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    ERR_pop_to_mark();  // a peer's bad signature must not be found later by whoever asks OpenSSL
                        // for its errors
    return valid;
}

}  // namespace

base::ByteString sign(PrivateKey const& key, base::ByteView message) {
    if (key.type() == KeyType::secp256k1) return sign_secp256k1(key.secret_, message);
    base::check(
        key.type() == KeyType::ed25519 && key.secret_.size() == crypto_sign_ed25519_SECRETKEYBYTES,
        "a key that cannot sign");
    prepare_sodium();
    base::ByteString signature(ed25519_signature_bytes);
    crypto_sign_ed25519_detached(signature.data(), nullptr, message.data(), message.size(),
                                 key.secret_.data());
    return signature;
}

bool verify(PublicKey const& key, base::ByteView message, base::ByteView signature) {
    if (signature.empty() || signature.size() > signature_bytes_max) return false;
    auto const raw = key.raw();
    switch (key.type()) {
        case KeyType::ed25519:
            if (raw.size() != ed25519_bytes || signature.size() != ed25519_signature_bytes)
                return false;
            prepare_sodium();
            return crypto_sign_ed25519_verify_detached(signature.data(), message.data(),
                                                       message.size(), raw.data()) == 0;
        case KeyType::secp256k1: return verify_secp256k1(raw, message, signature);
        case KeyType::ecdsa:
        case KeyType::rsa: return verify_with_openssl(raw, message, signature);
    }
    return false;
}

}  // namespace crypto
