// What GossipSub orders, and what it reports.
#pragma once

#include "libp2p/gossipsub/gossipsub_actions.h"

namespace libp2p::gossipsub {

using MessageId = base::ByteString;

// Effects.

/// Queue these bytes (length prefix and RPC) on our gossip stream to the peer. Fan-out shares one encoding.
struct SendRpc {
    PeerKey peer;
    base::SharedBytes bytes;
    bool droppable = false;  // a publish or gossip may be dropped by a full queue; GRAFT, PRUNE and subscriptions not
};

using Effect = std::variant<SendRpc>;

// Events.

/// A new message awaits the application's Verdict.
struct MessageArrived {
    MessageKey key;
    MessageId id;
    std::string topic;
    PeerId from;            // the author; empty with StrictNoSign
    PeerKey via;            // who sent it to us
    base::SharedBytes data;
};
struct Published {
    RequestId request;
    MessageId id;
    std::vector<PeerKey> peers;  // to whom it was queued
};
enum class PublishError : std::uint8_t { duplicate, too_large, signing_needs_key };
struct NotPublished {
    RequestId request;
    PublishError error = PublishError::duplicate;
};
/// Why a peer's RPC or message was refused. `is_fatal` ones (a malformed RPC) end its stream.
enum class Misbehaviour : std::uint8_t {
    malformed_rpc,
    too_many_subscriptions,
    bad_signature,
    missing_signature,
    unexpected_signature,
    bad_sequence_number,
    message_too_large,
    ihave_flood,
    iwant_flood,
    graft_in_backoff,
    broken_promise,
    rejected_message,
    // An honest peer may relay these, since its software may take them for right:
    malformed_message,
    padded_message,
    unverifiable_signature,
};
inline constexpr std::size_t misbehaviour_count = 15;
std::string_view to_string(Misbehaviour misbehaviour);
bool is_fatal(Misbehaviour misbehaviour);
struct Misbehaved {
    PeerKey peer;
    Misbehaviour what = Misbehaviour::malformed_rpc;
};
/// The peer's subscriptions changed.
struct TopicChanged {
    PeerKey peer;
    std::string topic;
    bool subscribed = false;
};

using Event = std::variant<MessageArrived, Published, NotPublished, Misbehaved, TopicChanged>;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace libp2p::gossipsub
