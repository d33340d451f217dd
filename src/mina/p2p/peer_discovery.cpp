// Workflow: periodic peer discovery. The sources are the operator's peers and the network's seeds, and whoever dispatches
// PeersDiscovered. One place decides whom to dial: here.
#include "mina/p2p/workflows.h"

#include <algorithm>

namespace mina::p2p {

namespace {

void learn(P2pState& state, std::vector<libp2p::Multiaddr> const& addresses) {
    auto& known = state.discovery.known;
    for (auto const& address : addresses) {
        auto const id = address.peer_id();
        if (!id || (known.size() >= state.config.known_max && !known.contains(*id))) continue;
        known[*id] = address;
    }
}

void schedule(P2pState& state, base::Env const& env) {
    auto const& config = state.config;
    auto const interval =
        state.peers.size() < config.peers_min ? config.discovery_interval_low : config.discovery_interval;
    state.discovery.next_at = env.now + env.rng.between(interval * 3 / 4, interval * 5 / 4);
}

// Attempts connections to known peers, while peers are wanted, going on where the last round ended.
void attempt_connections(P2pState& state, base::Env const& env, P2pOut& out) {
    auto& discovery = state.discovery;
    auto const total = discovery.known.size();
    for (std::size_t looked_at = 0; looked_at < total; ++looked_at) {
        auto const wanted = state.peers.size() + state.connecting_peers.size() < state.config.peers_target;
        if (!wanted || state.connecting_peers.size() >= state.config.connecting_max) return;
        auto const at = std::next(discovery.known.begin(), static_cast<std::ptrdiff_t>(discovery.cursor++ % total));
        auto const& [id, address] = *at;
        if (state.peers.contains(id) || state.connecting_peers.contains(id)) continue;
        on_connect(state, Connect{address}, env, out);
    }
}

}  // namespace

void on_discover_peers(P2pState& state, base::Env const& env, P2pOut& out) {
    auto& discovery = state.discovery;
    discovery.phase = DiscoveryPhase::discovering;
    if (discovery.rounds++ == 0) {
        learn(state, state.config.initial_peers);
        learn(state, state.config.network.seeds);
        // Addresses without a peer id cannot be known by it: they are dialed once.
        for (auto const& address : state.config.initial_peers) {
            if (!address.peer_id()) out.effects.emplace_back(OpenConnection{address});
        }
        for (auto const& topic : state.config.network.topics) out.effects.emplace_back(SubscribeTopic{topic});
    }
    attempt_connections(state, env, out);
    discovery.phase = DiscoveryPhase::idle;
    schedule(state, env);
}

void on_peers_discovered(P2pState& state, PeersDiscovered const& action, base::Env const& env, P2pOut& out) {
    learn(state, action.addresses);
    attempt_connections(state, env, out);
}

}  // namespace mina::p2p
