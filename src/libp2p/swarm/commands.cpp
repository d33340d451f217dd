// The application's orders.
#include "libp2p/swarm/swarm.h"

#include "base/check.h"

#include <algorithm>

namespace libp2p {

namespace {

constexpr base::Duration shutdown_patience = std::chrono::milliseconds(1200);

}  // namespace

void Swarm::on_command(Command const& input) {
    // In the order of the variant.
    auto const request = input.request;
    auto const& body = input.body;
    switch (body.index()) {
        case 0: order(request, *std::get_if<command::Connect>(&body)); return;
        case 1: order(request, *std::get_if<command::HangUp>(&body)); return;
        case 2: order(request, *std::get_if<command::Ping>(&body)); return;
        case 3: order(request, *std::get_if<command::Subscribe>(&body)); return;
        case 4: order(request, *std::get_if<command::Unsubscribe>(&body)); return;
        case 5: order(request, *std::get_if<command::Publish>(&body)); return;
        case 6: order(request, *std::get_if<command::GiveVerdict>(&body)); return;
        case 7: order(request, *std::get_if<command::Perf>(&body)); return;
        case 8: order(request, *std::get_if<command::Echo>(&body)); return;
        case 9: order(request, *std::get_if<command::RoundTrips>(&body)); return;
        case 10: order(request, *std::get_if<command::Rate>(&body)); return;
        case 11: order(request, *std::get_if<command::SetRule>(&body)); return;
        case 12: order(request, *std::get_if<command::DropRule>(&body)); return;
        case 13: order(request, *std::get_if<command::LearnPeers>(&body)); return;
        case 14: order(request, *std::get_if<command::FindPeer>(&body)); return;
        case 15: order(request, *std::get_if<command::FindClosest>(&body)); return;
        case 16: order(request, *std::get_if<command::AskClosest>(&body)); return;
        case 17: order(request, *std::get_if<command::Provide>(&body)); return;
        case 18: order(request, *std::get_if<command::StopProviding>(&body)); return;
        case 19: order(request, *std::get_if<command::FindProviders>(&body)); return;
        case 20: order(request, *std::get_if<command::PutValue>(&body)); return;
        case 21: order(request, *std::get_if<command::GetValue>(&body)); return;
        case 22: order_guest(request, body, &std::get_if<command::Call>(&body)->peer); return;
        case 23:
        case 24:
        case 25: order_guest(request, body, nullptr); return;
        case 26: order(request, *std::get_if<command::ReportOffence>(&body)); return;
        case 27: order(request, *std::get_if<command::Shutdown>(&body)); return;
        default: base::check(false, "swarm: unknown command");
    }
}

void Swarm::order(RequestId request, command::Connect const& command) {
    auto const id = command.address.peer_id();
    if (is_shutting_down_) {
        reply_error(request, "shutting down");
        return;
    }
    if (!id) {
        start_attempt({}, {command.address}, request);
        return;
    }
    if (*id == peer_config_.self) {
        reply_error(request, "cannot connect to " + command.address.text() + ": that is this node itself");
        return;
    }
    auto& peer = peer_of(*id);
    peer.is_ordered = peer.is_ordered || !command.is_hearsay;
    for (auto const& address : command.others) peer::learn_address(peer.state, address, /*best=*/false);
    peer::learn_address(peer.state, command.address, /*best=*/true);
    if (peer.state.phase == peer::Phase::banned) {
        peer.state.kept = peer.state.kept || command.keep;  // it is dialed when the ban ends
        deliver(event::ConnectionFailed{*id, command.address, DisconnectReason::banned, std::nullopt});
        reply_error(request, "cannot connect to " + id->text() + ": banned");
        return;
    }
    if (peer.state.phase == peer::Phase::connected) {
        reply(request, *id);
    } else if (request) {
        peer.waiting.push_back(request);
    }
    act(peer, peer::Want{command.keep});
}

void Swarm::order(RequestId request, command::HangUp const& command) {
    auto* peer = find_peer(command.peer);
    if (peer == nullptr) {
        reply_error(request, "not connected to " + command.peer.text());
        return;
    }
    act(*peer, peer::Drop{command.trim ? DisconnectReason::trimmed : DisconnectReason::hung_up});
    cancel_attempt(*peer, DisconnectReason::hung_up);
    reply(request, reply::Done{});
}

Peer* Swarm::connected_peer(RequestId request, PeerId const& id) {
    auto* peer = find_peer(id);
    if (peer != nullptr && peer->connection) return peer;
    reply_error(request, "not connected to " + id.text());
    return nullptr;
}

void Swarm::order(RequestId request, command::Ping const& command) {
    auto* peer = connected_peer(request, command.peer);
    if (peer != nullptr) ping::reduce(ping_, ping::Ping{peer->state.key, request}, env(), ping_out_.filling);
}

void Swarm::order(RequestId request, command::Subscribe const& command) {
    gossipsub::reduce(gossip_, gossipsub::Subscribe{command.topic}, env(), gossip_out_.filling);
    reply(request, reply::Done{});
}

void Swarm::order(RequestId request, command::Unsubscribe const& command) {
    gossipsub::reduce(gossip_, gossipsub::Unsubscribe{command.topic}, env(), gossip_out_.filling);
    reply(request, reply::Done{});
}

void Swarm::order(RequestId request, command::Publish const& command) {
    gossipsub::reduce(gossip_, gossipsub::Publish{command.topic, command.data, request}, env(), gossip_out_.filling);
}

void Swarm::order(RequestId request, command::GiveVerdict const& command) {
    gossipsub::reduce(gossip_, gossipsub::Verdict{command.message, command.acceptance}, env(), gossip_out_.filling);
    reply(request, reply::Done{});
}

void Swarm::order(RequestId request, command::Perf const& command) {
    auto* peer = connected_peer(request, command.peer);
    if (peer == nullptr) return;
    perf::reduce(perf_, perf::Start{peer->state.key, command.up_bytes, command.down_bytes, request}, env(),
                 perf_out_.filling);
}

void Swarm::order(RequestId request, command::Echo const& command) {
    auto* peer = connected_peer(request, command.peer);
    if (peer == nullptr) return;
    echo::reduce(echo_, echo::Echo{peer->state.key, command.protocol, command.bytes, request}, env(), echo_out_.filling);
}

void Swarm::order(RequestId request, command::RoundTrips const& command) {
    auto* peer = connected_peer(request, command.peer);
    if (peer == nullptr) return;
    echo::reduce(echo_,
                 echo::RoundTrips{peer->state.key, command.protocol, command.bytes, command.rounds, request}, env(),
                 echo_out_.filling);
}

void Swarm::order(RequestId request, command::Rate const& command) {
    auto* peer = connected_peer(request, command.peer);
    if (peer == nullptr) return;
    echo::reduce(echo_,
                 echo::Rate{peer->state.key, command.protocol, command.bytes, command.requests, command.outstanding,
                            command.streams, command.new_stream_each, request},
                 env(), echo_out_.filling);
}

void Swarm::order(RequestId request, command::Shutdown const&) {
    if (request) shutting_down_.push_back(request);
    if (std::exchange(is_shutting_down_, true)) return;
    for (auto& [key, peer] : peers_) act(peer, peer::Drop{DisconnectReason::shutdown});
    for (auto& [id, attempt] : attempts_) {
        attempt.is_cancelled = true;
        set_timer(TimerKind::attempt, id.value, now_);
    }
    for (auto& [id, connection] : connections_) act(*connection, connection::Close{DisconnectReason::shutdown});
    set_timer(TimerKind::shutdown, 0, now_ + shutdown_patience);
}

void Swarm::finish_shutdown() {
    timers_.cancel({TimerKind::shutdown, 0});
    for (auto const request : std::exchange(shutting_down_, {})) reply(request, reply::Done{});
}

}  // namespace libp2p
