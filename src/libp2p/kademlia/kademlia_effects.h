// What Kademlia orders, and what it reports.
#pragma once

#include "libp2p/kademlia/kademlia_actions.h"

#include "base/time.h"

namespace libp2p::kademlia {

// Effects: orders to the streams, and to the peers.

/// A lookup wants to ask this peer: PeerConnected and PeerIdentified follow, or ConnectFailed.
struct Connect {
    PeerAddresses peer;
};
/// Kademlia ordered this connection, and needs it no more.
struct Release {
    PeerKey peer;
};

using Effect = std::variant<stream::Open, stream::Write, stream::Finish, stream::Reset, Connect, Release>;

// Events.

/// How much a query took.
struct QueryCost {
    std::uint32_t asked = 0;      // peers that were sent a request
    std::uint32_t answered = 0;
    std::uint32_t hops = 0;       // length of the chain of answers that led to the result
    base::Duration time{};
};
/// The target's addresses, from those who know it.
struct Found {
    RequestId request;
    PeerAddresses peer;
    QueryCost cost;
};
/// The closest first; only peers that answered, but for AskClosest: as they were told.
struct Closest {
    RequestId request;
    std::vector<PeerAddresses> peers;
    QueryCost cost;
};
struct Provided {
    RequestId request;
    std::vector<PeerId> at;       // that were told
    QueryCost cost;
};
struct Providers {
    RequestId request;
    std::vector<PeerAddresses> peers;
    QueryCost cost;
};
struct Value {
    RequestId request;
    base::ByteString value;
    QueryCost cost;
};

enum class Failure : std::uint8_t {
    not_found,       // everybody near has been asked
    no_peers,        // nobody to ask
    timed_out,
    not_supported,   // AskClosest: the peer does not speak the protocol, or not about such a key
    bad_answer,      // AskClosest: what came was malformed or too long
    connection_lost, // AskClosest
    invalid,         // the value is refused by the validator, or the key too long
    too_many,        // as many queries as may run are running
};
std::string_view to_string(Failure failure);

struct QueryFailed {
    RequestId request;
    Failure failure = Failure::not_found;
    QueryCost cost;
};
/// A peer has told of others in an answer; for whoever keeps addresses.
struct PeersTold {
    PeerKey by;
    std::vector<PeerAddresses> peers;
};
/// What a peer has done that it may not.
enum class Misbehaviour : std::uint8_t {
    malformed,
    too_long,
    too_many_requests,
    unasked_answer,
    invalid_record,
    provider_flood
};
inline constexpr int misbehaviour_count = 6;
std::string_view to_string(Misbehaviour what);
struct Misbehaved {
    PeerKey peer;
    Misbehaviour what = Misbehaviour::malformed;
};

using Event = std::variant<Found, Closest, Provided, Providers, Value, QueryFailed, PeersTold, Misbehaved>;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace libp2p::kademlia
