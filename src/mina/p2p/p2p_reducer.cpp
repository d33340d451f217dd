#include "mina/p2p/p2p.h"

#include "base/check.h"
#include "mina/p2p/workflows.h"

#include <algorithm>

namespace mina::p2p {

void reduce(P2pState& state, P2pAction const& action, Surroundings const& at, P2pOut& out) {
    // In the order of the variant.
    switch (action.index()) {
        case 0: on_connect(state, *std::get_if<Connect>(&action), at, out); return;
        case 1: on_connected(state, *std::get_if<Connected>(&action), at, out); return;
        case 2: on_connection_failed(state, *std::get_if<ConnectionFailed>(&action), at, out); return;
        case 3: on_disconnect(state, *std::get_if<Disconnect>(&action), at, out); return;
        case 4: on_disconnected(state, *std::get_if<Disconnected>(&action), at, out); return;
        case 5: on_peer_identified(state, *std::get_if<PeerIdentified>(&action), at, out); return;
        case 6: on_message_received(state, *std::get_if<MessageReceived>(&action), at, out); return;
        case 7: on_broadcast_message(state, *std::get_if<BroadcastMessage>(&action), out); return;
        case 8: on_started(state, *std::get_if<Started>(&action), at, out); return;
        case 9: discover(state, discovery::DiscoverPeers{std::get_if<DiscoverPeers>(&action)->mesh}, at, out); return;
        case 10: on_peers_discovered(state, *std::get_if<PeersDiscovered>(&action), at, out); return;
        case 11: {
            auto const& failed = *std::get_if<AddressFailed>(&action);
            discover(state, discovery::AddressFailed{failed.peer, failed.address}, at, out);
            return;
        }
        case 12: discover(state, discovery::PeerSpare{std::get_if<PeerSpare>(&action)->peer}, at, out); return;
        case 13: on_initial_peers_asked(state, *std::get_if<InitialPeersAsked>(&action), out); return;
        case 14: on_initial_peers_answered(state, *std::get_if<InitialPeersAnswered>(&action), at, out); return;
        case 15: on_verdict_given(state, *std::get_if<VerdictGiven>(&action), at, out); return;
        case 16: run_channels(state, channels::Tick{}, at, out); return;
        default: base::check(false, "p2p: unknown action");
    }
}

base::Instant next_deadline(P2pState const& state) {
    return std::min(discovery::next_deadline(state.discovery), channels::next_deadline(state.channels));
}

void describe(P2pState const& state, base::Describer& describer) {
    base::DescribeScope const root(describer, "p2p");
    describer.field("network", state.config.network.name);
    for (auto const& [id, peer] : state.peers) {
        base::DescribeScope const scope(describer, "peer", id.text());
        describer.bytes("address", peer.address.bytes());
        describer.field("direction", to_string(peer.direction));
        describer.field("connected_at", peer.connected_at);
        describer.field("agent", peer.agent);
        describer.field("host", peer.host ? peer.host->text() : "");
        describer.field("speaks_gossip", peer.speaks_gossip);
        describer.field("speaks_rpc", peer.speaks_rpc);
    }
    for (auto const& [id, peer] : state.connecting_peers) {
        base::DescribeScope const scope(describer, "connecting_peer", id.text());
        describer.bytes("address", peer.address.bytes());
        describer.field("since", peer.since);
        describer.field("attempts", peer.attempts);
        describer.field("is_kept", peer.is_kept);
        describer.field("last_reason", to_string(peer.last_reason));
    }
    channels::describe(state.channels, describer);
    state.hosts.describe("host", describer);
    state.formats.describe(describer);
    describer.field("peers_discovered", state.peers_discovered);
    discovery::describe(state.discovery, describer);
}

}  // namespace mina::p2p
