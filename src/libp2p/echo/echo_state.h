// What echo remembers.
#pragma once

#include "libp2p/echo/echo_effects.h"
#include "libp2p/echo/pattern.h"

#include "base/timers.h"

#include <map>
#include <set>

namespace libp2p::echo {

/// Of ours, on one stream. See echo.h for why it is no more.
inline constexpr std::uint64_t queue_bytes_max = 8 * slice_bytes_max;
/// Written anew when most of the queue has been sent.
inline constexpr std::uint64_t refill_bytes = queue_bytes_max / 2;
inline constexpr std::uint64_t warm_up_rounds_max = 100;

struct Config {
    base::Duration stall_time = std::chrono::seconds(30);
    std::size_t runs_max = 64;
    std::uint64_t streams_max = 1024;              // of a run
    std::uint64_t rounds_max = 1'000'000;          // that are timed
    std::uint64_t requests_max = 1ULL << 32;       // of a rate
    std::uint64_t message_bytes_max = 1ULL << 30;  // of round trips and rates
    std::uint64_t window_max = 65'536;             // messages on the way on a stream
    std::size_t echoed_max = 1024;                 // inbound streams
};

enum class Kind : std::uint8_t { echo, round_trips, rate, rate_of_streams };
constexpr std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::echo: return "echo";
        case Kind::round_trips: return "round trips";
        case Kind::rate: return "rate";
        case Kind::rate_of_streams: return "rate of streams";
    }
    return "?";
}

using RunId = base::Id<struct RunTag>;

struct Run {
    Kind kind = Kind::echo;
    PeerKey peer{};
    std::string protocol{};
    RequestId request{};
    std::uint64_t bytes = 0;           // of a message
    std::uint64_t quota = 1;           // messages of a stream
    std::uint64_t window = 1;          // messages on the way, of a stream
    std::uint64_t streams_at_a_time = 1;
    std::uint64_t to_open = 0;         // streams still to be ordered
    std::uint64_t open = 0;            // opened, not all answered
    std::uint64_t opening = 0;         // ordered, neither opened nor failed
    std::uint64_t to_answer = 1;       // messages, of all streams
    std::uint64_t requests = 1;        // all of them
    base::Instant started{};           // of what is timed
    base::Instant progressed{};
    std::vector<std::int64_t> times{}; // of round trips, in nanoseconds
    std::set<ChannelId> channels{};
};

/// A stream of a run.
struct Channel {
    RunId run{};
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t queue_room = queue_bytes_max;  // at least so many bytes may be queued
    std::uint64_t answered = 0;                  // messages
    base::Instant since{};                       // the last answer, or the opening
    bool finished = false;                       // by us
    bool done = false;                           // all answered; stays until it is closed
};

struct State {
    Config config;
    base::SharedBytes pattern;  // made at the first use
    RunId last_run;
    std::map<RunId, Run> runs;
    std::map<ChannelId, Channel> channels;
    std::set<ChannelId> echoed;
    base::Timers<RunId> timers;  // not moved at each progress, only looked at again when they come
};

}  // namespace libp2p::echo
