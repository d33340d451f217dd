// Workflow: peer connection with retry. The peer machine below keeps the time (exponential back-off with jitter, capped);
// here it is decided how long a peer is worth trying.
#include "mina/p2p/workflows.h"

#include <algorithm>

namespace mina::p2p {

void on_connect(P2pState& state, Connect const& action, base::Env const& env, P2pOut& out) {
    if (auto const id = action.address.peer_id(); id && !state.peers.contains(*id)) {
        auto& connecting = state.connecting_peers[*id];
        if (connecting.address.empty()) connecting.since = env.now;
        connecting.address = action.address;
        connecting.is_initial = is_initial(state.config, *id);
    }
    out.effects.emplace_back(OpenConnection{action.address});
}

void on_connected(P2pState& state, Connected const& action, base::Env const& env) {
    state.connecting_peers.erase(action.peer);
    auto& peer = state.peers[action.peer];
    peer.address = action.address;
    peer.direction = action.direction;
    peer.connected_at = env.now;
    state.channels.try_emplace(action.peer);
}

void on_connection_failed(P2pState& state, ConnectionFailed const& action, P2pOut& out) {
    auto const found = state.connecting_peers.find(action.peer);
    if (found == state.connecting_peers.end()) return;
    auto& connecting = found->second;
    ++connecting.attempts;
    connecting.last_reason = action.reason;
    auto const hopeless = action.reason == libp2p::DisconnectReason::connected_to_self;
    auto const tired = !connecting.is_initial && connecting.attempts >= state.config.attempts_max;
    if (!action.will_retry || hopeless || tired) {
        if (action.will_retry) out.effects.emplace_back(CloseConnection{action.peer});
        state.connecting_peers.erase(found);
    }
}

void on_disconnect(P2pState& state, Disconnect const& action, P2pOut& out) {
    state.connecting_peers.erase(action.peer);
    state.discovery.known.erase(action.peer);
    out.effects.emplace_back(CloseConnection{action.peer});
}

void on_disconnected(P2pState& state, Disconnected const& action, base::Env const& env) {
    state.peers.erase(action.peer);
    state.channels.erase(action.peer);
    // With fewer peers than wanted, discovery need not wait for its long interval.
    if (state.peers.size() < state.config.peers_min) {
        auto const soon = env.now + env.rng.between(base::Duration(0), state.config.discovery_interval_low);
        state.discovery.next_at = std::min(state.discovery.next_at, soon);
    }
}

void on_peer_identified(P2pState& state, PeerIdentified const& action) {
    auto const peer = state.peers.find(action.peer);
    if (peer == state.peers.end()) return;
    peer->second.agent = action.agent;
    auto const speaks = [&](std::string const& name) {
        return std::ranges::binary_search(action.protocols, name);
    };
    auto& channels = state.channels[action.peer];
    channels.gossip = std::ranges::any_of(state.config.network.gossipsub, speaks) || speaks(state.config.network.floodsub);
    channels.rpc = speaks(state.config.network.rpc);
}

}  // namespace mina::p2p
