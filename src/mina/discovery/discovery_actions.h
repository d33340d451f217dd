// What happens to discovery.
#pragma once

#include "libp2p/connection/reason.h"
#include "libp2p/kademlia/kademlia_actions.h"
#include "libp2p/peerstore/known_peer.h"
#include "mina/discovery/discovery_state.h"

#include <variant>

namespace mina::discovery {

using libp2p::kademlia::PeerAddresses;

/// The node starts; `stored` is what is left of its last run.
struct Started {
    std::vector<libp2p::StoredPeer> stored;
};
/// next_deadline() has come. `mesh`: peers that gossip relies on, which are not trimmed.
struct DiscoverPeers {
    std::vector<libp2p::PeerId> mesh;
};
/// A question of the round has its answer, or none.
struct QueryAnswered {
    Query query = Query::closest;
    std::vector<PeerAddresses> peers;
};
/// Whether the rendezvous key is provided now.
struct ProvideAnswered {
    bool is_done = false;
};
/// Peers that nobody asked for: told by identify, in answers of the DHT, …
struct PeersTold {
    libp2p::peerstore::Source source = libp2p::peerstore::Source::kademlia;
    libp2p::PeerId by;
    std::vector<PeerAddresses> peers;
};
struct PeerConnected {
    libp2p::PeerId peer;
    libp2p::Multiaddr address;
    libp2p::Direction direction = libp2p::Direction::inbound;
};
struct PeerIdentified {
    libp2p::PeerId peer;
    std::string agent;
    std::vector<libp2p::Multiaddr> addresses;
};
struct PeerDisconnected {
    libp2p::PeerId peer;
    libp2p::DisconnectReason reason = libp2p::DisconnectReason::none;
};
/// Somebody is at an address that was without a name.
struct NamelessReached {
    libp2p::Multiaddr address;
    libp2p::PeerId peer;
};
/// One address of several; the dial may go on.
struct AddressFailed {
    libp2p::PeerId peer;
    libp2p::Multiaddr address;
};
struct DialFailed {
    libp2p::PeerId peer;
    libp2p::DisconnectReason reason = libp2p::DisconnectReason::none;
    bool will_retry = false;  // the connection is kept: whoever dials tries again
};
/// A lookup has opened this connection and needs it no more.
struct PeerSpare {
    libp2p::PeerId peer;
};
/// The operator wants this peer, for ever.
struct PeerWanted {
    libp2p::Multiaddr address;
};
/// The operator does not want it any more.
struct PeerUnwanted {
    libp2p::PeerId peer;
};

using Action =
    std::variant<Started, DiscoverPeers, QueryAnswered, ProvideAnswered, PeersTold, PeerConnected, PeerIdentified,
                 PeerDisconnected, NamelessReached, AddressFailed, DialFailed, PeerSpare, PeerWanted, PeerUnwanted>;

}  // namespace mina::discovery
