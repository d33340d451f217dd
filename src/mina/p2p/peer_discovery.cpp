// Workflow: periodic peer discovery. The Discovery machine (mina/discovery) decides; here its orders become those of the
// component.
#include "mina/p2p/workflows.h"

namespace mina::p2p {

namespace {

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

void on_peers_discovered(P2pState& state, PeersDiscovered const& action, Surroundings const& at, P2pOut& out) {
    std::visit([&](auto const& what) { discover(state, what, at, out); }, action.what);
}

}  // namespace mina::p2p
