// What echo orders, and what it reports.
#pragma once

#include "libp2p/echo/echo_actions.h"

#include "base/time.h"

namespace libp2p::echo {

// Effects: orders to the streams.

using Effect = std::variant<stream::Open, stream::Write, stream::Finish, stream::Reset>;

// Events.

struct Echoed {
    PeerKey peer;
    RequestId request;
    bool same = false;  // the same bytes came back, no fewer and no more
    base::Duration duration{};  // from the open stream to the end of the answer
};
struct RoundTripsDone {
    PeerKey peer;
    RequestId request;
    base::Duration median{};
    base::Duration p99{};
    base::Duration total{};  // without the warm-up
};
struct RateMeasured {
    PeerKey peer;
    RequestId request;
    std::uint64_t requests = 0;
    base::Duration total{};  // from the order to the last answer
};

enum class Reason : std::uint8_t {
    not_supported,
    timed_out,        // no progress, or not opened in time
    closed,           // a stream or the connection ended first
    wrong_size,       // fewer or more bytes came back than were sent
    invalid_request,  // numbers out of range
    too_many,         // as many runs as may be are at work
};
std::string_view to_string(Reason reason);

struct EchoFailed {
    PeerKey peer;
    RequestId request;
    Reason reason = Reason::closed;
};

using Event = std::variant<Echoed, RoundTripsDone, RateMeasured, EchoFailed>;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace libp2p::echo
