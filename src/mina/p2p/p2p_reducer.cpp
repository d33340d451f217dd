#include "mina/p2p/p2p.h"

#include "base/check.h"
#include "mina/p2p/workflows.h"

#include <algorithm>

namespace mina::p2p {

void reduce(P2pState& state, P2pAction const& action, base::Env const& env, P2pOut& out) {
    // In the order of the variant.
    switch (action.index()) {
        case 0: on_connect(state, *std::get_if<Connect>(&action), env, out); return;
        case 1: on_connected(state, *std::get_if<Connected>(&action), env); return;
        case 2: on_connection_failed(state, *std::get_if<ConnectionFailed>(&action), out); return;
        case 3: on_disconnect(state, *std::get_if<Disconnect>(&action), out); return;
        case 4: on_disconnected(state, *std::get_if<Disconnected>(&action), env); return;
        case 5: on_peer_identified(state, *std::get_if<PeerIdentified>(&action)); return;
        case 6: on_message_received(state, *std::get_if<MessageReceived>(&action), out); return;
        case 7: on_broadcast_message(state, *std::get_if<BroadcastMessage>(&action), out); return;
        case 8: on_discover_peers(state, env, out); return;
        case 9: on_peers_discovered(state, *std::get_if<PeersDiscovered>(&action), env, out); return;
        default: base::check(false, "p2p: unknown action");
    }
}

bool is_initial(P2pConfig const& config, libp2p::PeerId const& peer) {
    return std::ranges::any_of(config.initial_peers, [&](auto const& address) { return address.peer_id() == peer; });
}

base::Instant next_deadline(P2pState const& state) { return state.discovery.next_at; }

void describe(P2pState const& state, base::Describer& describer) {
    base::DescribeScope const root(describer, "p2p");
    describer.field("network", state.config.network.name);
    for (auto const& [id, peer] : state.peers) {
        base::DescribeScope const scope(describer, "peer", id.text());
        describer.bytes("address", peer.address.bytes());
        describer.field("direction", to_string(peer.direction));
        describer.field("connected_at", peer.connected_at);
        describer.field("agent", peer.agent);
    }
    for (auto const& [id, peer] : state.connecting_peers) {
        base::DescribeScope const scope(describer, "connecting_peer", id.text());
        describer.bytes("address", peer.address.bytes());
        describer.field("since", peer.since);
        describer.field("attempts", peer.attempts);
        describer.field("last_reason", to_string(peer.last_reason));
    }
    for (auto const& [id, channels] : state.channels) {
        base::DescribeScope const scope(describer, "channels", id.text());
        describer.field("gossip", channels.gossip);
        describer.field("rpc", channels.rpc);
        describer.field("messages_received", channels.messages_received);
        describer.field("messages_refused", channels.messages_refused);
    }
    state.formats.describe(describer);
    base::DescribeScope const scope(describer, "discovery");
    describer.field("rounds", state.discovery.rounds);
    describer.field("next_at", state.discovery.next_at);
    describer.field("known", state.discovery.known.size());
}

}  // namespace mina::p2p
