// What the P2P component orders of the swarm.
#pragma once

#include "libp2p/gossipsub/gossipsub_actions.h"
#include "libp2p/wire/multiaddr.h"

#include <variant>
#include <vector>

namespace mina::p2p {

/// Connect, and again after a failure or a loss.
struct OpenConnection {
    libp2p::Multiaddr address;
};
/// Close, and stop trying.
struct CloseConnection {
    libp2p::PeerId peer;
};
struct GiveVerdict {
    libp2p::gossipsub::MessageKey key;
    libp2p::gossipsub::Acceptance acceptance = libp2p::gossipsub::Acceptance::ignore;
};
/// Reject a message, and tell the application why it does not get it.
struct RefuseMessage {
    libp2p::gossipsub::MessageKey key;
    std::string reason;
};
struct PublishMessage {
    libp2p::RequestId request;
    std::string topic;
    base::SharedBytes data;
};
struct SubscribeTopic {
    std::string topic;
};

using P2pEffect =
    std::variant<OpenConnection, CloseConnection, GiveVerdict, RefuseMessage, PublishMessage, SubscribeTopic>;

struct P2pOut {
    std::vector<P2pEffect> effects;
    void clear() { effects.clear(); }
};

}  // namespace mina::p2p
