// What happens to the P2P component.
#pragma once

#include "libp2p/gossipsub/gossipsub_actions.h"
#include "libp2p/swarm/event.h"
#include "mina/p2p/p2p_state.h"

#include <variant>

namespace mina::p2p {

/// A connection is wanted, for ever.
struct Connect {
    libp2p::Multiaddr address;  // with /p2p
};
struct Connected {
    libp2p::PeerId peer;
    libp2p::Multiaddr address;
    libp2p::Direction direction = libp2p::Direction::inbound;
    libp2p::IpAddress ip = {};  // of the other end
};
struct ConnectionFailed {
    libp2p::PeerId peer;  // empty when it was not known who is there
    libp2p::DisconnectReason reason = libp2p::DisconnectReason::none;
    bool will_retry = false;
};
/// The connection is not wanted any more.
struct Disconnect {
    libp2p::PeerId peer;
};
struct Disconnected {
    libp2p::PeerId peer;
    libp2p::DisconnectReason reason = libp2p::DisconnectReason::none;
};
struct PeerIdentified {
    libp2p::PeerId peer;
    std::string agent;
    std::vector<std::string> protocols;
    std::vector<libp2p::Multiaddr> listen_addresses;
};
/// A gossip message awaits its verdict.
struct MessageReceived {
    libp2p::gossipsub::MessageKey key;
    libp2p::PeerId via;
    std::string topic;
    base::ByteView data;  // lives until the action returns
};
/// The application's word on a message that it was shown.
struct VerdictGiven {
    libp2p::gossipsub::MessageKey key;
    libp2p::gossipsub::Acceptance acceptance = libp2p::gossipsub::Acceptance::ignore;
};
/// next_deadline() has come for messages that await their verdict.
struct VerdictsDue {};
/// The node has a message for the network.
struct BroadcastMessage {
    libp2p::RequestId request;
    std::string topic;
    base::SharedBytes data;
};
/// The component starts; what is left of its last run.
struct Started {
    std::vector<libp2p::StoredPeer> stored;
};
/// next_deadline() has come for discovery. `mesh`: peers that gossip relies on.
struct DiscoverPeers {
    std::vector<libp2p::PeerId> mesh;
};
/// A source has told of peers: an answer to discovery, or what comes unasked.
struct PeersDiscovered {
    std::variant<discovery::QueryAnswered, discovery::PeersTold, discovery::ProvideAnswered, discovery::NamelessReached>
        what;
};
/// A peer asks for peers.
struct InitialPeersAsked {
    libp2p::QuestionId question;
    libp2p::PeerId by;
};
/// A peer has answered whom it knows; empty when it did not.
struct InitialPeersAnswered {
    libp2p::PeerId by;
    base::ByteView answer;  // lives until the action returns
};
/// One of a peer's addresses did not answer.
struct AddressFailed {
    libp2p::PeerId peer;
    libp2p::Multiaddr address;
};
/// A lookup opened this connection and needs it no more.
struct PeerSpare {
    libp2p::PeerId peer;
};

using P2pAction = std::variant<Connect, Connected, ConnectionFailed, Disconnect, Disconnected, PeerIdentified,
                               MessageReceived, BroadcastMessage, Started, DiscoverPeers, PeersDiscovered,
                               AddressFailed, PeerSpare, InitialPeersAsked, InitialPeersAnswered, VerdictGiven,
                               VerdictsDue>;

}  // namespace mina::p2p
