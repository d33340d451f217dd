// block_tree: the headers of recent blocks, and the choice among them. No bytes of blocks: whoever has a tree keeps
// those, gives each block's header to the tree, and forgets the blocks that the tree says.
//
//   header.h  Header, header_of(): what is kept of a block; Rank: which of two blocks is the better
//   tree.h    Tree: add, remove, prune; the best tip; what questions about chains are to be answered with
//
// ┌──────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
// │ WHAT IS CHECKED of a block: that it is a message of its format, that its state hash is that of its state,     │
// │ that height and slot follow its parent's, and its height against time. WHAT IS NOT: its proof, its VRF, its   │
// │ signatures, its transactions; a state hash covers neither the proof nor, without its body reference           │
// │ (hashes/body_reference.h, which whoever has the bytes may check), the contents. Who wants to can make a block │
// │ that follows any other, the best tip, too, and is then the best tip; and, with k of them, a chain of its own. │
// │ Where that matters, only what a full node has accepted may be added.                                          │
// └──────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//
// Verified::yes says that a full node has accepted a block. It replaces one of the same state hash that was not
// verified, which may have had other contents; beyond that, both are treated alike.
//
// The best tip is the greatest of those that are rooted: whose way back has k links, or reaches the genesis block of
// the network, if Config::genesis names it. Such are the chains that Mina's nodes accept as an answer, and one forged
// block is none. If none is rooted, it is that with the most links. A block of height 1, or one that its child names
// genesis block, roots nothing by itself: anybody can make one. What is old, what is pruned and what is answered
// follows from it.
//
// The choice among the rooted, or among those of as many links.
// mina: Consensus.select (consensus/proof_of_stake.ml) of a short fork: the candidate is taken when
//     blockchain_length_is_longer = less_than_or_equal_when existing.blockchain_length candidate.blockchain_length
//       ~compare:Length.compare ~condition:candidate_vrf_is_bigger
//     candidate_vrf_is_bigger = … ~compare:(String.compare of Blake2.(to_raw_string (digest_string last_vrf_output)))
//       ~condition:candidate_hash_is_bigger
//     candidate_hash_is_bigger = State_hash.(candidate_hash > existing_hash)      (as numbers)
// Of a long fork, one that began before the last checkpoints, Mina compares the densities of windows. That is not done
// here: a tree is not deep enough to tell, and a chain that wins so without being longer is rare.
//
// Links. A block may come before its parent: it is linked when that comes. What contradicts its parent (another height
// than the next, a slot that is not later) is refused, or dropped once the parent is there. Along links heights fall by
// one, so that there is no cycle. The best tip of honest blocks does not depend on the order in which they came.
//
// What protects the tree from forged heights, as far as something can: a height above the slot is refused; so is a
// height that the time since the best tip does not allow, with k to spare, if slot_ms is set; only a best tip with k
// links makes other blocks old.
//
// Bounds: Config::blocks_max headers, and bytes_max bytes of the blocks they stand for. What is off the best chain may
// take a part of both (off_chain_part), once that is rooted and as long as its tip is fresh: no flood of forged blocks
// flushes the chain. (An old tip may be that of a chain that the network has left; the next one needs room beside it.)
// prune() names what has to go, the least useful first:
//   1. what is heights_kept behind the best tip       4. what is not, and close to the tip
//   2. what is not on the best chain, and k behind     5. the best chain from its root, k behind the tip
//   3. the best chain, k behind                           the best tip never
// Of the chain the lowest first; of what is not on it, first what no links join to it, the farthest from the tip and
// the largest before others.
// A step along a chain takes a lookup in a map. add() and remove() go at most k steps along each chain that follows.
#pragma once

#include "mina/block_tree/tree.h"
