// Which stream carries gossip to and from each peer: one outbound per peer, opened when identify has told (or failed to
// tell) what the peer speaks, opened again when it is lost; one inbound per peer, the newest.
// spec: pubsub#stream-management
#include "libp2p/swarm/routing.h"

#include <algorithm>

namespace libp2p {

namespace {

constexpr std::uint8_t open_failures_max = 5;
constexpr base::Duration retry_step = std::chrono::seconds(1);
constexpr base::Duration move_delay = std::chrono::milliseconds(100);
constexpr base::Duration stable = std::chrono::minutes(1);  // a stream that lasted so long clears the failures

bool is_fatal(gossipsub::Event const& event) {
    auto const* const misbehaved = std::get_if<gossipsub::Misbehaved>(&event);
    return misbehaved != nullptr && gossipsub::is_fatal(misbehaved->what);
}

}  // namespace

void Swarm::gossip_peer_ready(Peer& peer) {
    peer.gossip.expected = true;
    gossip_open(peer);
}

void Swarm::gossip_open(Peer& peer) {
    auto& gossip = peer.gossip;
    if (!config_.gossip_enabled || !gossip.expected || !peer.connection || gossip.opening || gossip.outbound) return;
    auto names = config_.names.gossipsub;
    if (!config_.names.floodsub.empty()) names.push_back(config_.names.floodsub);
    if (peer.info) {
        // The best that the peer announced; a peer that announced none is left alone.
        auto const spoken = std::ranges::find_if(
            names, [&](auto const& name) { return std::ranges::binary_search(peer.info->protocols, name); });
        if (spoken == names.end()) return;
        names = {*spoken};
    }
    gossip.opening = true;
    open_channel({peer.state.key, std::move(names), {}}, Service::gossip_out);
}

void Swarm::gossip_fact(Service service, stream::Opened const& fact) {
    auto* peer = find_peer(fact.peer);
    if (peer == nullptr) return;
    auto& gossip = peer->gossip;
    if (service == Service::gossip_in) {
        auto const older = std::exchange(gossip.inbound, fact.channel);
        gossip.assembler = std::make_unique<LengthPrefixed>(config_.gossip.rpc_bytes_max, &assembly_);
        if (older) reset({older});
        return;
    }
    gossip.opening = false;
    gossip.outbound = fact.channel;
    gossip.opened_at = now_;
    auto version = gossipsub::Version::v1_1;
    if (fact.protocol == config_.names.floodsub) {
        version = gossipsub::Version::floodsub;
    } else if (fact.protocol.ends_with("/1.0.0")) {
        version = gossipsub::Version::v1_0;
    }
    auto const* connection = connection_of(peer->connection);
    auto const dialed_by = connection != nullptr ? connection->state.direction : Direction::inbound;
    gossipsub::reduce(gossip_, gossipsub::PeerAdded{peer->state.key, peer->state.id, version, dialed_by}, env(),
                      gossip_out_.filling);
}

void Swarm::gossip_fact(Service service, stream::Data const& fact) {
    auto const* channel = channel_of(fact.channel);
    auto* peer = channel != nullptr ? find_peer(channel->peer) : nullptr;
    // Nothing is said on our own stream.
    if (peer == nullptr || service == Service::gossip_out) return;
    if (peer->gossip.inbound == fact.channel) gossip_inbound(*peer, fact.channel, fact.bytes);
}

// After a fatal fault nothing more is read, even of what has come: the step's time is for others.
void Swarm::gossip_inbound(Peer& peer, ChannelId channel, base::ByteView bytes) {
    auto& assembler = *peer.gossip.assembler;
    auto& events = gossip_out_.filling.events;
    assembler.feed(bytes);
    for (;;) {
        auto const rpc = assembler.next();
        if (rpc && !*rpc) return;
        auto const before = events.size();
        if (rpc) {
            gossipsub::reduce(gossip_, gossipsub::RpcReceived{peer.state.key, **rpc}, env(), gossip_out_.filling);
            if (events.size() == before || !is_fatal(events.back())) continue;
        } else if (rpc.error() == LengthPrefixError::over_budget) {
            // That our memory is full is not the peer's fault.
            trace_->record({"swarm", "gossip_over_budget", peer.state.key.value, 0});
        } else {
            events.emplace_back(gossipsub::Misbehaved{peer.state.key, gossipsub::Misbehaviour::malformed_rpc});
        }
        reset({channel});
        return;
    }
}

void Swarm::gossip_fact(Service, stream::Finished const& fact) { finish({fact.channel}); }

void Swarm::gossip_fact(Service, stream::Writable const&) {}

void Swarm::gossip_fact(Service service, stream::Closed const& fact) {
    auto* peer = find_peer(fact.peer);
    if (peer == nullptr) return;
    auto& gossip = peer->gossip;
    if (service == Service::gossip_in) {
        if (gossip.inbound != fact.channel) return;
        gossip.inbound = {};
        gossip.assembler.reset();
        return;
    }
    if (fact.channel && gossip.outbound != fact.channel) return;
    gossip_stream_lost(*peer, fact.reason);
}

// The peer's own stream may live on, and with it what it told us there, such as its subscriptions. So it stays known to
// the machine until its connection ends, and is added anew with the next stream; unless there will be none.
void Swarm::gossip_stream_lost(Peer& peer, stream::CloseReason reason) {
    auto& gossip = peer.gossip;
    auto const was_open = static_cast<bool>(std::exchange(gossip.outbound, {}));
    gossip.opening = false;
    auto const* connection = connection_of(peer.connection);
    if (reason == stream::CloseReason::connection_lost && connection != nullptr &&
        connection->state.phase == connection::Phase::open) {
        // One of two connections has ended, and the other counts now.
        set_timer(TimerKind::gossip_stream, peer.state.key.value, now_ + move_delay);
        return;
    }
    if (was_open && now_ - gossip.opened_at >= stable) gossip.failures = 0;
    if (reason == stream::CloseReason::negotiation_failed || ++gossip.failures > open_failures_max) {
        gossipsub::reduce(gossip_, gossipsub::PeerRemoved{peer.state.key}, env(), gossip_out_.filling);
        return;
    }
    set_timer(TimerKind::gossip_stream, peer.state.key.value, now_ + retry_step * gossip.failures);
}

}  // namespace libp2p
