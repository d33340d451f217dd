// What the P2P component orders of the swarm.
#pragma once

#include "libp2p/gossipsub/gossipsub_actions.h"
#include "libp2p/wire/multiaddr.h"
#include "mina/discovery/discovery_effects.h"

#include <variant>
#include <vector>

namespace mina::p2p {

struct OpenConnection {
    std::vector<libp2p::Multiaddr> addresses;  // of one peer, with its id unless that is not known; at least one
    bool keep = false;                         // again after a failure or a loss
    bool is_hearsay = false;                   // private addresses count as configured
};
/// Close, and stop trying.
struct CloseConnection {
    libp2p::PeerId peer;
    bool is_trimmed = false;                   // it was one too many
};
/// A question of discovery to the DHT, or something it tells it or the store.
using AskClosest = discovery::AskClosest;
using AskProviders = discovery::AskProviders;
using Provide = discovery::Provide;
using TellLookups = discovery::TellLookups;
using Remember = discovery::Remember;
struct GiveVerdict {
    libp2p::gossipsub::MessageKey key;
    libp2p::gossipsub::Acceptance acceptance = libp2p::gossipsub::Acceptance::ignore;
};
/// Reject or ignore the message that has just come, and tell the application why it does not get it.
struct RefuseMessage {
    libp2p::gossipsub::MessageKey key;
    libp2p::gossipsub::Acceptance acceptance = libp2p::gossipsub::Acceptance::reject;
    std::string reason;
};
/// A peer breaks the rules of a channel.
struct ReportPeer {
    libp2p::PeerId peer;
    std::string what;
    std::uint32_t count = 0;
    bool is_ban_wanted = false;
};
struct PublishMessage {
    libp2p::RequestId request;
    std::string topic;
    base::SharedBytes data;
};
/// Ask a peer whom it knows.
struct AskInitialPeers {
    libp2p::PeerId peer;
};
struct AnswerQuestion {
    libp2p::QuestionId question;
    base::ByteString answer;
};
struct SubscribeTopic {
    std::string topic;
};

using P2pEffect = std::variant<OpenConnection, CloseConnection, AskClosest, AskProviders, Provide, TellLookups,
                               Remember, GiveVerdict, RefuseMessage, ReportPeer, PublishMessage, AskInitialPeers,
                               AnswerQuestion, SubscribeTopic>;

struct P2pOut {
    std::vector<P2pEffect> effects;
    void clear() { effects.clear(); }
};

}  // namespace mina::p2p
