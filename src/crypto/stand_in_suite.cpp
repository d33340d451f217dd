#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/libraries.h"
#include "crypto/suite.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace crypto {

namespace {

using Signature = base::ByteArray<64>;

// A "public key" is the secret, disguised: so each side can hash the same two strings without any
// curve.
constexpr std::uint8_t disguise = 0x5a;

std::uint64_t word_at(base::ByteView bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof word));
    return word;
}

// An odd multiplier and a rotation: each step is a bijection of `sum`, so a change of one word
// always shows.
std::uint64_t mix(std::uint64_t sum, std::uint64_t word) {
    sum = (sum ^ word) * 0x9E37'79B9'7F4A'7C15U;
    return sum << 29 | sum >> 35;
}

std::uint64_t mix_bytes(std::uint64_t sum, base::ByteView bytes) {
    sum = mix(sum, bytes.size());
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) sum = mix(sum, word_at(bytes));
    return bytes.empty() ? sum : mix(sum, word_at(bytes));
}

base::ByteArray<aead_tag_bytes> tag_of(AeadKey const& key, std::uint64_t counter,
                                       base::ByteView associated_data, base::ByteView text) {
    auto sum = mix_bytes(counter, key.secret());
    sum = mix_bytes(sum, associated_data);
    sum = mix_bytes(sum, text);
    base::ByteArray<aead_tag_bytes> tag{};
    auto const other = ~sum;
    std::memcpy(tag.data(), &sum, sizeof sum);
    std::memcpy(tag.data() + sizeof sum, &other, sizeof other);
    return tag;
}

Signature signature_of(PublicKey const& key, base::ByteView message) {
    prepare_sodium();
    auto const raw = key.raw();
    auto const hashed = raw.size() > crypto_generichash_KEYBYTES_MAX ? blake2b_256(raw) : Hash256{};
    auto const mac_key =
        raw.size() > crypto_generichash_KEYBYTES_MAX ? base::ByteView(hashed) : raw;
    Signature signature{};
    crypto_generichash(signature.data(), signature.size(), message.data(), message.size(),
                       mac_key.data(), mac_key.size());
    return signature;
}

class StandInSuite final : public Suite {
public:
    X25519Key x25519_public(X25519Key const& secret) const override {
        auto key = secret;
        for (auto& byte : key) byte ^= disguise;
        return key;
    }

    std::optional<X25519Key> x25519_shared(X25519Key const& secret,
                                           X25519Key const& peer) const override {
        if (peer == X25519Key{}) return std::nullopt;  // stands for the points of small order
        auto const own = x25519_public(secret);
        base::ByteArray<64> both{};
        std::ranges::copy(std::min(own, peer), both.begin());
        std::ranges::copy(std::max(own, peer), both.begin() + 32);
        return blake2b_256(both);
    }

    base::ByteString sign(PrivateKey const& key, base::ByteView message) const override {
        return base::to_byte_string(signature_of(key.public_key(), message));
    }

    bool verify(PublicKey const& key, base::ByteView message,
                base::ByteView signature) const override {
        return base::equal(signature_of(key, message), signature);
    }

    void seal(AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              std::span<base::ByteView const> pieces, base::MutableBytes out) const override {
        auto to = out;
        for (auto const piece : pieces) {
            base::check(piece.size() <= to.size(), "room for a record");
            if (!piece.empty()) std::memmove(to.data(), piece.data(), piece.size());
            to = to.subspan(piece.size());
        }
        base::check(to.size() == aead_tag_bytes, "room for a record");
        auto const tag =
            tag_of(key, counter, associated_data, out.first(out.size() - aead_tag_bytes));
        std::memcpy(to.data(), tag.data(), tag.size());
    }

    bool open(AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              base::MutableBytes record) const override {
        if (record.size() < aead_tag_bytes) return false;
        auto const text = record.first(record.size() - aead_tag_bytes);
        return base::equal(tag_of(key, counter, associated_data, text),
                           record.last(aead_tag_bytes));
    }
};

}  // namespace

Suite const& stand_in_suite() {
    static StandInSuite const suite;
    return suite;
}

}  // namespace crypto
