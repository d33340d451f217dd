// crawl: a walk over the DHT of a network, from its seeds to every peer that somebody names.
//
//   crawl_state.h    Config: every bound; State      entry.h          what is found out about a peer
//   crawl_actions.h  what happens to it              crawl_effects.h  what it orders, and the events it reports
//   crawl_reducer.cpp  reduce(), the beginning and the end      visits.cpp  one peer, from the dial to the hang-up
//   frontier.cpp     who is known, and who is next              keys.cpp    what is asked for
//
//   target:  unplaced ──an address is told──► waiting ──slot, rate, its host's turn──► visiting ──► done
//                                                └────── failed, retries_max ◄────────────┘
//   visit:   connecting ──► identifying ──► pinging ──► asking ──nothing new twice, questions_max──► hung up, PeerDone
//                └ failed: retry, or PeerDone  └──────────┴─── lost, no answer, visit_time: PeerDone with what is known
//
// Rules
// - A peer is visited once. It is asked FIND_NODE for keys that share 0, 1, 2 … bits with its own place, so that each
//   answer is one bucket of its table; when a bucket is not full the next answers repeat it, and the peer is done.
// - Keys have the form of a peer id (0x12 0x20 and 32 bytes). mina: the Rust node closes on any other.
// - mina: the Rust node answers no pings (Config::silent_agents), and is not pinged; the time until it was connected
//   stands for the round trip.
// - What peers tell is hearsay: private addresses of it are dialed only if Config says so; all names count as one host;
//   and no host is dialed more often than every host_interval, whatever number of peers is said to be there.
// - Deterministic: the same actions and the same seed give the same effects.
//
// Limits: Config. At a bound: connects wait (parallel, connects_a_second, host_interval); peers beyond peers_max, and
// those beyond told_new_max of one teller, are left out and counted; neighbours and addresses beyond theirs are not
// kept; an address whose host is booked out for longer than host_patience is not dialed.
#pragma once

#include "base/describe.h"
#include "base/env.h"
#include "mina/crawl/crawl_actions.h"
#include "mina/crawl/crawl_effects.h"
#include "mina/crawl/crawl_state.h"

namespace mina::crawl {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick; never() when it wants none.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

/// A key in the form of a peer id, whose place shares exactly `prefix` leading bits with that of `id`; beyond
/// prefix_bits_max, so many; by bad luck, fewer.
base::ByteString key_beside(libp2p::PeerId const& id, std::size_t prefix, base::Rng& rng);

/// More would take too many hashes: each bit doubles them.
inline constexpr std::size_t prefix_bits_max = 10;

}  // namespace mina::crawl
