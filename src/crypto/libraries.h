// What the libraries behind this folder need once per process. Everything here is made at first
// use, never changes afterwards, and is the same in every run, so it is not state in the sense of
// the determinism rules.
#pragma once

#include <openssl/evp.h>
#include <secp256k1.h>

namespace crypto {

/// Lets libsodium choose its implementations for this processor; without it the portable ones run.
/// Called by everything here that gains from it, at the cost of one predictable branch, so that no
/// caller has to remember it. Results do not depend on it. (sodium_init also probes the system's
/// entropy source; nothing here ever draws from it.)
void prepare_sodium();

/// OpenSSL's algorithms, fetched once: an implicit fetch costs more than hashing a short message.
struct OpenSsl {
    OSSL_LIB_CTX* library =
        nullptr;  // our own: the system's openssl.cnf cannot take an algorithm away or change one
    EVP_CIPHER* chacha20_poly1305 = nullptr;
    EVP_MD* sha256 = nullptr;
};
OpenSsl const& open_ssl();

/// A context that can sign. Not blinded: that would need entropy; the library is constant-time
/// without it.
secp256k1_context const* secp256k1_signer();

}  // namespace crypto
