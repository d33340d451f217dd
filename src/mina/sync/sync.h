// sync: how a node without a full node beside it comes by the recent chain: from one peer at a time, by RPC.
//
//   sync_answers.h   what peers answer, read and checked: the best tip with its chain, blocks
//   sync_state.h     Config, State      sync_actions.h   what happens      sync_effects.h   orders
//
//   Idle ──PeerReady──► AskingBestTip ──BestTipAnswered──► Fetching ──nothing is missing──► Synced
//    ▲                        └ none, failed ─► the next peer   └ failed, or less than half ─► the next peer
//    └──────────────── nobody is left to ask ───────────────────┘          BlockMissing ─► Fetching
//
// Rules
// - A best tip is believed if its body hashes lead from its root to it; that tells the hashes of all blocks between.
// - Blocks are asked for by hash, the newest first, `batch_max` at a time (one at a time of who takes no more), and
//   kept if their state has the hash that was asked for. Hashes bind states, not proofs: who makes up a chain makes up
//   its hashes. Whether a body is the one that its state names, the store looks (runtime/recent_store).
// - A block that was asked for in vain goes to the end of the queue, and after `tries_max` questions out of it, so that
//   nobody holds up the rest by naming what does not exist.
// - A peer is asked for its best tip once a connection.
// - Once synced, gossip brings what is new. A block whose parent is not known (BlockMissing) is asked for, and so are
//   its ancestors, behind the chain and `gap_max` of them at most until nothing is missing.
//
// Bounds, in Config. At a bound: a peer is not asked, a chain is not believed, a block is not fetched.
#pragma once

#include "mina/sync/sync_actions.h"
#include "mina/sync/sync_effects.h"
#include "mina/sync/sync_state.h"

namespace mina::sync {

/// Applies one action; effects are appended to `out`.
void reduce(State& state, Action const& action, Out& out);

}  // namespace mina::sync
