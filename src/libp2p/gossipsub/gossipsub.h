// gossipsub: GossipSub 1.1 without scoring. spec: pubsub/gossipsub/gossipsub-v1.0, -v1.1; pubsub/README
//
// gossipsub_state.h     Config, State: topics, meshes, fan-out, peers, seen and cached messages
// gossipsub_actions.h   what happens to it
// gossipsub_effects.h   what it orders, and the events it reports
// gossipsub_limits.h    the bounds that no network has a reason to change
// gossipsub_reducer.cpp reduce(); its parts (steps.h): subscriptions, mesh, gossip, messages, publish, heartbeat
// peer_selection.h      whom to graft, prune and gossip to, from whom to accept: the one door for a peer score
// message_signing.h, message_id.h, rpc_codec.h, outbox.h, seen_cache.h, message_cache.h, rust_ids.h
//
//   message:  Received ──signature──► Pending ──accept──► Forwarded (mesh, direct and floodsub peers; kept for IWANT)
//                 │ seen before: counted        │ ignore, reject, time-out: never forwarded
//                 └ bad signature, bad shape: counted, never shown to the application
//
//   peer in a topic's mesh:   Outside ──GRAFT──► Mesh ──PRUNE──► BackedOff ──time──► Outside
//
// Rules. Nothing is forwarded before the application's verdict; a pending verdict never blocks other messages. Every RPC
// we send holds one publish or at most 16 KiB of control, so that rust-libp2p and Mina's Rust node read it. Each number
// that comes from a peer is capped. Order never depends on a hash table.
//
// Feeding it. A peer's RPCs may come before PeerAdded, since its stream to us may open first: they count, and are
// answered once ours is open. PeerRemoved ends both, so it is due whenever the connection to a peer that was named in
// either of them is lost. A peer keeps its PeerKey while its connection lasts.
#pragma once

#include "libp2p/gossipsub/gossipsub_actions.h"
#include "libp2p/gossipsub/gossipsub_effects.h"
#include "libp2p/gossipsub/gossipsub_state.h"

#include "base/describe.h"
#include "base/env.h"

namespace libp2p::gossipsub {

/// Applies one action. Effects and events are appended to `out`.
void reduce(State& state, Action const& action, base::Env const& env, Out& out);

/// When reduce() wants a Tick.
base::Instant next_deadline(State const& state);

void describe(State const& state, base::Describer& describer);

}  // namespace libp2p::gossipsub
