// perf: how fast bytes go to a peer and come back. spec: perf/perf
//
// perf_state.h      Config, State: the transfers we run, the streams we serve
// perf_actions.h    what happens to it
// perf_effects.h    what it orders, and the events it reports
// perf_reducer.cpp  reduce(); perf_client.cpp and perf_server.cpp hold the two sides, pump.h the writing of zeros
//
//   client:  opening ──Opened──► uploading ──all written──► draining ──queue sent, or an answer──► downloading ──► Done
//               └───────────────────┴── closed, stalled, too much or too little ──┴──► Failed
//   server:  asked (8 bytes) ──► counting ──end of stream──► answering ──all written──► finished
//
// Rules
// - A stream: the wanted number of bytes (u64, big-endian), the upload, end of stream; then the answer, end of stream.
// - All that we write are slices of one block of zeros; at most `queue_bytes_max` of them are queued on a stream,
//   topped up at each Writable. A write is a multiple of 65,507 bytes, with which a Yamux frame fills a Noise message.
// - What arrives is counted, not looked at: nothing is done per byte.
// - A transfer or served stream without progress for `stall_time` is reset.
// - The security considerations of the spec hold: serve it only where it is asked for (swarm/config.h serve_perf).
//
// Limits: 64 transfers of ours, 1,024 served streams (the swarm bounds those of a connection); 524,056 bytes queued.
#pragma once

#include "libp2p/perf/perf_actions.h"
#include "libp2p/perf/perf_effects.h"
#include "libp2p/perf/perf_state.h"

#include "base/describe.h"
#include "base/env.h"

#include <optional>

namespace libp2p::perf {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick; never() when it wants none.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

/// How far a transfer is; for the lines printed every second.
struct Progress {
    base::Instant started;            // when the stream was open; never() before
    std::uint64_t written_bytes = 0;  // of the upload, into the queue
    std::uint64_t received_bytes = 0;
};
/// Of the transfers with this request together; nullopt when there is none.
std::optional<Progress> progress(State const& state, RequestId request);

}  // namespace libp2p::perf
