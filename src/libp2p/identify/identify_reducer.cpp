#include "libp2p/identify/identify.h"

#include "base/check.h"

#include <algorithm>

namespace libp2p::identify {
namespace {

// Requests of our openings.
constexpr RequestId query_request{1};
constexpr RequestId push_request{2};

Reason reason_of(stream::CloseReason reason) {
    switch (reason) {
        case stream::CloseReason::negotiation_failed: return Reason::not_supported;
        case stream::CloseReason::timed_out: return Reason::timed_out;
        case stream::CloseReason::complete:
        case stream::CloseReason::reset:
        case stream::CloseReason::connection_lost: return Reason::closed;
    }
    return Reason::closed;
}

Reason reason_of(LengthPrefixError error) {
    switch (error) {
        case LengthPrefixError::malformed_length: return Reason::malformed;
        case LengthPrefixError::too_long:
        case LengthPrefixError::over_budget: return Reason::message_too_long;
    }
    return Reason::malformed;
}

class Reduction {
public:
    Reduction(State& state, base::Env const& env, Out& out) : state_(state), env_(env), out_(out) {}

    void operator()(PeerConnected const& connected);
    void operator()(PeerDisconnected const& disconnected);
    void operator()(SelfChanged const& changed);
    void operator()(stream::Opened const& opened);
    void operator()(stream::Data const& data);
    void operator()(stream::Finished const& finished);
    void operator()(stream::Writable const&) {}  // each of our messages fits any queue
    void operator()(stream::Closed const& closed);
    void operator()(Tick const&);

private:
    Peer& peer_at(PeerKey key) {
        auto const found = state_.peers.find(key);
        base::check(found != state_.peers.end(), "identify: a channel without its peer");
        return found->second;
    }
    void order(Effect effect) { out_.effects.push_back(std::move(effect)); }

    void on_opened_inbound(stream::Opened const& opened, Peer& peer);
    void on_opened_outbound(stream::Opened const& opened, Peer& peer);
    void on_open_failed(stream::Closed const& closed);
    void on_query_timeout(PeerKey key);
    void start_reading_push(ChannelId id, PeerKey key, Peer& peer);
    bool admits_push(Peer& peer);
    void read(ChannelId id, Channel& channel, base::ByteView bytes);
    void count_message(ChannelId id, Channel& channel);
    void take_at_word(ChannelId id, Channel& channel);
    void refuse(ChannelId id, Channel& channel, Reason reason);
    void abandon(ChannelId id, Channel& channel);
    void fail_query(PeerKey key, Peer& peer, Reason reason);
    void push_if_due(PeerKey key, Peer& peer);
    void send_message(ChannelId id, Peer& peer);
    void add_channel(ChannelId id, PeerKey key, Role role);
    void erase_channel(std::map<ChannelId, Channel>::iterator at);

    State& state_;
    base::Env const& env_;
    Out& out_;
};

void Reduction::operator()(PeerConnected const& connected) {
    auto const [at, added] = state_.peers.try_emplace(connected.peer);
    auto& peer = at->second;
    peer.remote = connected.remote.without_peer_id();
    if (!added) return;
    peer.id = connected.id;
    order(stream::Open{connected.peer, {state_.config.protocol}, query_request});
    state_.timers.set({Timer::Kind::query, connected.peer.value}, env_.now + state_.config.query_timeout);
}

void Reduction::operator()(PeerDisconnected const& disconnected) {
    if (state_.peers.erase(disconnected.peer) == 0) return;
    for (auto at = state_.channels.begin(); at != state_.channels.end();) {
        if (at->second.peer != disconnected.peer) {
            ++at;
            continue;
        }
        state_.timers.cancel({Timer::Kind::read, at->first.value});
        at = state_.channels.erase(at);
    }
    state_.timers.cancel({Timer::Kind::query, disconnected.peer.value});
    state_.timers.cancel({Timer::Kind::push, disconnected.peer.value});
}

void Reduction::operator()(SelfChanged const& changed) {
    if (changed.self == state_.self) return;
    state_.self = changed.self;
    for (auto& [key, peer] : state_.peers) {
        peer.push_due = true;
        push_if_due(key, peer);
    }
}

void Reduction::operator()(stream::Opened const& opened) {
    auto const found = state_.peers.find(opened.peer);
    if (found == state_.peers.end()) {
        order(stream::Finish{opened.channel});  // the peer has just gone, and the channel with it
        return;
    }
    if (state_.channels.contains(opened.channel)) return;
    if (opened.direction == Direction::inbound) {
        on_opened_inbound(opened, found->second);
    } else {
        on_opened_outbound(opened, found->second);
    }
}

void Reduction::on_opened_inbound(stream::Opened const& opened, Peer& peer) {
    if (opened.protocol == state_.config.push_protocol) {
        start_reading_push(opened.channel, opened.peer, peer);
        return;
    }
    if (peer.answers == state_.config.answers_max) {
        order(stream::Reset{opened.channel});
        return;
    }
    add_channel(opened.channel, opened.peer, Role::answer);
    ++peer.answers;
    send_message(opened.channel, peer);
}

void Reduction::on_opened_outbound(stream::Opened const& opened, Peer& peer) {
    if (opened.request == push_request && peer.push_unanswered) {
        peer.push_unanswered = false;
        add_channel(opened.channel, opened.peer, Role::push_send);
        ++peer.sends;
        send_message(opened.channel, peer);
    } else if (opened.request == query_request && peer.query_unanswered) {
        peer.query_unanswered = false;
        add_channel(opened.channel, opened.peer, Role::query);
        if (peer.query == Query::opening) {
            peer.query = Query::reading;
            peer.query_channel = opened.channel;
        } else {
            abandon(opened.channel, state_.channels.at(opened.channel));  // the time is over
        }
    } else {
        order(stream::Finish{opened.channel});
    }
}

void Reduction::send_message(ChannelId id, Peer& peer) {
    // What is sent now is the newest, whatever it was sent for.
    peer.push_due = false;
    state_.timers.cancel({Timer::Kind::push, state_.channels.at(id).peer.value});
    auto message = encode(state_.self, peer.remote, is_loopback(peer.remote));
    order(stream::Write{id, base::SharedBytes::take(std::move(message))});
    order(stream::Finish{id});
}

bool Reduction::admits_push(Peer& peer) {
    if (peer.pushes_seen == 0 || env_.now - peer.push_window >= std::chrono::seconds(1)) {
        peer.push_window = env_.now;
        peer.pushes_seen = 0;
    }
    if (peer.pushes_seen == state_.config.pushes_per_second_max) return false;
    ++peer.pushes_seen;
    return peer.reads < state_.config.reads_max;
}

void Reduction::start_reading_push(ChannelId id, PeerKey key, Peer& peer) {
    if (!admits_push(peer)) {
        ++peer.pushes_dropped;
        env_.trace.record({"identify", "push dropped", key.value, peer.pushes_dropped});
        order(stream::Reset{id});
        return;
    }
    add_channel(id, key, Role::push_read);
    ++peer.reads;
    state_.timers.set({Timer::Kind::read, id.value}, env_.now + state_.config.read_timeout);
}

void Reduction::operator()(stream::Data const& data) {
    auto const found = state_.channels.find(data.channel);
    if (found == state_.channels.end()) return;
    auto& channel = found->second;
    switch (channel.role) {
        case Role::query:
        case Role::push_read: read(data.channel, channel, data.bytes); break;
        // Nothing is to come here.
        case Role::answer:
        case Role::push_send:
        case Role::abandoned:
            order(stream::Reset{data.channel});
            erase_channel(found);
            break;
    }
}

void Reduction::read(ChannelId id, Channel& channel, base::ByteView bytes) {
    channel.buffer.feed(bytes);
    for (;;) {
        auto const message = channel.buffer.next();
        if (!message) return refuse(id, channel, reason_of(message.error()));
        if (!*message) return;
        if (channel.messages == messages_max) return refuse(id, channel, Reason::too_many_messages);
        auto const added = add_message(channel.draft, **message, peer_at(channel.peer).id);
        if (!added) return refuse(id, channel, added.error());
        count_message(id, channel);
    }
}

void Reduction::count_message(ChannelId id, Channel& channel) {
    if (++channel.messages > 1) return;
    auto const timer = channel.role == Role::query ? Timer{Timer::Kind::query, channel.peer.value}
                                                   : Timer{Timer::Kind::read, id.value};
    state_.timers.set(timer, env_.now + state_.config.settle_time);
}

void Reduction::operator()(stream::Finished const& finished) {
    auto const found = state_.channels.find(finished.channel);
    if (found == state_.channels.end()) return;
    auto& channel = found->second;
    if (channel.role != Role::query && channel.role != Role::push_read) return;
    order(stream::Finish{finished.channel});
    take_at_word(finished.channel, channel);
    erase_channel(state_.channels.find(finished.channel));
}

/// The reading is over: what came whole counts.
void Reduction::take_at_word(ChannelId id, Channel& channel) {
    auto const key = channel.peer;
    auto& peer = peer_at(key);
    auto const is_query = channel.role == Role::query;
    state_.timers.cancel(is_query ? Timer{Timer::Kind::query, key.value}
                                  : Timer{Timer::Kind::read, id.value});
    if (channel.messages == 0) {
        if (is_query) return fail_query(key, peer, Reason::no_message);
        out_.events.push_back(PushRefused{key, Reason::no_message});
        return;
    }
    auto info = merge(peer.info, std::move(channel.draft));
    channel.draft = {};
    if (is_query) peer.query = Query::done;
    if (!is_query && info == peer.info) return;
    peer.info = std::move(info);
    out_.events.push_back(Identified{key, peer.info});
    push_if_due(key, peer);
}

void Reduction::refuse(ChannelId id, Channel& channel, Reason reason) {
    auto const key = channel.peer;
    env_.trace.record({"identify", "refused", key.value, static_cast<std::uint64_t>(reason)});
    order(stream::Reset{id});
    if (channel.role == Role::query) {
        fail_query(key, peer_at(key), reason);
    } else {
        out_.events.push_back(PushRefused{key, reason});
    }
    erase_channel(state_.channels.find(id));
}

/// Leaves a slow stream without a reset. It keeps counting as one of the peer's reads until it is closed.
void Reduction::abandon(ChannelId id, Channel& channel) {
    channel.buffer = LengthPrefixed(message_bytes_max);
    channel.draft = {};
    if (channel.role == Role::query) {
        auto& peer = peer_at(channel.peer);
        peer.query_channel = {};
        ++peer.reads;
    }
    channel.role = Role::abandoned;
    order(stream::Finish{id});
}

void Reduction::fail_query(PeerKey key, Peer& peer, Reason reason) {
    peer.query = Query::failed;
    state_.timers.cancel({Timer::Kind::query, key.value});
    out_.events.push_back(IdentifyFailed{key, reason});
}

void Reduction::operator()(stream::Closed const& closed) {
    auto const found = state_.channels.find(closed.channel);
    if (found == state_.channels.end()) return on_open_failed(closed);
    auto& channel = found->second;
    auto const key = channel.peer;
    auto& peer = peer_at(key);
    switch (channel.role) {
        case Role::query:
            if (channel.messages == 0) {
                fail_query(key, peer, reason_of(closed.reason));
            } else {
                take_at_word(closed.channel, channel);
            }
            break;
        case Role::push_read:
            if (channel.messages > 0) take_at_word(closed.channel, channel);
            break;
        case Role::push_send:
            if (closed.reason == stream::CloseReason::negotiation_failed) peer.refuses_push = true;
            break;
        case Role::answer:
        case Role::abandoned: break;
    }
    erase_channel(state_.channels.find(closed.channel));
    push_if_due(key, peer);
}

void Reduction::on_open_failed(stream::Closed const& closed) {
    auto const found = state_.peers.find(closed.peer);
    if (found == state_.peers.end()) return;
    auto& peer = found->second;
    if (closed.request == query_request && peer.query_unanswered) {
        peer.query_unanswered = false;
        if (peer.query == Query::opening) fail_query(closed.peer, peer, reason_of(closed.reason));
    } else if (closed.request == push_request && peer.push_unanswered) {
        peer.push_unanswered = false;
        if (closed.reason == stream::CloseReason::negotiation_failed) peer.refuses_push = true;
        push_if_due(closed.peer, peer);
    }
}

void Reduction::operator()(Tick const&) {
    while (auto const timer = state_.timers.pop_due(env_.now)) {
        switch (timer->kind) {
            case Timer::Kind::query: on_query_timeout(PeerKey{timer->id}); break;
            case Timer::Kind::push: push_if_due(PeerKey{timer->id}, peer_at(PeerKey{timer->id})); break;
            case Timer::Kind::read: {
                auto& channel = state_.channels.at(ChannelId{timer->id});
                if (channel.messages > 0) take_at_word(ChannelId{timer->id}, channel);
                abandon(ChannelId{timer->id}, channel);
                break;
            }
        }
    }
}

void Reduction::on_query_timeout(PeerKey key) {
    auto& peer = peer_at(key);
    if (peer.query == Query::opening) return fail_query(key, peer, Reason::timed_out);
    auto& channel = state_.channels.at(peer.query_channel);
    if (channel.messages > 0) {
        take_at_word(peer.query_channel, channel);
    } else {
        fail_query(key, peer, Reason::timed_out);
    }
    abandon(peer.query_channel, channel);
}

void Reduction::push_if_due(PeerKey key, Peer& peer) {
    if (!peer.push_due || peer.push_unanswered || peer.refuses_push) return;
    if (peer.sends == state_.config.sends_max) return;
    if (!std::ranges::binary_search(peer.info.protocols, state_.config.push_protocol)) return;
    if (env_.now < peer.push_not_before) {
        state_.timers.set({Timer::Kind::push, key.value}, peer.push_not_before);
        return;
    }
    peer.push_unanswered = true;
    peer.push_not_before = env_.now + state_.config.push_interval;
    order(stream::Open{key, {state_.config.push_protocol}, push_request});
}

void Reduction::add_channel(ChannelId id, PeerKey key, Role role) {
    auto const [at, added] = state_.channels.try_emplace(id);
    base::check(added, "identify: a channel opened twice");
    at->second.peer = key;
    at->second.role = role;
}

void Reduction::erase_channel(std::map<ChannelId, Channel>::iterator at) {
    auto& peer = peer_at(at->second.peer);
    switch (at->second.role) {
        case Role::answer: --peer.answers; break;
        case Role::push_send: --peer.sends; break;
        case Role::push_read:
        case Role::abandoned: --peer.reads; break;
        case Role::query: peer.query_channel = {}; break;
    }
    state_.timers.cancel({Timer::Kind::read, at->first.value});
    state_.channels.erase(at);
}

}  // namespace

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    std::visit(Reduction(state, env, out), action);
}

base::Instant next_deadline(State const& state) {
    return state.timers.next().value_or(base::Instant::never());
}

}  // namespace libp2p::identify
