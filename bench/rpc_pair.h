// Two processes that ask and answer: each a P2pComponent on a Runtime, over loopback TCP with the private network,
// Noise and Yamux of the network `local`.
#pragma once

#include "meter.h"

#include "mina/rpc/methods.h"

#include <optional>
#include <string>

namespace mina::bench {

struct Scenario {
    std::string name;
    /// None: the same bytes over one raw stream, by the perf protocol.
    std::optional<rpc::Method> method;
    std::uint64_t answer_bytes = 0;
    std::uint64_t count = 0;        // answers that are measured
    std::uint64_t warm = 0;         // answers before
    std::uint64_t in_flight = 1;
    /// Heartbeats are watched, on so many streams whose question waits for its answer, beside those that answer. Then
    /// `time` is how long, in place of `count`.
    std::uint64_t waiting = 0;
    base::Duration time{};
};

/// What one process has measured. Goes through a pipe as it is.
struct Side {
    Usage usage;
    std::uint64_t rss_before = 0;   // connected; the server's before there was a payload
    std::uint64_t rss_peak = 0;
    std::uint64_t answers = 0;
    std::uint64_t parts = 0;        // that they came in
    Lateness ticks;                 // steps at a deadline
    Lateness beats_sent;
    Lateness beats_quiet;           // that came, on streams without an answer
    Lateness beats_busy;            // that came, on streams of answers
};

struct Outcome {
    Side client;
    Side server;
};

/// Forks twice and waits. Ends the program when something fails.
Outcome run(Scenario const& scenario);

}  // namespace mina::bench
