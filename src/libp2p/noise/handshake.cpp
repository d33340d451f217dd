#include "libp2p/noise/noise.h"

#include "base/check.h"
#include "base/writer.h"
#include "libp2p/noise/payload.h"

#include <algorithm>

namespace libp2p::noise {

namespace {

constexpr std::size_t length_bytes = 2;

HandshakeConfig const& checked(HandshakeConfig const& config) {
    base::check(config.suite != nullptr, "noise: a suite is needed");
    base::check(config.static_key != nullptr, "noise: a static key is needed");
    return config;
}

Xx::Keys keys_of(HandshakeConfig const& config) {
    return {config.static_key->secret, config.static_key->public_key, config.ephemeral_secret};
}

}  // namespace

StaticKey make_static_key(crypto::Suite const& suite, crypto::PrivateKey const& identity,
                          crypto::X25519Key const& secret) {
    auto const public_key = suite.x25519_public(secret);
    return {secret, public_key, identity.public_key().encode(), suite.sign(identity, signed_bytes(public_key))};
}

Handshake::Handshake(HandshakeConfig config, base::ByteString& out)
    : config_(std::move(config)), xx_(*checked(config_).suite, config_.role, keys_of(config_)) {
    config_.ephemeral_secret = {};
    if (xx_.our_turn()) base::check(send({}, out).has_value(), "noise: the first message mixes no keys");
}

base::Result<Handshake::Progress, Error> Handshake::push(base::ByteView in, base::ByteString& out) {
    base::check(!finished_, "noise: handshake pushed after its end");
    if (failed_) return base::fail(*failed_);
    auto const given = in.size();
    for (;;) {
        auto const complete = collect(in);
        if (!complete) return base::fail(*(failed_ = complete.error()));
        if (!*complete) return Progress{given, std::nullopt};
        auto secured = on_message(out);
        if (!secured) return base::fail(*(failed_ = secured.error()));
        if (*secured) return Progress{given - in.size(), std::move(*secured)};
    }
}

/// Moves bytes from `in` to partial_ until it holds a whole frame: whether it does. A length that cannot be right fails
/// before any of the body is waited for.
base::Result<bool, Error> Handshake::collect(base::ByteView& in) {
    auto const take_to = [&](std::size_t size) {
        auto const count = std::min(in.size(), size - partial_.size());
        base::append(partial_, in.first(count));
        in = in.subspan(count);
        return partial_.size() == size;
    };
    if (partial_.size() < length_bytes && !take_to(length_bytes)) return false;
    auto const body = static_cast<std::size_t>(partial_[0] << 8 | partial_[1]);
    auto const least = xx_message_bytes(xx_.messages());
    if (body < least || body > least + handshake_payload_bytes_max) return base::fail(Error::malformed_frame);
    return take_to(length_bytes + body);
}

base::Result<std::optional<Secured>, Error> Handshake::on_message(base::ByteString& out) {
    TRY(auto const payload, xx_.read(base::MutableBytes(partial_).subspan(length_bytes)));
    std::optional<Remote> remote;
    if (xx_.messages() > 1) {  // spec: noise#the-libp2p-handshake-payload: none in the first message
        TRY(remote, authenticate(payload));
    }
    partial_.clear();
    if (xx_.our_turn()) {
        Payload ours{config_.static_key->identity_key, config_.static_key->signature, {}};
        ours.muxers.assign(config_.muxers.begin(), config_.muxers.end());
        TRY_VOID(send(encode(ours), out));
    }
    if (!remote) return std::nullopt;
    return finish(std::move(*remote));
}

base::Result<void, Error> Handshake::send(base::ByteView payload, base::ByteString& out) {
    base::check(payload.size() <= handshake_payload_bytes_max, "noise: a payload too long to send");
    TRY(auto const body, xx_.write(payload));
    base::append_u16_be(out, static_cast<std::uint16_t>(body.size()));
    base::append(out, body);
    return {};
}

/// The signature comes first: what an unproved identity claims must not count as our own or as the expected one.
base::Result<Handshake::Remote, Error> Handshake::authenticate(base::ByteView payload) const {
    TRY(auto const theirs, decode_payload(payload));
    auto key = crypto::PublicKey::decode(theirs.identity_key);
    if (!key) return base::fail(Error::bad_identity_key);
    if (!config_.suite->verify(*key, signed_bytes(xx_.remote_static()), theirs.signature)) {
        return base::fail(Error::bad_signature);
    }
    auto const id = PeerId::of(*key);
    if (key->encode() == config_.static_key->identity_key) return base::fail(Error::connected_to_self);
    if (config_.expected && id != *config_.expected) return base::fail(Error::wrong_peer_id);
    return Remote{std::move(*key), id, agree(theirs.muxers)};
}

/// spec: connections/inlined-muxer-negotiation#multiplexer-negotiation-over-noise "picking the first item from the
/// initiator's list that both parties support". Lists without overlap are left to multistream-select, as go does: it
/// ends in a failure just as well.
std::optional<std::string> Handshake::agree(std::span<std::string_view const> theirs) const {
    auto const& ours = config_.muxers;
    if (config_.role == Role::initiator) {
        auto const found = std::ranges::find_if(ours, [&](auto const& name) {
            return std::ranges::find(theirs, name) != theirs.end();
        });
        return found != ours.end() ? std::optional(*found) : std::nullopt;
    }
    auto const found = std::ranges::find_if(theirs, [&](auto const name) {
        return std::ranges::find(ours, name) != ours.end();
    });
    return found != theirs.end() ? std::optional(std::string(*found)) : std::nullopt;
}

Secured Handshake::finish(Remote remote) {
    finished_ = true;
    auto const secrets = xx_.split();
    return {CipherState(*config_.suite, secrets.sending), CipherState(*config_.suite, secrets.receiving),
            std::move(remote.key), remote.id, std::move(remote.muxer)};
}

}  // namespace libp2p::noise
