#include "libp2p/connection/pipe.h"

#include "base/check.h"

namespace libp2p::connection {

struct Pipe::Upgrade {
    Secrets secrets;
    std::optional<PeerId> expected;
    std::optional<multistream::Dialer> dialer;
    std::optional<multistream::Listener> listener;
    std::optional<noise::Handshake> handshake;
    noise::Role role = noise::Role::initiator;
    bool lazy_handshake = false;             // message 1 rode in the first flight
    base::MutableBytes record;               // plaintext being read by the muxer negotiation
    bool muxed_reported = false;
    base::ByteString reply;
};

Pipe::Pipe(PipeConfig const& config, Direction direction, std::optional<PeerId> expected, Secrets const& secrets)
    : config_(&config), direction_(direction), upgrade_(std::make_unique<Upgrade>()) {
    upgrade_->secrets = secrets;
    upgrade_->expected = std::move(expected);
    if (config.private_network) pnet_.emplace(*config.private_network, secrets.nonce);
}

Pipe::~Pipe() = default;

void Pipe::send_plain(base::ByteString& bytes, base::ByteString& out) {
    if (bytes.empty()) return;
    if (pnet_) pnet_->seal(bytes);
    base::append(out, bytes);
    bytes.clear();
}

void Pipe::begin(base::ByteString& out) {
    if (pnet_) base::append(out, upgrade_->secrets.nonce);
    base::ByteString flight;
    if (direction_ == Direction::inbound) {
        upgrade_->listener.emplace(std::vector{config_->security_name}, flight);
    } else {
        auto const number = upgrade_->secrets.simultaneous_number;
        upgrade_->dialer.emplace(std::vector{config_->security_name}, number, flight);
        // With the simultaneous-open token the other side may have to skip our proposal, and only that.
        upgrade_->lazy_handshake = !number.has_value();
        if (upgrade_->lazy_handshake) begin_handshake(noise::Role::initiator, flight);
    }
    send_plain(flight, out);
}

void Pipe::begin_handshake(noise::Role role, base::ByteString& out) {
    upgrade_->role = role;
    upgrade_->handshake.emplace(
        noise::HandshakeConfig{
            .suite = config_->suite,
            .static_key = config_->static_key,
            .role = role,
            .ephemeral_secret = upgrade_->secrets.ephemeral,
            .muxers = {config_->muxer_name},
            .expected = upgrade_->expected,
        },
        out);
}

void Pipe::feed(base::MutableBytes chunk, base::Instant now) {
    base::assume(raw_.empty(), "pipe: the previous chunk was not drained");
    now_ = now;
    auto const plain = pnet_ ? pnet_->open(chunk) : chunk;
    if (opener_) {
        opener_->feed(plain);
    } else {
        raw_ = plain;
    }
}

Pipe::Step Pipe::next(base::ByteString& out) {
    // A stage that ends hands the rest of the chunk to the next one, so go on until a stage has an event or needs bytes.
    for (;;) {
        auto const before = stage_;
        Step result;
        switch (stage_) {
            case Stage::select_security: result = step_select_security(out); break;
            case Stage::handshake: result = step_handshake(out); break;
            case Stage::select_muxer: result = step_select_muxer(out); break;
            case Stage::muxed: return step_muxed();
        }
        if (!result || result->has_value() || stage_ == before) return result;
    }
}

Pipe::Step Pipe::step_select_security(base::ByteString& out) {
    auto& up = *upgrade_;
    auto const progress = up.dialer ? up.dialer->push(raw_, up.reply) : up.listener->push(raw_, up.reply);
    if (!progress) {
        raw_ = {};
        return base::fail(security_fault(progress.error()));
    }
    raw_ = raw_.subspan(progress->consumed);
    if (progress->selected) {
        auto const role = progress->selected->role == multistream::Role::initiator ? noise::Role::initiator
                                                                                  : noise::Role::responder;
        if (!up.handshake) begin_handshake(role, up.reply);
        up.dialer.reset();
        up.listener.reset();
        stage_ = Stage::handshake;
    }
    send_plain(up.reply, out);
    return std::nullopt;
}

Pipe::Step Pipe::step_handshake(base::ByteString& out) {
    auto& up = *upgrade_;
    auto progress = up.handshake->push(raw_, up.reply);
    if (!progress) {
        raw_ = {};
        return base::fail(fault(progress.error()));
    }
    raw_ = raw_.subspan(progress->consumed);
    send_plain(up.reply, out);
    if (!progress->secured) return std::nullopt;
    auto& secured = *progress->secured;
    Secured const event{secured.remote, secured.remote_key};
    sealer_.emplace(std::move(secured.sending));
    opener_.emplace(std::move(secured.receiving));
    opener_->feed(raw_);
    raw_ = {};
    up.handshake.reset();
    begin_muxer(secured.muxer, out);
    return event;
}

void Pipe::begin_muxer(std::optional<std::string> const& early, base::ByteString& out) {
    auto& up = *upgrade_;
    auto const initiator = up.role == noise::Role::initiator;
    stage_ = Stage::select_muxer;
    if (!early) {
        if (initiator) {
            up.dialer.emplace(std::vector{config_->muxer_name}, std::nullopt, up.reply);
        } else {
            up.listener.emplace(std::vector{config_->muxer_name}, up.reply);
        }
        (void)send_sealed(up.reply, out);  // the first record of a fresh key cannot run out of nonces
        up.reply.clear();
    }
    session_.emplace(config_->yamux, initiator ? yamux::Role::client : yamux::Role::server);
}

base::Result<bool, DisconnectReason> Pipe::send_sealed(base::ByteView plaintext, base::ByteString& out) {
    if (plaintext.empty()) return false;
    auto const at = out.size();
    auto const sealed = sealer_->seal(std::span(&plaintext, 1), out);
    if (!sealed) return base::fail(fault(sealed.error()));
    if (pnet_) pnet_->seal(base::MutableBytes(out).subspan(at));
    return true;
}

Pipe::Step Pipe::step_select_muxer(base::ByteString& out) {
    auto& up = *upgrade_;
    if (!up.dialer && !up.listener) {  // agreed early
        stage_ = Stage::muxed;
        upgrade_.reset();
        return Event(Muxed{true});
    }
    if (up.dialer && !up.muxed_reported) {
        // Lazy: our frames follow the proposal at once; a refusal would end the connection anyway.
        up.muxed_reported = true;
        return Event(Muxed{false});
    }
    for (;;) {
        if (up.record.empty()) {
            auto record = opener_->next();
            if (!record) return base::fail(fault(record.error()));
            if (!*record) return std::nullopt;
            up.record = **record;
            continue;
        }
        auto const progress = up.dialer ? up.dialer->push(up.record, up.reply) : up.listener->push(up.record, up.reply);
        if (!progress) return base::fail(muxer_fault(progress.error()));
        up.record = up.record.subspan(progress->consumed);
        TRY_VOID(send_sealed(up.reply, out));
        up.reply.clear();
        if (!progress->selected) continue;
        auto const reported = up.muxed_reported;
        session_->feed(up.record, now_);
        stage_ = Stage::muxed;
        upgrade_.reset();
        if (reported) return std::nullopt;
        return Event(Muxed{false});
    }
}

Pipe::Step Pipe::step_muxed() {
    for (;;) {
        auto event = session_->next();
        if (!event) return base::fail(fault(event.error()));
        if (*event) return Event(**event);
        auto record = opener_->next();
        if (!record) return base::fail(fault(record.error()));
        if (!*record) return std::nullopt;
        session_->feed(**record, now_);
    }
}

base::Result<bool, DisconnectReason> Pipe::seal_output(base::ByteString& out, yamux::Gather& scratch) {
    scratch.clear();
    if (!session_ || !session_->gather(noise::plaintext_bytes_max, scratch)) return false;
    auto const at = out.size();
    auto const sealed = sealer_->seal(scratch.pieces(), out);
    if (!sealed) return base::fail(fault(sealed.error()));
    if (pnet_) pnet_->seal(base::MutableBytes(out).subspan(at));
    return true;
}

}  // namespace libp2p::connection
