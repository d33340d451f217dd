// p2p: the P2P component of a Mina node, in the words of its design.
//
//   P2pState    { config, peers, connecting_peers, channels, discovery }             p2p_state.h
//   P2pAction   Connect, Connected, ConnectionFailed, Disconnect, Disconnected, PeerIdentified,
//               MessageReceived, BroadcastMessage, DiscoverPeers, …                   p2p_actions.h
//   P2pEffect   what the component orders of the swarm below it                       p2p_effects.h
//   step        P2pComponent::step: one Input in, the effects for the outside out     component.h
//
// Its three state machines are those of libp2p/connection, libp2p/peer and libp2p/channel; this folder decides what a
// Mina node wants of them. Its three workflows, a file each:
//
//   connection_with_retry.cpp   peer connection with retry
//       Connect ─► connecting_peers ─► Connected ─► peers
//                       ▲      └─► ConnectionFailed ─► (back-off with jitter, capped) ─► again, or given up
//   message_propagation.cpp     message propagation
//       MessageReceived ─► verdict (accept, reject, ignore) ─► forwarded by GossipSub
//       BroadcastMessage ─► published
//   peer_discovery.cpp          periodic peer discovery: the Discovery machine, mina/discovery/discovery.h
//       Idle ── DiscoverPeers (every interval, with jitter) ─► Discovering: known peers are queried
//            ◄─ PeersDiscovered: connections are attempted while peers are wanted ─┘
#pragma once

#include "base/describe.h"
#include "base/env.h"
#include "mina/p2p/p2p_actions.h"
#include "mina/p2p/p2p_effects.h"
#include "mina/p2p/p2p_state.h"

namespace mina::p2p {

/// What is not the component's own: the ambient, and who may be connected to.
struct Surroundings {
    base::Env const& env;
    libp2p::peerstore::Gate const& gate;
};

/// Applies one action; effects are appended to `out`.
void reduce(P2pState& state, P2pAction const& action, Surroundings const& at, P2pOut& out);

/// When the component wants a DiscoverPeers or VerdictsDue.
base::Instant next_deadline(P2pState const& state);

void describe(P2pState const& state, base::Describer& describer);

}  // namespace mina::p2p
