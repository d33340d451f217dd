// echo: every byte comes back. For tests and measurements; no node serves it unless it is configured.
//
// echo_state.h      Config, State: the runs we do and their streams, the streams we echo
// echo_actions.h    what happens to it
// echo_effects.h    what it orders, and the events it reports
// echo_reducer.cpp  reduce(); echo_client.cpp the runs, pattern.h what they send
//
//   server:  Opened ──► echoing ──end of stream──► finished
//
//   a stream of a run:  opening ──Opened──► exchanging ──all answers there──► finished (or, with a stream for each
//                                                                             request, finished when sent)
//
// Runs
//   Echo        one pattern, its end, and the comparison of all that comes back.
//   RoundTrips  messages one after the other on one stream; the time of each after the warm-up.
//   Rate        messages pipelined: on each of `streams` streams, or each on a stream of its own.
//
// Rules
// - A message counts as answered when as many bytes have come back; only Echo compares them.
// - The server holds no bytes: what arrives is queued again at once, and the swarm stops the peer's writing while much
//   is queued. A client that queued as much would stop its server and itself for ever, so at most `queue_bytes_max`
//   of its bytes are queued, well below the swarm's limit (swarm/config.h echo_hold_bytes).
// - A run without progress for `stall_time` fails. A failure of one stream fails its run.
//
// Limits: 64 runs, 1,024 streams and 1,000,000 timed rounds a run, 1,024 echoed streams; 524,056 bytes queued a stream.
#pragma once

#include "libp2p/echo/echo_actions.h"
#include "libp2p/echo/echo_effects.h"
#include "libp2p/echo/echo_state.h"

#include "base/describe.h"
#include "base/env.h"

namespace libp2p::echo {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick; never() when it wants none.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

}  // namespace libp2p::echo
