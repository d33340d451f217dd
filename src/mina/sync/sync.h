// sync: how a node without a full node beside it comes by the recent chain: from one peer at a time, by RPC.
//
//   sync_answers.h   what peers answer, read and checked: the best tip with its chain, blocks
//   sync_state.h     Config, State      sync_actions.h   what happens      sync_effects.h   orders
//
//           PeerReady, Tick               BestTipAnswered            nothing is missing
//   Idle ────────────────────► AskingBestTip ───────────► Fetching ──────────────────────► Synced
//    ▲                           │        ▲                 │   ▲                            │
//    │                           │        └─ a chain lost ──┤   └─────── BlockMissing ───────┘
//    └─── all rest, or nobody is there ─────────────────────┘
//
//   After an answer that helps too little, or none in time, the next peer is asked, in the same phase.
//
// Rules
// - A best tip is believed if its body hashes lead from its root to it, and are as many as the network's frontier is
//   long (or lead from genesis); that tells the hashes of all blocks between.
// - Blocks are asked for by hash, the newest first, `batch_max` at a time (one at a time of who takes no more), and
//   kept if their state has the hash that was asked for. Hashes bind states, not proofs: who makes up a chain makes up
//   its hashes. Whether a body is the one that its state names, the store looks (runtime/recent_store).
// - Who answered without a block lacks it, and is not asked for it again. Who answers a list with nothing may lack one
//   of them only: each of them is then asked for alone.
// - A block is given up when `lacking_max` peers lack it, or some do and nobody else may be asked now. With a block of
//   the chain the whole chain is given up, and a best tip asked for anew. So nobody holds up the rest by naming what
//   does not exist; what has been fetched is kept.
// - To fail is not to lack. Who fails rests, for `rest_min` and twice as long each time until it gives a block, and so
//   does, from questions for its best tip, who has none or whose chain was given up. Who was asked in vain least often
//   is asked first; one that was makes room for a newcomer when there are too many.
// - A question has its time, whatever trickles in: then it is cancelled, and the peer has failed, `late_weight` times.
// - Once synced, gossip brings what is new. A block whose parent is not known (BlockMissing) is asked for, and so are
//   its ancestors, behind the chain and `gap_max` of them at most until nothing is missing.
//
// Bounds, in Config. At a bound: a peer is not asked, a chain is not believed, a block is not fetched.
#pragma once

#include "mina/sync/sync_actions.h"
#include "mina/sync/sync_effects.h"
#include "mina/sync/sync_state.h"

namespace mina::sync {

/// Applies one action; effects are appended to `out`. At State::deadline it wants a Tick.
void reduce(State& state, Action const& action, base::Instant now, Out& out);

}  // namespace mina::sync
