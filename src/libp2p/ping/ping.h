// ping: is a peer there, and how far away. spec: ping/ping
//
// ping_state.h      Config, State: our stream to each pinged peer, the streams answered
// ping_actions.h    what happens to it
// ping_effects.h    what it orders, and the events it reports
// ping_reducer.cpp  reduce()
//
//   our stream to a peer:
//     none ──Ping──► opening ──Opened──► awaiting ──32 bytes──► idle ──Ping──► awaiting
//       ▲               │                 │ │                    └ idle_time, end of stream ──► none (Finish)
//       │               │                 │ └ other bytes ──► none (Reset)
//       │               └──── time-out ───┴──► abandoned (Finish) ──Closed──► none
//       └ Closed, at any point
//
// Rules
// - One outbound stream a peer; pings to a peer run one after the other on it, at most 16 waiting. Each has ten
//   seconds from its turn; when one times out, those behind it fail as well.
// - An abandoned stream is finished, never reset: Mina's Rust node accepts ping, never answers, and takes a reset for
//   the end of the connection. Until it is closed, pings to that peer fail at once.
// - Inbound, blocks of 32 bytes are sent back as they become whole. Two streams a peer; more are reset. Answers wait
//   for the peer's reading in the swarm, which stops the peer's writing meanwhile.
#pragma once

#include "libp2p/ping/ping_actions.h"
#include "libp2p/ping/ping_effects.h"
#include "libp2p/ping/ping_state.h"

#include "base/describe.h"
#include "base/env.h"

namespace libp2p::ping {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick; never() when it wants none.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

}  // namespace libp2p::ping
