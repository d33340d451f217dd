// peer: what we want of one peer, and which of its connections counts.
//
//   peer_state.h    State          peer_actions.h   what happens to it
//   peer_effects.h  its events     peer_table.cpp   expects(phase, action)
//   peer_reducer.cpp reduce()      duplicate_rule.h which of two connections survives
//
//                Want                     ConnectionOpened
//   Unknown ───────────► Dialing ─────────────────────────────► Connected
//      ▲                  │  ▲                                     │
//      │ DialFailed,      │  │ Expired (retry), Want               │ the last ConnectionLost
//      │ not kept         │  │                                     │
//      └──────────────────┤  └────────── Backoff ◄─────────────────┤ (kept)
//                         └─ DialFailed, kept ─┘                   └──► Unknown (not kept)
//
//   Ban from any phase ──► Banned ──Unban, Expired──► Unknown (kept: Dialing)       an inbound ConnectionOpened: any phase ──► Connected
//
// A kept peer is dialed again after a failure or a loss: exponential back-off from Config::first, doubled each time up to
// Config::cap, with full jitter in its upper half, so that a crowd does not return at once. A connection that lasted a
// minute clears the count. One connection per peer survives; the rule is computed alike by both sides.
#pragma once

#include "base/describe.h"
#include "base/env.h"
#include "libp2p/peer/peer_actions.h"
#include "libp2p/peer/peer_effects.h"
#include "libp2p/peer/peer_state.h"

namespace libp2p::peer {

void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants an Expired.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

}  // namespace libp2p::peer
