// rpc: Async-RPC over streams, in which Mina's nodes ask one another for blocks and ledgers. spec: Async_rpc_kernel v1
//
// methods.h     the methods: tags, versions, budgets, sizes       menu.h     what a node offers
// dialect.h     OCaml's node or the Rust node
// frame.h       frames: answers as parts, all else whole
// rpc_state.h   Config, State      rpc_actions.h  what happens      rpc_effects.h  orders, events, reasons, faults
// rpc_streams.cpp  openings, ends, deadlines    rpc_reading.cpp   frames to meanings    rpc_writing.cpp  the way out
// rpc_asking.cpp   our asks and their answers   rpc_answering.cpp the peers' questions  rpc_accounts.cpp who spent what
//
//   an ask:      Ask ──► waiting (menu, stream, budget) ──► sent ──head──► answering ──last byte──► AnswerEnded
//                           └ patience                       └ deadline      └ stall, deadline ──► AskFailed
//   a stream:    Opened ──► shaking hands ──Handshake──► in use ──► ended (OCaml: Reset; others: Finish)
//   a question:  query ──► QuestionReceived ──Answer──► frames, written as the stream takes them
//                  └ unknown, unreadable, over budget: answered with the protocol's error, and counted
//
// Rules
// - To OCaml's node: the menu first, once a connection; then many asks on a stream and up to eight streams; an ask
//   whose answer may be long gets an idle stream. Streams unused for ten seconds are reset, as it ends its own.
// - To a Rust node, and to who has not said what it is: one stream, kept; one ask at a time; no menu, no list of
//   several hashes, messages of at most 256 bytes; Finish, never Reset, which it takes for the end of the connection.
//   A stream not answered in time is left: a Rust node answers "none" with silence, and then nothing more there.
// - Versions: the highest of the format's that the peer's menu has. One that is named is sent without the menu.
// - Heartbeats go out every ten seconds on every stream, behind a frame that is being written.
// - Answers come as chunks; nothing is held. Events have to be taken before the bytes of the Data that led to them go.
// - Budgets are those of OCaml's node, kept by peer and by host for five minutes after they go. What we ask is counted
//   ten seconds longer than the peer counts. What comes over budget is answered with Uncaught_exn.
// - A fault of framing ends its stream. Faults are counted by kind; a peer whose faults persist is reported for a ban.
//
// Bounds, in Config: streams of a peer 64 in and 8 out (to a Rust node one, and four a connection); asks waiting for a
// peer 256, in flight 64 a stream; questions 256 a stream and 1,024 a peer, each of at most 4 KiB; errors and menus 16
// KiB; 512 KiB queued on a stream; 64 MiB of answers held for a peer and 512 MiB for all, unless it is one answer
// (pieces are shared with the application); 32 heartbeats in ten seconds; 2,048 accounts, or as many as peers are
// connected. At a bound: a stream that is done with makes room for a new one, or the new one is refused; asks fail;
// questions and heartbeats end their stream; answers wait, or become errors.
#pragma once

#include "mina/rpc/rpc_actions.h"
#include "mina/rpc/rpc_effects.h"
#include "mina/rpc/rpc_state.h"

#include "base/describe.h"
#include "base/env.h"

namespace mina::rpc {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick; never() when it wants none.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

/// How often a peer may do this in five minutes before a ban is wanted; 0 for what is no ground for one.
std::uint32_t faults_max(Fault fault);

}  // namespace mina::rpc
