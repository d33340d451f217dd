// What happens to Kademlia.
#pragma once

#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p::kademlia {

/// A peer and where it can be dialed (without /p2p).
struct PeerAddresses {
    PeerId id;
    std::vector<Multiaddr> addresses;
    bool operator==(PeerAddresses const&) const = default;
};

// Facts about peers, from the swarm.

/// There is a connection. What the peer speaks is not known yet.
struct PeerConnected {
    PeerKey peer;
    PeerId id;
    Multiaddr address;  // of the connection, without /p2p
    Direction direction = Direction::inbound;
};
/// Identify has answered (again).
struct PeerIdentified {
    PeerKey peer;
    bool is_server = false;         // it announces our protocol name
    bool finds_nodes_only = false;  // closes at all but a short FIND_NODE of a peer id (mina: the Rust node)
    std::vector<Multiaddr> listen_addresses;
};
/// The last connection is gone.
struct PeerDisconnected {
    PeerKey peer;
};
/// A Connect has come to nothing.
struct ConnectFailed {
    PeerId id;
};
/// Where others can dial this node, as far as it is known: what provider records and answers about ourselves hold.
struct OwnAddresses {
    std::vector<Multiaddr> addresses;
};
/// Peers heard of elsewhere (seeds, a store): asked by lookups, in no bucket until one has answered.
struct Learn {
    std::vector<PeerAddresses> peers;
};
/// The peer is banned, or lied: leaves the table, and is asked no more.
struct Forget {
    PeerId id;
};

// Orders. Each is answered by one event with its request.

/// The address of one peer. Found or QueryFailed.
struct FindPeer {
    PeerId id;
    RequestId request;
};
/// The k closest peers that answer. Closest or QueryFailed. `key` is what is hashed: a peer id, a multihash.
struct FindClosest {
    base::ByteString key;
    RequestId request;
};
/// Asks one connected peer only: one FIND_NODE. Closest or QueryFailed.
struct AskClosest {
    PeerKey peer;
    base::ByteString key;
    RequestId request;
};
/// This node provides `key`: said to the k closest, and again while it does. Provided or QueryFailed.
struct Provide {
    base::ByteString key;
    RequestId request;
};
/// Says it no more.
struct StopProviding {
    base::ByteString key;
};
/// Up to `wanted` providers. Providers or QueryFailed.
struct FindProviders {
    base::ByteString key;
    std::size_t wanted = 20;
    RequestId request;
};
/// Stores a value that the validator accepts, at the k closest. Provided or QueryFailed.
struct PutValue {
    base::ByteString key;
    base::ByteString value;
    RequestId request;
};
/// Value or QueryFailed.
struct GetValue {
    base::ByteString key;
    RequestId request;
};
/// next_deadline() has come.
struct Tick {};

using Action =
    std::variant<PeerConnected, PeerIdentified, PeerDisconnected, ConnectFailed, OwnAddresses, Learn, Forget, FindPeer,
                 FindClosest, AskClosest, Provide, StopProviding, FindProviders, PutValue, GetValue, stream::Opened,
                 stream::Data, stream::Finished, stream::Writable, stream::Closed, Tick>;

}  // namespace libp2p::kademlia
