// identify: who a peer is and what it speaks. spec: identify/README
//
// identify_state.h      Config, State: what is known of each peer, and the streams in use
// identify_actions.h    what happens to it
// identify_effects.h    what it orders, and the events it reports
// identify_message.h    the message: writing ours, reading and merging theirs
// identify_reducer.cpp  reduce(); identify_describe.cpp prints the state
//
//   query of a peer:   PeerConnected ──► opening ──Opened──► reading ──end of stream──► done      (Identified)
//                                           │                   └ refused, time-out, closed ──► failed (IdentifyFailed)
//                                           └ not supported, time-out ──► failed
//
//   push to a peer:    SelfChanged ──► due ──(announced push, debounced)──► opening ──Opened──► sent
//   push from a peer:  Opened ──► reading ──end of stream──► merged into what is known; Identified when that changed
//
// Rules
// - Each connected peer is asked once. Its Identify gates others' gossip, so a query of ours is answered at once, with
//   one message of at most 4,096 bytes, which is what rust-libp2p and Mina's Rust node read.
// - Several messages may follow one another on a stream and are merged (go-libp2p splits above 2 KiB). A peer that
//   sends a whole message and never ends its stream is taken at its word after `settle_time`.
// - A public key, when present, must be the connection's. Signed peer records (field 8) are not read at all: without
//   them no address of another peer can be planted (CVE-2023-40583).
// - A push that changes nothing raises no event: Mina's Go node may push every five seconds for ever.
// - Streams end by Finish. Reset is for peers that break the rules: Mina's Rust node takes a reset for the end of the
//   whole connection.
//
// Limits: message 4,096 bytes out, 8,192 in; 10 messages a stream; 128 addresses kept of 256 looked at; 1,024
// protocols; 256 characters of agent and version; 8 pushes a second, 4 reads and 8 answers at a time from a peer.
#pragma once

#include "libp2p/identify/identify_actions.h"
#include "libp2p/identify/identify_effects.h"
#include "libp2p/identify/identify_state.h"

#include "base/describe.h"
#include "base/env.h"

namespace libp2p::identify {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick; never() when it wants none.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

}  // namespace libp2p::identify
