// What ping orders, and what it reports.
#pragma once

#include "libp2p/ping/ping_actions.h"

#include "base/time.h"

namespace libp2p::ping {

// Effects: orders to the streams.

using Effect = std::variant<stream::Open, stream::Write, stream::Finish, stream::Reset>;

// Events.

struct Pinged {
    PeerKey peer;
    RequestId request;
    base::Duration round_trip{};  // from the order to write until the whole answer was there
};

enum class Reason : std::uint8_t {
    not_supported,
    timed_out,
    closed,         // the stream or connection ended first
    wrong_answer,   // other bytes than were sent, or more
    not_answering,  // an earlier ping timed out, and its stream is still there
    too_many,       // as many pings as may wait are waiting
};
std::string_view to_string(Reason reason);

struct PingFailed {
    PeerKey peer;
    RequestId request;
    Reason reason = Reason::timed_out;
};

using Event = std::variant<Pinged, PingFailed>;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace libp2p::ping
