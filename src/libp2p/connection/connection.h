// connection: one TCP link on its way to being a multiplexed, authenticated connection, and to its end.
//
//   pipe.h                     Pipe: the codecs of one link, stacked: pnet, select, noise, select, yamux
//   connection_state.h         State: phase, deadlines, who, why it ended
//   connection_actions.h       what happens to it
//   connection_effects.h       what it orders
//   connection_table.cpp       expects(phase, action): the enabling conditions, as a table
//   connection_reducer.cpp     reduce()
//   reason.h                   DisconnectReason: the closed enum of ends
//
//              Linked               Secured               Muxed
//   Dialing ───────────► Securing ───────────► Muxing ───────────► Open
//      │                    │                     │                  │
//      │ Unlinked,          │ Unlinked, Faulted,  │                  │ Close (orderly), remote goodbye
//      │ Expired            │ Expired, Close      │                  ▼
//      │                    │                     │               Closing ── Drained, Expired … ─┐
//      └────────────────────┴─────────────────────┴──────────────────────► Closed ◄─────────────┘
//
// Each phase before Open has a deadline of its own; Open has the keep-alive: a Yamux ping when nothing was heard for an
// interval, and an answer (or any byte) expected in time. Closing says GOAWAY and lets what is queued go out, for at most
// Timeouts::closing. Every end has exactly one DisconnectReason: the first that was given.
#pragma once

#include "base/describe.h"
#include "base/env.h"
#include "libp2p/connection/connection_actions.h"
#include "libp2p/connection/connection_effects.h"
#include "libp2p/connection/connection_state.h"

namespace libp2p::connection {

/// Applies one action; effects are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants an Expired.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

}  // namespace libp2p::connection
