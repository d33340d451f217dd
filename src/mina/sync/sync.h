// sync: how a node without a full node beside it comes by the recent chain: from one peer at a time, by RPC.
//
//   sync_answers.h   what peers answer, read and checked: the best tip with its chain, blocks
//   sync_state.h     Config, State      sync_actions.h   what happens      sync_effects.h   orders
//
//   Idle ──PeerReady──► AskingBestTip ──BestTipAnswered──► Fetching ──all there──► Synced
//    ▲                        └ none, failed ─► the next peer   └ failed ─► the next peer, for what is missing
//    └──────────────── nobody is left to ask ───────────────────┘         BlockMissing ─► Fetching
//
// Rules
// - A best tip is believed only if its body hashes lead from its root to it; that tells the hashes of all blocks
//   between.
// - Blocks are asked for by hash, the newest first, `batch_max` at a time (one at a time of who takes no more), and
//   kept only if they have the hash that was asked for.
// - That is all that is verified, and it is little: hashes bind states, not proofs, and who makes up a chain makes up
//   its hashes. A peer can have a node believe any chain that nobody produced, and give a block that was asked for with
//   another proof. Whether a body is the one that its state names, the store looks (runtime/recent_store); the rest is
//   for a full node.
// - Once synced, gossip brings what is new. A block whose parent is not known (BlockMissing) is asked for, and so are
//   its ancestors, up to `gap_max`.
//
// Bounds, in Config: peers that wait to be asked, peers asked for a best tip, length of a chain, blocks missing.
// At a bound: a peer is not asked, a chain is not believed, what is oldest is not fetched.
#pragma once

#include "mina/sync/sync_actions.h"
#include "mina/sync/sync_effects.h"
#include "mina/sync/sync_state.h"

namespace mina::sync {

/// Applies one action; effects are appended to `out`.
void reduce(State& state, Action const& action, Out& out);

}  // namespace mina::sync
