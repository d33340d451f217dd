#include "base/check.h"
#include "libp2p/kademlia/steps.h"

namespace libp2p::kademlia {
namespace {

/// Takes one request from the peer's budget; false when it is used up.
bool take_token(Peer& peer, base::Instant now, Config const& config) {
    constexpr std::int64_t second = std::chrono::nanoseconds(std::chrono::seconds(1)).count();
    auto const rate = static_cast<std::int64_t>(config.requests_a_second);
    auto const elapsed = (now - peer.tokens_at).count();
    auto const full_after = rate == 0 ? elapsed + 1 : (config.requests_burst * second) / rate + 1;
    if (elapsed >= full_after) {
        peer.tokens = config.requests_burst;
        peer.tokens_at = now;
    } else if (rate > 0 && elapsed > 0) {
        auto const grown = elapsed * rate / second;
        auto const tokens = static_cast<std::int64_t>(peer.tokens) + grown;
        peer.tokens = static_cast<std::uint32_t>(std::min<std::int64_t>(config.requests_burst, tokens));
        peer.tokens_at = peer.tokens_at + base::Duration(grown * second / rate);
    }
    if (peer.tokens == 0) return false;
    --peer.tokens;
    return true;
}

/// Ends a stream that is not served. mina: the Rust node takes a reset for the end of the connection, so that a peer
/// that may be one, as far as is known, only sees our side end.
void turn_away(Step& step, ChannelId channel, Peer const& peer) {
    ++step.state.counters.requests_refused;
    if (peer.is_identified && !peer.finds_nodes_only) {
        step.order(stream::Reset{channel});
    } else {
        step.order(stream::Finish{channel});
    }
}

void refuse(Step& step, ChannelId channel, Inbound& inbound) {
    inbound.is_refused = true;
    inbound.requests = LengthPrefixed(0);
    step.state.timers.cancel({Timer::Kind::inbound, channel.value});
    turn_away(step, channel, step.state.peers.at(inbound.peer));
}

/// False when the stream is served no more.
bool on_request(Step& step, ChannelId channel, Inbound& inbound, base::ByteView bytes) {
    auto& state = step.state;
    auto& peer = state.peers.at(inbound.peer);
    if (!take_token(peer, step.env.now, state.config)) {
        step.report(inbound.peer, Misbehaviour::too_many_requests);
        refuse(step, channel, inbound);
        return false;
    }
    auto const request = decode(bytes);
    auto const needs_key = request && request->type != MessageType::ping;
    if (!request || (needs_key && request->key.empty())) {
        step.report(inbound.peer, Misbehaviour::malformed);
        refuse(step, channel, inbound);
        return false;
    }
    ++state.counters.requests_answered;
    auto answer = answer_to(step, inbound.peer, *request);
    if (answer) {
        step.order(stream::Write{channel, base::SharedBytes::take(std::move(*answer))});
    } else if (request->type != MessageType::add_provider) {
        refuse(step, channel, inbound);
        return false;
    }
    return true;
}

}  // namespace

void on_inbound_opened(Step& step, stream::Opened const& opened) {
    auto& state = step.state;
    auto const found = state.peers.find(opened.peer);
    if (found == state.peers.end() || state.inbound.contains(opened.channel)) {
        step.order(stream::Finish{opened.channel});
        return;
    }
    auto& peer = found->second;
    if (!state.config.server || peer.inbound_streams >= state.config.inbound_streams_max) {
        turn_away(step, opened.channel, peer);
        return;
    }
    ++peer.inbound_streams;
    auto& inbound = state.inbound[opened.channel];
    inbound.peer = opened.peer;
    inbound.last_used = step.env.now;
    state.timers.set({Timer::Kind::inbound, opened.channel.value}, step.env.now + state.config.inbound_idle);
}

void on_inbound_data(Step& step, ChannelId channel, base::ByteView bytes) {
    auto& inbound = step.state.inbound.at(channel);
    if (inbound.is_refused) return;
    inbound.last_used = step.env.now;
    inbound.requests.feed(bytes);
    for (;;) {
        auto const request = inbound.requests.next();
        if (!request) {
            auto const is_long = request.error() != LengthPrefixError::malformed_length;
            step.report(inbound.peer, is_long ? Misbehaviour::too_long : Misbehaviour::malformed);
            return refuse(step, channel, inbound);
        }
        if (!*request || !on_request(step, channel, inbound, **request)) return;
    }
}

void on_inbound_ended(Step& step, ChannelId channel) {
    if (!step.state.inbound.at(channel).is_refused) step.order(stream::Finish{channel});
}

void on_inbound_closed(Step& step, ChannelId channel) {
    auto& state = step.state;
    auto const found = state.inbound.find(channel);
    if (found == state.inbound.end()) return;
    state.timers.cancel({Timer::Kind::inbound, channel.value});
    auto const peer = state.peers.find(found->second.peer);
    if (peer != state.peers.end()) --peer->second.inbound_streams;
    state.inbound.erase(found);
}

void on_inbound_due(Step& step, ChannelId channel) {
    auto& state = step.state;
    auto const found = state.inbound.find(channel);
    base::check(found != state.inbound.end(), "kademlia: a timer without its stream");
    auto& inbound = found->second;
    auto const due = inbound.last_used + state.config.inbound_idle;
    if (step.env.now < due) {
        state.timers.set({Timer::Kind::inbound, channel.value}, due);
        return;
    }
    inbound.is_refused = true;
    inbound.requests = LengthPrefixed(0);
    step.order(stream::Finish{channel});
}

}  // namespace libp2p::kademlia
