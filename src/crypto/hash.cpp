#include "crypto/hash.h"

#include "base/check.h"
#include "crypto/libraries.h"

#include <sodium.h>

#include <algorithm>
#include <initializer_list>

namespace crypto {

namespace {

constexpr std::size_t sha256_block_bytes = 64;

// One context serves the two hashes of an HMAC. EVP and not the quicker SHA256_Init family, which
// is deprecated.
class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new()) { base::check(context_ != nullptr, "digest context"); }
    ~Sha256() { EVP_MD_CTX_free(context_); }
    Sha256(Sha256 const&) = delete;
    Sha256& operator=(Sha256 const&) = delete;

    Hash256 of(std::initializer_list<base::ByteView> parts) {
        base::check(EVP_DigestInit_ex2(context_, open_ssl().sha256, nullptr) == 1, "SHA-256 start");
        for (auto const part : parts) {
            base::check(EVP_DigestUpdate(context_, part.data(), part.size()) == 1,
                        "SHA-256 update");
        }
        Hash256 hash{};
        base::check(EVP_DigestFinal_ex(context_, hash.data(), nullptr) == 1, "SHA-256 end");
        return hash;
    }

private:
    EVP_MD_CTX* context_;
};

Hash256 hmac(Sha256& sha, base::ByteView key, base::ByteView data, base::ByteView more) {
    base::ByteArray<sha256_block_bytes> inner{};
    if (key.size() > inner.size()) {
        std::ranges::copy(sha.of({key}), inner.begin());
    } else {
        std::ranges::copy(key, inner.begin());
    }
    auto outer = inner;
    for (auto& byte : inner) byte ^= 0x36;
    for (auto& byte : outer) byte ^= 0x5c;
    auto const hash = sha.of({outer, sha.of({inner, data, more})});
    sodium_memzero(inner.data(), inner.size());
    sodium_memzero(outer.data(), outer.size());
    return hash;
}

}  // namespace

Hash256 sha256(base::ByteView data, base::ByteView more) { return Sha256().of({data, more}); }

Hash256 blake2b_256(base::ByteView data, base::ByteView key) {
    base::check(key.size() <= crypto_generichash_KEYBYTES_MAX, "BLAKE2b key too long");
    prepare_sodium();
    Hash256 hash{};
    crypto_generichash(hash.data(), hash.size(), data.data(), data.size(), key.data(), key.size());
    return hash;
}

Hash256 hmac_sha256(base::ByteView key, base::ByteView data, base::ByteView more) {
    Sha256 sha;
    return hmac(sha, key, data, more);
}

std::pair<Hash256, Hash256> noise_hkdf(Hash256 const& chaining_key,
                                       base::ByteView input_key_material) {
    constexpr base::ByteArray<1> first{1};
    constexpr base::ByteArray<1> second{2};
    Sha256 sha;
    auto temporary = hmac(sha, chaining_key, input_key_material, {});
    auto const output1 = hmac(sha, temporary, first, {});
    auto const output2 = hmac(sha, temporary, output1, second);
    sodium_memzero(temporary.data(), temporary.size());
    return {output1, output2};
}

}  // namespace crypto
