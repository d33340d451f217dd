// What the tests of this folder share: peers with fixed keys, and handshakes between them. Tests and fuzz targets only.
#pragma once

#include "libp2p/noise/noise.h"

#include <optional>

namespace libp2p::noise::testing {

struct TestPeer {
    crypto::Suite const* suite;
    crypto::PrivateKey identity;
    StaticKey static_key;
    PeerId id;

    explicit TestPeer(std::uint8_t seed, crypto::Suite const& with = crypto::real_suite())
        : TestPeer(crypto::PrivateKey::ed25519_from_seed({seed, 0xA5}), seed, with) {}
    TestPeer(crypto::PrivateKey key, std::uint8_t seed, crypto::Suite const& with = crypto::real_suite())
        : suite(&with), identity(std::move(key)), static_key(make_static_key(with, identity, {0x5A, seed})),
          id(PeerId::of(identity.public_key())) {}

    HandshakeConfig config(Role role, std::vector<std::string> muxers = {}, std::optional<PeerId> expected = {}) const {
        // In the first byte the curve would drop the bits that tell them apart. spec: RFC 7748#5
        auto const ephemeral = role == Role::initiator ? std::uint8_t{1} : std::uint8_t{2};
        return {suite, &static_key, role, {0, static_key.secret[1], ephemeral}, std::move(muxers), expected};
    }
};

/// Both sides of a handshake, message by message.
struct Pair {
    base::ByteString first;   // the initiator's flight: message 1 with its length
    base::ByteString second;  // the responder's
    base::ByteString third;
    Handshake initiator;
    Handshake responder;
    std::optional<Secured> initiated;
    std::optional<Secured> responded;
    std::optional<Error> initiator_error;
    std::optional<Error> responder_error;

    Pair(HandshakeConfig initiating, HandshakeConfig responding)
        : initiator(std::move(initiating), first), responder(std::move(responding), second) {}

    /// Runs to the end or to the first error. The caller may change a flight on its way.
    template <class Change>
    Pair& run(Change&& change) {
        change(0, first);
        if (!give(responder, first, second, responded, responder_error)) return *this;
        change(1, second);
        if (!give(initiator, second, third, initiated, initiator_error)) return *this;
        change(2, third);
        give(responder, third, none_, responded, responder_error);
        return *this;
    }
    Pair& run() {
        return run([](int, base::ByteString&) {});
    }
    bool done() const { return initiated.has_value() && responded.has_value(); }

private:
    static bool give(Handshake& to, base::ByteView in, base::ByteString& out, std::optional<Secured>& secured,
                     std::optional<Error>& error) {
        auto progress = to.push(in, out);
        if (!progress) {
            error = progress.error();
            return false;
        }
        if (progress->secured) secured.emplace(std::move(*progress->secured));
        return true;
    }
    base::ByteString none_;
};

inline base::Result<std::size_t, Error> seal(CipherState& cipher, base::ByteView plaintext, base::ByteString& out) {
    return cipher.seal(std::span(&plaintext, 1), out);
}

}  // namespace libp2p::noise::testing
