#include "crypto/libraries.h"

#include "base/check.h"

#include <openssl/crypto.h>
#include <sodium.h>

namespace crypto {

void prepare_sodium() {
    static bool const ready = sodium_init() >= 0;
    base::check(ready, "libsodium does not start");
}

OpenSsl const& open_ssl() {
    static OpenSsl const made = [] {
        // Else some later call would read openssl.cnf: for the default library context, which is
        // not used here, but the core opens no files. Has no effect in a process that has
        // initialised OpenSSL before.
        OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
        OpenSsl fetched;
        fetched.library = OSSL_LIB_CTX_new();
        base::check(fetched.library != nullptr, "OpenSSL library context");
        fetched.chacha20_poly1305 = EVP_CIPHER_fetch(fetched.library, "ChaCha20-Poly1305", nullptr);
        fetched.sha256 = EVP_MD_fetch(fetched.library, "SHA2-256", nullptr);
        base::check(fetched.chacha20_poly1305 != nullptr, "OpenSSL without ChaCha20-Poly1305");
        base::check(fetched.sha256 != nullptr, "OpenSSL without SHA-256");
        return fetched;
    }();
    return made;
}

secp256k1_context const* secp256k1_signer() {
    static secp256k1_context const* const made = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    base::check(made != nullptr, "secp256k1 context");
    return made;
}

}  // namespace crypto
