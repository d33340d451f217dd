// Workflow: periodic peer discovery. The Discovery machine (mina/discovery) decides; here its orders become those of the
// component.
#include "mina/p2p/initial_peers.h"
#include "mina/p2p/workflows.h"

#include <algorithm>

namespace mina::p2p {

namespace {

using libp2p::kademlia::PeerAddresses;

void attempt(P2pState& state, discovery::AttemptConnection const& order, base::Instant now, P2pOut& out) {
    OpenConnection open{{}, order.keep, order.is_hearsay};
    for (auto const& address : order.addresses) {
        open.addresses.push_back(order.peer.empty() ? address : address.with_peer_id(order.peer));
    }
    if (!order.peer.empty() && !state.peers.contains(order.peer)) {
        auto& connecting = state.connecting_peers[order.peer];
        if (connecting.address.empty()) connecting.since = now;
        connecting.address = open.addresses.front();
        connecting.is_kept = order.keep;
    }
    out.effects.emplace_back(std::move(open));
}

}  // namespace

void discover(P2pState& state, discovery::Action const& action, Surroundings const& at, P2pOut& out) {
    discovery::Out orders;
    discovery::reduce(state.discovery, action, at.gate, at.env, orders);
    for (auto const& round : orders.events) state.peers_discovered += round.new_peers;
    for (auto& order : orders.effects) {
        if (auto const* const dial = std::get_if<discovery::AttemptConnection>(&order)) {
            attempt(state, *dial, at.env.now, out);
        } else if (auto const* const hang_up = std::get_if<discovery::HangUp>(&order)) {
            out.effects.emplace_back(CloseConnection{hang_up->peer, /*is_trimmed=*/true});
        } else if (auto* const closest = std::get_if<AskClosest>(&order)) {
            out.effects.emplace_back(std::move(*closest));
        } else if (auto* const providers = std::get_if<AskProviders>(&order)) {
            out.effects.emplace_back(std::move(*providers));
        } else if (auto* const provide = std::get_if<Provide>(&order)) {
            out.effects.emplace_back(std::move(*provide));
        } else if (auto* const tell = std::get_if<TellLookups>(&order)) {
            out.effects.emplace_back(std::move(*tell));
        } else if (auto* const remember = std::get_if<Remember>(&order)) {
            out.effects.emplace_back(std::move(*remember));
        }
    }
}

void on_started(P2pState& state, Started const& action, Surroundings const& at, P2pOut& out) {
    for (auto const& topic : state.config.network.topics) out.effects.emplace_back(SubscribeTopic{topic});
    discover(state, discovery::Started{action.stored}, at, out);
    discover(state, discovery::DiscoverPeers{}, at, out);
}

// Once a connection, while peers are wanted: a source that does not need the DHT.
void ask_initial_peers(P2pState const& state, libp2p::PeerId const& peer, P2pOut& out) {
    auto const& config = state.config;
    auto const is_wanted = config.has_rpc && state.peers.size() < config.discovery.peers_target;
    if (is_wanted) out.effects.emplace_back(AskInitialPeers{peer});
}

// Who has proved to be there: connected peers first, then those that were reached last. Never the one who asks.
void on_initial_peers_asked(P2pState const& state, InitialPeersAsked const& action, P2pOut& out) {
    std::vector<libp2p::peerstore::KnownPeer const*> known;
    for (auto const& [id, peer] : state.discovery.book.peers()) {
        auto const is_reachable = peer.is_connected() || peer.last_dialed_well != libp2p::long_ago;
        if (is_reachable && id != action.by) known.push_back(&peer);
    }
    std::ranges::sort(known, [](auto const* a, auto const* b) {
        if (a->is_connected() != b->is_connected()) return a->is_connected();
        if (a->last_dialed_well != b->last_dialed_well) return a->last_dialed_well > b->last_dialed_well;
        return a->id < b->id;
    });
    std::vector<PeerAddresses> told;
    for (auto const* peer : known) {
        PeerAddresses addresses{peer->id, {}};
        for (auto const& each : peer->addresses) {
            auto const at = each.address.socket_address();
            if (!at || (at->ip.is_private() && !state.config.network.private_addresses)) continue;
            addresses.addresses.push_back(each.address);
        }
        if (!addresses.addresses.empty()) told.push_back(std::move(addresses));
    }
    out.effects.emplace_back(AnswerQuestion{action.question, encode_initial_peers(told)});
}

void on_initial_peers_answered(P2pState& state, InitialPeersAnswered const& action, Surroundings const& at,
                               P2pOut& out) {
    auto const peers = decode_initial_peers(action.answer);
    if (!peers || peers->empty()) return;
    discover(state, discovery::PeersTold{libp2p::peerstore::Source::initial_peers, action.by, *peers}, at, out);
}

void on_peers_discovered(P2pState& state, PeersDiscovered const& action, Surroundings const& at, P2pOut& out) {
    std::visit([&](auto const& what) { discover(state, what, at, out); }, action.what);
}

}  // namespace mina::p2p
