// Workflow: peer connection with retry. The peer machine below keeps the time of the operator's peers (exponential back-off
// with jitter, capped, for ever); discovery that of all others (mina/discovery).
#include "mina/p2p/workflows.h"

#include <algorithm>
#include <utility>

namespace mina::p2p {

void on_connect(P2pState& state, Connect const& action, Surroundings const& at, P2pOut& out) {
    discover(state, discovery::PeerWanted{action.address}, at, out);
}

void on_connected(P2pState& state, Connected const& action, Surroundings const& at, P2pOut& out) {
    state.connecting_peers.erase(action.peer);
    auto& peer = state.peers[action.peer];
    peer.address = action.address;
    peer.direction = action.direction;
    peer.connected_at = at.env.now;
    channels::HostId host;
    if (!action.ip.is_unspecified()) peer.host = host_of(action.ip);
    if (peer.host) host.value = state.hosts.begin_use(*peer.host, at.env.now);
    run_channels(state, channels::PeerReady{action.peer, host}, at, out);
    discover(state, discovery::PeerConnected{action.peer, action.address, action.direction}, at, out);
}

void on_connection_failed(P2pState& state, ConnectionFailed const& action, Surroundings const& at, P2pOut& out) {
    if (auto const found = state.connecting_peers.find(action.peer); found != state.connecting_peers.end()) {
        auto& connecting = found->second;
        ++connecting.attempts;
        connecting.last_reason = action.reason;
        auto const hopeless = action.reason == libp2p::DisconnectReason::connected_to_self;
        if (hopeless && action.will_retry) out.effects.emplace_back(CloseConnection{action.peer, false});
        if (hopeless || !action.will_retry) state.connecting_peers.erase(found);
    }
    if (action.peer.empty()) return;
    discover(state, discovery::DialFailed{action.peer, action.reason, action.will_retry}, at, out);
}

void on_disconnect(P2pState& state, Disconnect const& action, Surroundings const& at, P2pOut& out) {
    state.connecting_peers.erase(action.peer);
    discover(state, discovery::PeerUnwanted{action.peer}, at, out);
    out.effects.emplace_back(CloseConnection{action.peer, false});
}

void on_disconnected(P2pState& state, Disconnected const& action, Surroundings const& at, P2pOut& out) {
    auto const gone = state.peers.extract(action.peer);
    if (gone && gone.mapped().host) state.hosts.end_use(*gone.mapped().host, at.env.now);
    state.connecting_peers.erase(action.peer);  // an attempt that met the end of the old connection
    run_channels(state, channels::PeerGone{action.peer}, at, out);
    discover(state, discovery::PeerDisconnected{action.peer, action.reason}, at, out);
}

void on_peer_identified(P2pState& state, PeerIdentified const& action, Surroundings const& at, P2pOut& out) {
    auto const peer = state.peers.find(action.peer);
    if (peer == state.peers.end()) return;
    peer->second.agent = action.agent;
    auto const speaks = [&](std::string const& name) {
        return std::ranges::binary_search(action.protocols, name);
    };
    peer->second.speaks_gossip = std::ranges::any_of(state.config.network.gossipsub, speaks) || speaks(state.config.network.floodsub);
    peer->second.speaks_rpc = speaks(state.config.network.rpc);
    discover(state, discovery::PeerIdentified{action.peer, action.agent, action.listen_addresses}, at, out);
    if (peer->second.speaks_rpc && !std::exchange(peer->second.is_asked_for_peers, true)) {
        ask_initial_peers(state, action.peer, out);
    }
}

}  // namespace mina::p2p
