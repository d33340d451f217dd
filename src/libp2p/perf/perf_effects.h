// What perf orders, and what it reports.
#pragma once

#include "libp2p/perf/perf_actions.h"

#include "base/time.h"

namespace libp2p::perf {

// Effects: orders to the streams.

using Effect = std::variant<stream::Open, stream::Write, stream::Finish, stream::Reset>;

// Events.

struct Done {
    PeerKey peer;
    RequestId request;
    base::Duration up{};     // from the open stream until the upload had left the queue, or the answer began
    base::Duration down{};   // from then until the end of the answer
    base::Duration total{};  // both
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
};

enum class Reason : std::uint8_t {
    not_supported,
    timed_out,         // not opened in time, or no progress
    closed,            // the stream or connection ended first
    answer_too_short,
    answer_too_long,
    too_many,          // as many transfers as may run are running
};
std::string_view to_string(Reason reason);

struct Failed {
    PeerKey peer;
    RequestId request;
    Reason reason = Reason::closed;
};

using Event = std::variant<Done, Failed>;

struct Out {
    std::vector<Effect> effects;
    std::vector<Event> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace libp2p::perf
