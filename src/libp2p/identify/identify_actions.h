// What happens to identify.
#pragma once

#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p::identify {

/// What we say of ourselves.
struct Self {
    base::ByteString public_key;  // the protobuf form
    std::vector<Multiaddr> listen_addresses;
    std::vector<std::string> protocols;  // in the order to be announced: sorted
    std::string protocol_version = "ipfs/0.1.0";
    std::string agent;
    bool operator==(Self const&) const = default;
};

/// The first connection to a peer is open. It comes before any stream fact about the peer.
struct PeerConnected {
    PeerKey peer;
    PeerId id;
    Multiaddr remote;  // as seen from here: what it is told as its observed address
    Direction connection = Direction::inbound;
};
/// The last connection to a peer is gone. What is known of the peer is forgotten.
struct PeerDisconnected {
    PeerKey peer;
};
/// Replaces what we say of ourselves. Peers that take pushes are told if it differs.
struct SelfChanged {
    Self self;
};
/// next_deadline() has come.
struct Tick {};

using Action = std::variant<PeerConnected, PeerDisconnected, SelfChanged, stream::Opened, stream::Data,
                            stream::Finished, stream::Writable, stream::Closed, Tick>;

}  // namespace libp2p::identify
