// discovery: the Discovery machine of the design. It finds peers, decides whom to dial, keeps as many as are wanted,
// and says why.
//
//   discovery_state.h    Config, State: the address book, and how far the round is
//   discovery_actions.h  what happens to it          discovery_effects.h  what it orders
//   discovery_reducer.cpp  rounds and sources        connections.cpp      what becomes of peers
//   peer_management.cpp  whom to dial, whom to part with
//   why.cpp              why a peer is not being dialed
//
//             DiscoverPeers (every interval, with jitter; at once when peers are lost)
//     Idle ───────────────────────────────────────────────────────────────────► Discovering
//       ▲                                                                        │ known peers are queried:
//       │   Discovered{new peers}; connections are attempted                     │ the DHT for a random key, and for
//       └──── every source has answered, or round_timeout ◄───── QueryAnswered ──┘ who provides the rendezvous key
//
// Sources: the operator's peers, the network's seeds, what was stored, identify, answers of the DHT, providers of the
// rendezvous key. All go into one address book (peerstore/address_book.h), which bounds them and ranks them; one place,
// peer_management.cpp, decides whom to dial.
//
// Rules
// - Below peers_target peers are dialed, the best of the book first, connecting_max at a time; above, only as long as
//   fewer than outbound_min of the connections were dialed by us.
// - Above peers_max connections are trimmed at random to peers_target: never the operator's, trusted ones, members of a
//   gossip mesh, those younger than trim_grace, nor the last outbound_min that we dialed.
// - A connection that a lookup opened stays when peers are wanted, and is hung up otherwise.
// - The rendezvous key is provided as soon as the DHT takes it (kademlia republishes), and searched in every round
//   while peers are wanted, and every search_interval otherwise. mina: Mina's helper does each just once.
//
// Limits: those of the address book; connecting_max dials; nameless addresses are as many as were configured.
#pragma once

#include "base/describe.h"
#include "base/env.h"
#include "libp2p/peerstore/gate.h"
#include "mina/discovery/discovery_effects.h"

namespace mina::discovery {

/// Applies one action. `gate`: who may be dialed at all.
void reduce(State& state, Action const& action, libp2p::peerstore::Gate const& gate, base::Env const& env, Out& out);

/// When reduce() wants a DiscoverPeers.
base::Instant next_deadline(State const& state);

/// Why a peer is connected, being dialed, or not; for people.
struct Why {
    libp2p::PeerId peer;
    std::string_view state;   // of peerstore::DialState, or "kept", "not wanted", "waiting"
    std::string text;
    std::string_view source;  // the best that named it
    std::vector<libp2p::Multiaddr> addresses;
};
/// Of every known peer, in the order of their ids.
std::vector<Why> why(State const& state, libp2p::peerstore::Gate const& gate, base::Instant now);

void describe(State const& state, base::Describer& describer);

}  // namespace mina::discovery
