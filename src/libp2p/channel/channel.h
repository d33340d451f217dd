// channel: a stream with its protocol.
//
//   channel_state.h   State           channel_actions.h   what happens to it
//   channel_effects.h its events      channel_table.cpp   expects(phase, action)
//   channel_reducer.cpp reduce()
//
//                   Agreed             one side finished            the other side finished
//   Negotiating ───────────► Ready ───────────────────► HalfClosed ───────────────────────► Closed
//        │                     │                             │
//        └── Refused, Expired ─┴── RemoteReset, LocalReset, ConnectionLost (from any) ──────► Closed
//
// A lazy dialer's channel carries data while it is still Negotiating: it proposes one protocol that the peer is known to
// speak, and lets its bytes follow at once. A side may finish in any phase.
#pragma once

#include "base/describe.h"
#include "base/env.h"
#include "libp2p/channel/channel_actions.h"
#include "libp2p/channel/channel_effects.h"
#include "libp2p/channel/channel_state.h"

namespace libp2p::channel {

void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants an Expired.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

}  // namespace libp2p::channel
