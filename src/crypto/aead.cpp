#include "crypto/aead.h"

#include "base/check.h"
#include "crypto/libraries.h"

#include <sodium.h>

#include <climits>
#include <cstring>

namespace crypto {

namespace {

using Nonce = base::ByteArray<12>;

// spec: noise#12.2 "32 bits of zeros followed by little-endian encoding of n"
Nonce nonce_of(std::uint64_t counter) {
    Nonce nonce{};
    for (std::size_t i = 0; i < 8; ++i)
        nonce[4 + i] = static_cast<std::uint8_t>(counter >> (8 * i));
    return nonce;
}

EVP_CIPHER_CTX* cipher(void* context) { return static_cast<EVP_CIPHER_CTX*>(context); }

int int_size(std::size_t size) {
    base::check(size <= INT_MAX, "record longer than OpenSSL can take");
    return static_cast<int>(size);
}

std::size_t total_size(std::span<base::ByteView const> pieces) {
    std::size_t total = 0;
    for (auto const piece : pieces) total += piece.size();
    return total;
}

void gather(std::span<base::ByteView const> pieces, base::MutableBytes out) {
    for (auto const piece : pieces) {
        // memmove: a single piece may be `out` itself.
        if (!piece.empty() && piece.data() != out.data())
            std::memmove(out.data(), piece.data(), piece.size());
        out = out.subspan(piece.size());
    }
}

void seal_small(AeadSecret const& secret, Nonce const& nonce, base::ByteView associated_data,
                std::span<base::ByteView const> pieces, base::MutableBytes out) {
    prepare_sodium();
    gather(pieces, out);
    auto const size = out.size() - aead_tag_bytes;
    crypto_aead_chacha20poly1305_ietf_encrypt_detached(
        out.data(), out.data() + size, nullptr, out.data(), size, associated_data.data(),
        associated_data.size(), nullptr, nonce.data(), secret.data());
}

bool open_small(AeadSecret const& secret, Nonce const& nonce, base::ByteView associated_data,
                base::MutableBytes record) {
    prepare_sodium();
    auto const size = record.size() - aead_tag_bytes;
    return crypto_aead_chacha20poly1305_ietf_decrypt_detached(
               record.data(), nullptr, record.data(), size, record.data() + size,
               associated_data.data(), associated_data.size(), nonce.data(), secret.data()) == 0;
}

// Makes the context at the first large record, keys it when the direction is new, and sets the
// nonce alone after that: that is what makes EVP cheap.
void start(void*& context, bool keyed, bool encrypt, AeadSecret const& secret, Nonce const& nonce) {
    if (context == nullptr) context = EVP_CIPHER_CTX_new();
    base::check(context != nullptr, "cipher context");
    auto const done =
        keyed ? EVP_CipherInit_ex2(cipher(context), nullptr, nullptr, nonce.data(), encrypt ? 1 : 0,
                                   nullptr)
              : EVP_CipherInit_ex2(cipher(context), open_ssl().chacha20_poly1305, secret.data(),
                                   nonce.data(), encrypt ? 1 : 0, nullptr);
    base::check(done == 1, "cipher start");
}

void associate(void* context, base::ByteView associated_data) {
    if (associated_data.empty()) return;
    int written = 0;
    base::check(EVP_CipherUpdate(cipher(context), nullptr, &written, associated_data.data(),
                                 int_size(associated_data.size())) == 1,
                "associated data");
}

}  // namespace

AeadKey& AeadKey::operator=(AeadKey&& other) noexcept {
    if (this == &other) return *this;
    EVP_CIPHER_CTX_free(cipher(context_));
    secret_ = other.secret_;
    context_ = std::exchange(other.context_, nullptr);
    direction_ = std::exchange(other.direction_, Direction::none);
    return *this;
}

AeadKey::~AeadKey() {
    EVP_CIPHER_CTX_free(cipher(context_));
    sodium_memzero(secret_.data(), secret_.size());
}

void AeadKey::seal(std::uint64_t counter, base::ByteView associated_data,
                   std::span<base::ByteView const> pieces, base::MutableBytes out) {
    base::check(out.size() == total_size(pieces) + aead_tag_bytes, "room for a record");
    auto const nonce = nonce_of(counter);
    if (out.size() < aead_small_bytes)
        return seal_small(secret_, nonce, associated_data, pieces, out);

    start(context_, direction_ == Direction::sealing, true, secret_, nonce);
    direction_ = Direction::sealing;
    associate(context_, associated_data);
    auto* to = out.data();
    int written = 0;
    for (auto const piece : pieces) {
        if (piece.empty()) continue;  // a null output would mean associated data
        base::check(EVP_EncryptUpdate(cipher(context_), to, &written, piece.data(),
                                      int_size(piece.size())) == 1,
                    "encrypt");
        to += piece.size();
    }
    base::check(EVP_EncryptFinal_ex(cipher(context_), to, &written) == 1, "encrypt end");
    base::check(
        EVP_CIPHER_CTX_ctrl(cipher(context_), EVP_CTRL_AEAD_GET_TAG, int{aead_tag_bytes}, to) == 1,
        "tag");
}

bool AeadKey::open(std::uint64_t counter, base::ByteView associated_data,
                   base::MutableBytes record) {
    if (record.size() < aead_tag_bytes) return false;
    auto const nonce = nonce_of(counter);
    if (record.size() < aead_small_bytes)
        return open_small(secret_, nonce, associated_data, record);

    start(context_, direction_ == Direction::opening, false, secret_, nonce);
    direction_ = Direction::opening;
    associate(context_, associated_data);
    auto const body = record.first(record.size() - aead_tag_bytes);
    auto const tag = record.last(aead_tag_bytes);
    int written = 0;
    base::check(EVP_CIPHER_CTX_ctrl(cipher(context_), EVP_CTRL_AEAD_SET_TAG, int{aead_tag_bytes},
                                    tag.data()) == 1,
                "tag");
    base::check(EVP_DecryptUpdate(cipher(context_), body.data(), &written, body.data(),
                                  int_size(body.size())) == 1,
                "decrypt");
    return EVP_DecryptFinal_ex(cipher(context_), body.data() + body.size(), &written) == 1;
}

}  // namespace crypto
