#include "libp2p/noise/xx.h"

#include "base/check.h"

#include <algorithm>

namespace libp2p::noise {

namespace {

constexpr std::string_view protocol_name = "Noise_XX_25519_ChaChaPoly_SHA256";
constexpr std::size_t key_bytes = 32;
constexpr std::size_t sealed_key_bytes = key_bytes + crypto::aead_tag_bytes;

/// Through a volatile pointer, so that the compiler does not leave out writes nobody reads.
void wipe(base::MutableBytes secret) {
    for (std::uint8_t volatile& byte : secret) byte = 0;
}

crypto::X25519Key key_from(base::ByteView bytes) {
    crypto::X25519Key key{};
    std::ranges::copy(bytes.first(key_bytes), key.begin());
    return key;
}

}  // namespace

std::size_t xx_message_bytes(int index) {
    switch (index) {
        case 0: return key_bytes;
        case 1: return key_bytes + sealed_key_bytes + crypto::aead_tag_bytes;
        default: return sealed_key_bytes + crypto::aead_tag_bytes;
    }
}

Xx::Xx(crypto::Suite const& suite, Role role, Keys const& keys, base::ByteView prologue)
    : suite_(&suite), role_(role), keys_(keys), ephemeral_public_(suite.x25519_public(keys.ephemeral_secret)) {
    // spec: noise#5.2 "If protocol_name is less than or equal to HASHLEN bytes in length, sets h equal to
    // protocol_name"
    static_assert(protocol_name.size() == std::tuple_size_v<crypto::Hash256>);
    std::ranges::copy(protocol_name, hash_.begin());
    chaining_key_ = hash_;
    mix_hash(prologue);
}

Xx::~Xx() {
    wipe(keys_.static_secret);
    wipe(keys_.ephemeral_secret);
    wipe(chaining_key_);
}

void Xx::mix_key(base::ByteView material) {
    auto [chaining_key, key] = crypto::noise_hkdf(chaining_key_, material);
    chaining_key_ = chaining_key;
    cipher_.emplace(key);
    counter_ = 0;
    wipe(key);
}

Xx::Step Xx::mix_shared(crypto::X25519Key const& secret, crypto::X25519Key const& peer) {
    auto shared = suite_->x25519_shared(secret, peer);
    if (!shared) return base::fail(Error::weak_key);
    mix_key(*shared);
    wipe(*shared);
    return {};
}

/// The token behind an `s`: `es` in message 1, `se` in message 2. Either way it is the static key of who has just sent
/// it, and the other's ephemeral one.
Xx::Step Xx::mix_static() {
    return our_turn() ? mix_shared(keys_.static_secret, remote_ephemeral_)
                      : mix_shared(keys_.ephemeral_secret, remote_static_);
}

void Xx::encrypt(base::ByteView plaintext, base::ByteString& out) {
    auto const start = out.size();
    base::append(out, plaintext);
    if (cipher_) {
        out.resize(out.size() + crypto::aead_tag_bytes);
        auto const sealed = base::MutableBytes(out).subspan(start);
        base::ByteView const in_place = sealed.first(plaintext.size());
        suite_->seal(*cipher_, counter_++, hash_, std::span(&in_place, 1), sealed);
    }
    mix_hash(base::ByteView(out).subspan(start));
}

base::Result<base::MutableBytes, Error> Xx::decrypt(base::MutableBytes ciphertext) {
    auto const hash = crypto::sha256(hash_, ciphertext);  // now: decrypting overwrites it
    if (cipher_) {
        if (!suite_->open(*cipher_, counter_++, hash_, ciphertext)) return base::fail(Error::decryption_failed);
        ciphertext = ciphertext.first(ciphertext.size() - crypto::aead_tag_bytes);
    }
    hash_ = hash;
    return ciphertext;
}

base::Result<base::ByteString, Error> Xx::write(base::ByteView payload) {
    base::check(our_turn(), "noise: a message out of turn");
    base::ByteString out;
    out.reserve(xx_message_bytes(messages_) + payload.size());
    if (messages_ < 2) {
        base::append(out, ephemeral_public_);
        mix_hash(ephemeral_public_);
    }
    if (messages_ == 1) TRY_VOID(mix_shared(keys_.ephemeral_secret, remote_ephemeral_));
    if (messages_ > 0) {
        encrypt(keys_.static_public, out);
        TRY_VOID(mix_static());
    }
    encrypt(payload, out);
    ++messages_;
    return out;
}

base::Result<base::MutableBytes, Error> Xx::read(base::MutableBytes message) {
    base::check(messages_ < 3 && !our_turn(), "noise: a message out of turn");
    if (message.size() < xx_message_bytes(messages_)) return base::fail(Error::malformed_frame);
    if (messages_ < 2) {
        remote_ephemeral_ = key_from(message);
        mix_hash(remote_ephemeral_);
        message = message.subspan(key_bytes);
    }
    if (messages_ == 1) TRY_VOID(mix_shared(keys_.ephemeral_secret, remote_ephemeral_));
    if (messages_ > 0) {
        TRY(auto const key, decrypt(message.first(sealed_key_bytes)));
        remote_static_ = key_from(key);
        message = message.subspan(sealed_key_bytes);
        TRY_VOID(mix_static());
    }
    TRY(auto const payload, decrypt(message));
    ++messages_;
    return payload;
}

Xx::Secrets Xx::split() const {
    base::check(messages_ == 3, "noise: split before the end");
    auto const [first, second] = crypto::noise_hkdf(chaining_key_, {});
    // spec: noise#5.2 "the first for encrypting transport messages from initiator to responder"
    return role_ == Role::initiator ? Secrets{first, second} : Secrets{second, first};
}

}  // namespace libp2p::noise
