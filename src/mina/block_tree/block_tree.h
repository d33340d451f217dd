// block_tree: the headers of recent blocks, and the choice among them. No bytes of blocks: whoever has a tree keeps
// those, gives each block's header to the tree, and forgets the blocks that the tree says.
//
//   header.h  Header, header_of(): what is kept of a block; Rank: which of two blocks is the better
//   tree.h    Tree: add, remove, prune; the best tip; what questions about chains are to be answered with
//
// ┌──────────────────────────────────────────────────────────────────────────────────────────────────────────────┐
// │ NOTHING HERE IS VERIFIED. A block's proof, its VRF, its signatures and its transactions are not looked at,    │
// │ and who wants to can make a block of any height that follows any other. The best tip is the best of what was  │
// │ given, no more. Where that matters, only blocks that a full node has accepted may be added; an answer that is │
// │ made from this is no worse for who asks than a block from gossip: Mina's nodes verify both.                   │
// └──────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//
// The choice. mina: Consensus.select (consensus/proof_of_stake.ml) of a short fork: the candidate is taken when
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
// height that the time since the best tip does not allow, with k to spare, if slot_ms is set; and a best tip whose
// parent is not known makes no other block old.
//
// Bounds: Config::blocks_max headers, and bytes_max bytes of the blocks they stand for. prune() names what has to go,
// the least useful first:
//   1. what is heights_kept behind the best tip       4. what is not, and close to the tip
//   2. what is not on the best chain, and k behind     5. the best chain from its root, k behind the tip
//   3. the best chain, k behind                           within one kind the lowest first; the best tip never
// A step along a chain, and all else but prune(), takes a lookup in a map.
#pragma once

#include "mina/block_tree/tree.h"
