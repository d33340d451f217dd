// Kademlia and the rest: what it hears of peers, the connections it orders, and the commands and answers about the DHT.
#include "libp2p/swarm/routing.h"

#include <algorithm>

namespace libp2p {

namespace {
constexpr std::uint64_t providers_wanted_max = 1000;
}

void Swarm::kademlia_connected(Peer const& peer, Connection const& connection) {
    if (!has_kademlia()) return;
    tell_kademlia(kademlia::PeerConnected{peer.state.key, peer.state.id, connection.address.without_peer_id(),
                                          connection.state.direction});
}

// Identify has answered, or will not: a peer of which nothing is known is no server.
void Swarm::kademlia_identified(Peer const& peer) {
    if (!has_kademlia()) return;
    kademlia::PeerIdentified fact{peer.state.key, false, false, {}};
    if (peer.info) {
        fact.is_server = std::ranges::binary_search(peer.info->protocols, config_.names.kademlia);
        auto const& simple = config_.finds_nodes_only_agents;
        fact.finds_nodes_only = std::ranges::find(simple, peer.info->agent) != simple.end();
        fact.listen_addresses = peer.info->listen_addresses;
    }
    tell_kademlia(fact);
}

void Swarm::tell_kademlia(kademlia::Action const& action) {
    kademlia::reduce(kademlia_, action, env(), kademlia_out_.filling);
}

void Swarm::route(kademlia::Effect const& effect) {
    if (auto const* connect = std::get_if<kademlia::Connect>(&effect)) {
        connect_for_lookup(connect->peer);
    } else if (auto const* release = std::get_if<kademlia::Release>(&effect)) {
        auto const* peer = find_peer(release->peer);
        if (peer != nullptr && peer->connection) deliver(event::Spare{peer->state.id});
    } else {
        route_stream(effect, Service::kademlia);
    }
}

void Swarm::connect_for_lookup(kademlia::PeerAddresses const& wanted) {
    auto* peer = is_shutting_down_ || wanted.id == peer_config_.self ? nullptr : &peer_of(wanted.id);
    if (peer == nullptr || peer->state.phase == peer::Phase::banned) {
        tell_kademlia(kademlia::ConnectFailed{wanted.id});
        return;
    }
    // Where the operator's peers are the operator knows.
    if (!peer->is_ordered) {
        for (auto const& address : wanted.addresses) peer::learn_address(peer->state, address, /*best=*/false);
    }
    act(*peer, peer::Want{});
}

void Swarm::route(kademlia::Event const& event) {
    // In the order of the variant.
    switch (event.index()) {
        case 0: {
            auto const& found = *std::get_if<kademlia::Found>(&event);
            reply(found.request, reply::Peers{{found.peer}});
            return;
        }
        case 1: {
            auto const& closest = *std::get_if<kademlia::Closest>(&event);
            reply(closest.request, reply::Peers{closest.peers});
            return;
        }
        case 2: reply(std::get_if<kademlia::Provided>(&event)->request, reply::Done{}); return;
        case 3: {
            auto const& providers = *std::get_if<kademlia::Providers>(&event);
            reply(providers.request, reply::Peers{providers.peers});
            return;
        }
        case 4: {
            auto const& value = *std::get_if<kademlia::Value>(&event);
            reply(value.request, reply::Value{value.value});
            return;
        }
        case 5: {
            auto const& failed = *std::get_if<kademlia::QueryFailed>(&event);
            reply_error(failed.request, "lookup: " + std::string(kademlia::to_string(failed.failure)));
            return;
        }
        case 6: {
            auto const& told = *std::get_if<kademlia::PeersTold>(&event);
            auto const* by = find_peer(told.by);
            deliver(event::PeersTold{by != nullptr ? by->state.id : PeerId{}, told.peers});
            return;
        }
        default: on_misbehaved(*std::get_if<kademlia::Misbehaved>(&event)); return;
    }
}

void Swarm::on_misbehaved(kademlia::Misbehaved const& event) {
    ++counters_.kademlia_misbehaviours.at(static_cast<std::size_t>(event.what));
    auto const* peer = find_peer(event.peer);
    auto const* connection = peer != nullptr ? connection_of(peer->connection) : nullptr;
    if (connection == nullptr) return;
    offend(peer->state.id, connection->remote.ip, peerstore::Severity::minor, to_string(event.what));
}

// ---- Commands ----

bool Swarm::wants_kademlia(RequestId request) {
    if (has_kademlia()) return true;
    reply_error(request, "this node does not speak Kademlia");
    return false;
}

void Swarm::order(RequestId request, command::LearnPeers const& command) {
    if (!wants_kademlia(request)) return;
    tell_kademlia(kademlia::Learn{command.peers});
    reply(request, reply::Done{});
}

void Swarm::order(RequestId request, command::FindPeer const& command) {
    if (wants_kademlia(request)) tell_kademlia(kademlia::FindPeer{command.peer, request});
}

void Swarm::order(RequestId request, command::FindClosest const& command) {
    if (wants_kademlia(request)) tell_kademlia(kademlia::FindClosest{command.key, request});
}

void Swarm::order(RequestId request, command::AskClosest const& command) {
    if (!wants_kademlia(request)) return;
    auto const* peer = connected_peer(request, command.peer);
    if (peer != nullptr) tell_kademlia(kademlia::AskClosest{peer->state.key, command.key, request});
}

void Swarm::order(RequestId request, command::Provide const& command) {
    if (wants_kademlia(request)) tell_kademlia(kademlia::Provide{command.key, request});
}

void Swarm::order(RequestId request, command::StopProviding const& command) {
    if (!wants_kademlia(request)) return;
    tell_kademlia(kademlia::StopProviding{command.key});
    reply(request, reply::Done{});
}

void Swarm::order(RequestId request, command::FindProviders const& command) {
    if (!wants_kademlia(request)) return;
    auto const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(command.wanted, providers_wanted_max));
    tell_kademlia(kademlia::FindProviders{command.key, wanted, request});
}

void Swarm::order(RequestId request, command::PutValue const& command) {
    if (wants_kademlia(request)) tell_kademlia(kademlia::PutValue{command.key, command.value, request});
}

void Swarm::order(RequestId request, command::GetValue const& command) {
    if (wants_kademlia(request)) tell_kademlia(kademlia::GetValue{command.key, request});
}

}  // namespace libp2p
