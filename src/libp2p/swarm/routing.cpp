// The wiring diagram: every effect and event of every machine, and where it goes. Nothing is decided here.
//
//   connection  BeginUpgrade → pipe            SendPing, SayGoodbye → yamux      CloseLink → outside
//               BecameOpen → peer              BecameClosing → channels          BecameClosed → peer or attempt
//   peer        StartDial → attempt            CloseConnection → connection
//               BecameConnected → identify, application          BecameDisconnected → identify, application
//               AttemptFailed → application
//   identify    Identified → peer, gossip streams, application   IdentifyFailed → gossip streams
//   ping, perf, echo   results → replies
//   gossipsub   SendRpc → gossip stream        MessageArrived → application     Published → reply
//               Misbehaved → counters, application, gate
//   kademlia    Connect → peer      Release, PeersTold → application     results → replies     Misbehaved → gate
//               PeerConnected, PeerIdentified, PeerDisconnected, ConnectFailed come from peer and identify
//   guest       Tell → application     Answer → reply     Offence → gate
//               PeerConnected, PeerIdentified, PeerDisconnected come from peer and identify; Ordered from commands
//   any protocol       Open, Write, Finish, Reset → channels
#include "base/check.h"
#include "libp2p/swarm/routing.h"

#include <algorithm>

namespace libp2p {

namespace {

std::string_view text_of(gossipsub::PublishError error) {
    switch (error) {
        case gossipsub::PublishError::duplicate: return "the message was published before";
        case gossipsub::PublishError::too_large: return "the message is too large";
        case gossipsub::PublishError::signing_needs_key: return "there is no key to sign with";
    }
    return "?";
}

}  // namespace

// ---- Connections ----------------------------------------------------------------------------------------------------------

void Swarm::apply(Connection& connection, connection::Effect const& effect) {
    auto* session = connection.pipe != nullptr ? connection.pipe->session() : nullptr;
    // In the order of the variant.
    switch (effect.index()) {
        case 0: begin_upgrade(connection); return;
        case 1:
            session->ping(now_);
            mark_dirty(connection);
            return;
        case 2:
            if (session != nullptr) session->go_away(std::get_if<connection::SayGoodbye>(&effect)->code);
            mark_dirty(connection);
            return;
        case 3:
            if (connection.link_ended) return;
            effects_.emplace_back(Close{connection.link, std::get_if<connection::CloseLink>(&effect)->orderly});
            return;
        case 4: on_became_open(connection); return;
        case 5: lose_channels(connection); return;
        case 6: on_became_closed(connection, std::get_if<connection::BecameClosed>(&effect)->was_open); return;
        default: base::check(false, "swarm: unknown connection effect");
    }
}

// ---- Peers ----------------------------------------------------------------------------------------------------------------

bool Swarm::route_peer_outs() {
    auto const moved = !peer_out_.empty();
    while (!peer_out_.empty()) {
        auto const [key, effect] = std::move(peer_out_.front());
        peer_out_.pop_front();
        if (auto* peer = find_peer(key)) apply(*peer, effect);
    }
    return moved;
}

void Swarm::apply(Peer& peer, peer::Effect const& effect) {
    if (std::get_if<peer::StartDial>(&effect) != nullptr) {
        start_attempt(peer.state.key, peer.state.addresses, {});
    } else if (auto const* close = std::get_if<peer::CloseConnection>(&effect)) {
        if (auto* connection = connection_of(close->connection)) act(*connection, connection::Close{close->reason});
    } else if (auto const* connected = std::get_if<peer::BecameConnected>(&effect)) {
        on_peer_connected(peer, *connected);
    } else if (auto const* disconnected = std::get_if<peer::BecameDisconnected>(&effect)) {
        on_peer_disconnected(peer, disconnected->reason);
    } else if (auto const* failed = std::get_if<peer::AttemptFailed>(&effect)) {
        auto const address = peer.state.addresses.empty() ? Multiaddr{} : peer.state.addresses.front();
        deliver(event::ConnectionFailed{peer.state.id, address, failed->reason, failed->retry_in});
        if (has_kademlia()) tell_kademlia(kademlia::ConnectFailed{peer.state.id});
        for (auto const request : std::exchange(peer.waiting, {})) {
            reply_error(request, "cannot connect to " + address.with_peer_id(peer.state.id).text() + ": " +
                                     std::string(to_string(failed->reason)));
        }
    }
}

void Swarm::on_peer_connected(Peer& peer, peer::BecameConnected const& event) {
    auto* connection = connection_of(event.connection);
    if (connection == nullptr) return;  // lost in the same step; the loss is on its way
    peer.connection = event.connection;
    identify::PeerConnected const fact{peer.state.key, peer.state.id, Multiaddr::tcp_at(connection->remote),
                                       connection->state.direction};
    if (event.replaced) {
        // What was asked over the old connection may not be answered any more.
        if (!peer.info) {
            identify::reduce(identify_, identify::PeerDisconnected{peer.state.key}, env(), identify_out_.filling);
            identify::reduce(identify_, fact, env(), identify_out_.filling);
        }
        return;
    }
    ++connected_peers_;
    peer.connected_at = now_;
    deliver(event::Connected{peer.state.id, connection->address, connection->state.direction, config_.names.muxer,
                             config_.names.security, connection->remote.ip});
    answer_waiting(peer.state.key);
    identify::reduce(identify_, fact, env(), identify_out_.filling);
    kademlia_connected(peer, *connection);
    guest_connected(peer, *connection);
}

// A peer on the Internet does not decide that we dial into our own network.
void Swarm::learn_listen_addresses(Peer& peer) {
    auto const* connection = connection_of(peer.connection);
    auto const is_near = connection != nullptr && connection->remote.ip.is_private();
    auto const may_be_private = config_.private_addresses || is_near;
    for (auto const& address : peer.info->listen_addresses) {
        auto const at = address.socket_address();
        if (at && at->ip.is_private() && !may_be_private) continue;
        peer::learn_address(peer.state, address, /*best=*/false);
    }
}

// Where the peer sees us. What enough peers agree on is announced.
void Swarm::learn_observed(Peer const& peer) {
    auto const* connection = connection_of(peer.connection);
    if (connection == nullptr) return;
    auto const ours = peer.info->observed.socket_address();
    if (!ours) return;
    using enum peerstore::ObservedOver;
    auto const dialed_over = connection->from_listen_port ? from_listen_port : from_other_port;
    auto const over = connection->state.direction == Direction::inbound ? accepted : dialed_over;
    auto const before = observed_.confirmed(now_);
    observed_.observe({peer.state.id, connection->remote.ip, *ours, over}, now_);
    if (observed_.confirmed(now_) != before) announce_self();
    arm_observed();
}

void Swarm::on_peer_disconnected(Peer& peer, DisconnectReason reason) {
    if (!peer.connection) return;  // never told that it was connected
    peer.connection = {};
    peer.info.reset();
    peer.gossip.expected = false;
    peer.gossip.failures = 0;
    timers_.cancel({TimerKind::gossip_stream, peer.state.key.value});
    // Whether its stream or ours was first, or is left.
    gossipsub::reduce(gossip_, gossipsub::PeerRemoved{peer.state.key}, env(), gossip_out_.filling);
    --connected_peers_;
    observed_.on_disconnected(peer.state.id, now_);
    arm_observed();
    if (has_kademlia()) tell_kademlia(kademlia::PeerDisconnected{peer.state.key});
    tell_guest(guest::PeerDisconnected{peer.state.key});
    identify::reduce(identify_, identify::PeerDisconnected{peer.state.key}, env(), identify_out_.filling);
    deliver(event::Disconnected{peer.state.id, reason});
}

// ---- Protocols ------------------------------------------------------------------------------------------------------------

template <class Out>
bool Swarm::drain(Mailbox<Out>& mailbox, Service service) {
    if (mailbox.filling.effects.empty() && mailbox.filling.events.empty()) return false;
    std::swap(mailbox.filling, mailbox.draining);
    for (auto const& effect : mailbox.draining.effects) {
        if constexpr (std::is_same_v<Out, gossipsub::Out> || std::is_same_v<Out, kademlia::Out> ||
                      std::is_same_v<Out, guest::Out>) {
            route(effect);
        } else {
            route_stream(effect, service);
        }
    }
    for (auto const& event : mailbox.draining.events) route(event);
    mailbox.draining.clear();
    return true;
}

bool Swarm::route_protocol_outs() {
    bool moved = drain(identify_out_, Service::identify);
    moved |= drain(ping_out_, Service::ping);
    moved |= drain(perf_out_, Service::perf);
    moved |= drain(echo_out_, Service::echo);
    moved |= drain(gossip_out_, Service::gossip_out);
    moved |= drain(kademlia_out_, Service::kademlia);
    moved |= drain(guest_out_, Service::guest);
    return moved;
}

void Swarm::route(identify::Event const& event) {
    if (auto const* identified = std::get_if<identify::Identified>(&event)) {
        auto* peer = find_peer(identified->peer);
        if (peer == nullptr) return;
        auto const& info = identified->info;
        peer->info = info;
        learn_listen_addresses(*peer);
        learn_observed(*peer);
        deliver(event::Identified{peer->state.id, info.agent, info.protocols, info.listen_addresses, info.observed});
        gossip_peer_ready(*peer);
        kademlia_identified(*peer);
        guest_identified(*peer);
    } else if (auto const* failed = std::get_if<identify::IdentifyFailed>(&event)) {
        auto* peer = find_peer(failed->peer);
        if (peer == nullptr) return;
        gossip_peer_ready(*peer);
        kademlia_identified(*peer);
    }
}

void Swarm::route(ping::Event const& event) {
    if (auto const* pinged = std::get_if<ping::Pinged>(&event)) {
        reply(pinged->request, reply::RoundTrip{pinged->round_trip});
    } else if (auto const* failed = std::get_if<ping::PingFailed>(&event)) {
        reply_error(failed->request, "ping: " + std::string(ping::to_string(failed->reason)));
    }
}

void Swarm::route(perf::Event const& event) {
    if (auto const* done = std::get_if<perf::Done>(&event)) {
        reply(done->request, reply::PerfTimes{done->up, done->down, done->total});
    } else if (auto const* failed = std::get_if<perf::Failed>(&event)) {
        reply_error(failed->request, "perf: " + std::string(perf::to_string(failed->reason)));
    }
}

void Swarm::route(echo::Event const& event) {
    if (auto const* echoed = std::get_if<echo::Echoed>(&event)) {
        reply(echoed->request, reply::Echoed{echoed->same});
    } else if (auto const* measured = std::get_if<echo::RoundTripsDone>(&event)) {
        reply(measured->request, reply::RoundTripTimes{measured->median, measured->p99, measured->total});
    } else if (auto const* rate = std::get_if<echo::RateMeasured>(&event)) {
        reply(rate->request, reply::RateMeasured{rate->requests, rate->total});
    } else if (auto const* failed = std::get_if<echo::EchoFailed>(&event)) {
        reply_error(failed->request, "echo: " + std::string(echo::to_string(failed->reason)));
    }
}

void Swarm::route(gossipsub::Effect const& effect) {
    auto const& rpc = *std::get_if<gossipsub::SendRpc>(&effect);
    auto* peer = find_peer(rpc.peer);
    auto* channel = peer != nullptr ? channel_of(peer->gossip.outbound) : nullptr;
    if (channel == nullptr || channel->state.phase == channel::Phase::closed) return;
    auto const queued = channel->connection->pipe->session()->queued_bytes(channel->stream);
    if (rpc.droppable && queued + rpc.bytes.size() > config_.limits.gossip_queue_bytes_max) {
        ++peer->gossip.dropped;
        ++counters_.messages_dropped;
        return;
    }
    write({channel->id, rpc.bytes});
}

void Swarm::route(gossipsub::Event const& event) {
    if (auto const* arrived = std::get_if<gossipsub::MessageArrived>(&event)) {
        ++counters_.messages_received;
        auto const* via = find_peer(arrived->via);
        deliver(event::MessageReceived{arrived->key, arrived->id, arrived->topic, arrived->from,
                                       via != nullptr ? via->state.id : PeerId{}, arrived->data});
    } else if (auto const* published = std::get_if<gossipsub::Published>(&event)) {
        reply::PublishedTo value{published->id, {}};
        for (auto const key : published->peers) value.peers.push_back(peers_.at(key).state.id);
        reply(published->request, std::move(value));
    } else if (auto const* refused = std::get_if<gossipsub::NotPublished>(&event)) {
        reply_error(refused->request, "publish: " + std::string(text_of(refused->error)));
    } else if (auto const* misbehaved = std::get_if<gossipsub::Misbehaved>(&event)) {
        on_misbehaved(*misbehaved);
    }
}

}  // namespace libp2p
