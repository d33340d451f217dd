// kademlia: where peers are, and who provides what. spec: kad-dht
//
// kademlia_config.h     Config: every bound          kademlia_state.h     State
// kademlia_actions.h    what happens to it           kademlia_effects.h   what it orders, and the events it reports
// key.h  message.h  addresses.h                      places, the codec, which addresses count
// routing_table.h  lookup.h  provider_store.h  value_store.h              plain structures
// kademlia_reducer.cpp  reduce(); its parts (steps.h): connections, requests, queries, conclusions, membership, server,
//                       answers, provide, upkeep
//
//   query:   order ──► looking up ──the closest have answered──► Found, Closest, Providers, Value
//                          │                    └ ADD_PROVIDER, PUT_VALUE to the k closest ──► Provided
//                          └ nobody to ask, deadline ──► QueryFailed
//
//   request: ──► waiting ──connected, identified, stream free──► opening ──Opened──► awaiting ──answer──► Finish
//                   └ dial failed, not a server                     └────── time-out ───────┴──► abandoned (Finish)
//
//   peer:    identified as a server ──FIND_NODE of its own id answered──► member ──two failures in a row──► out
//                                                                  └ bucket full ──► replacement
//
// Rules
// - One request a stream; our side is finished once the answer is there, or the time is over. Mina's Rust node takes a
//   reset for the end of the connection, and counts a stream as used until both sides have finished; others are reset
//   for what breaks the rules only.
// - A peer that finds nodes only (mina: the Rust node) is asked nothing but FIND_NODE of a peer id, at most 50 bytes.
// - A member has answered a FIND_NODE over a connection of its own. Members keep their places: who comes later waits
//   until one has been asked and not answered. At most two of an IP group in a bucket, ten in the table.
// - A lookup follows disjoint paths, asks nobody twice, and distrusts whose peers cannot be reached (lookup.h).
// - FIND_NODE of our own id is answered with ourselves first: Mina's Go node admits nobody who answers with no peer.
// - Private addresses are neither taken nor told, unless Config says so, and then told on private networks only.
// - What is told by others leads to dials: bounded in all, in a minute and IP group, and not again for five minutes
//   after one has failed.
//
// Limits: Config, and message.h for those of messages. At a bound: a query is refused (too_many); a dial waits, or
// fails when its group's minute is full; a request beyond its peer's budget resets the stream (Misbehaved); a record
// beyond a peer's quota is refused (Misbehaved), beyond the store's the oldest goes; peers beyond the table wait or are
// refused.
#pragma once

#include "libp2p/kademlia/kademlia_actions.h"
#include "libp2p/kademlia/kademlia_effects.h"
#include "libp2p/kademlia/kademlia_state.h"

#include "base/describe.h"
#include "base/env.h"

namespace libp2p::kademlia {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick; never() when it wants none.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

/// A member of the routing table, for whoever shows it.
struct MemberView {
    PeerId id;
    std::vector<Multiaddr> addresses;
    std::size_t bucket = 0;       // bits that its place shares with ours
    bool connected = false;
    base::Instant last_useful;    // when it answered last
};
/// By bucket, then by age. Counters: State::counters.
std::vector<MemberView> members(State const& state);

}  // namespace libp2p::kademlia
