// What identify orders, and what it reports.
#pragma once

#include "libp2p/identify/identify_actions.h"

namespace libp2p::identify {

// Effects: orders to the streams. The request of an Open tells the two kinds of opening apart and means nothing else.

using Effect = std::variant<stream::Open, stream::Write, stream::Finish, stream::Reset>;

// Events.

/// What a peer says of itself. Texts are cut to 256 printable ASCII characters, others replaced by '?'.
struct Info {
    std::string agent;
    std::string protocol_version;
    std::vector<std::string> protocols;  // sorted, each once; opaque bytes
    std::vector<Multiaddr> listen_addresses;  // in the peer's order, each once
    Multiaddr observed;  // our address as the peer sees it; may be empty
    bool operator==(Info const&) const = default;
};

/// The peer's first Info, or one that a push has changed.
struct Identified {
    PeerKey peer;
    Info info;
};

enum class Reason : std::uint8_t {
    not_supported,
    timed_out,
    closed,              // the stream or connection ended first
    no_message,          // the stream ended without a whole message
    malformed,
    message_too_long,
    too_many_messages,
    too_many_protocols,
    key_mismatch,        // the public key is not the connection's
};
std::string_view to_string(Reason reason);

/// The query has failed; it is not repeated while the peer stays connected. Pushes are still read.
struct IdentifyFailed {
    PeerKey peer;
    Reason reason = Reason::not_supported;
};
/// A push broke a rule and was dropped.
struct PushRefused {
    PeerKey peer;
    Reason reason = Reason::malformed;
};

using Event = std::variant<Identified, IdentifyFailed, PushRefused>;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace libp2p::identify
