// Chain proofs: the hash of a state and the body hashes of those that follow it, oldest first. Whoever knows both can
// compute the hash of the last one, and so prove that it descends from the first.
#pragma once

#include "mina/hashes/state_hash.h"
#include "mina/messages/berkeley/block.h"

namespace mina::hashes {

/// A permutation each. The longest in use are answers to get_transition_chain_proof: three times k, which is 290.
inline constexpr std::size_t chain_proof_steps_max = 4'096;

/// The hash of the state that the bodies lead to; `start` itself when there are none.
base::Result<StateHash, HashError> fold_body_hashes(StateHash const& start, binprot::List<binprot::Field> bodies);

/// As it stands in the header of a block (delta_block_chain_proof) and in an answer to get_transition_chain_proof.
using ChainProof = berkeley::BlockHeaderDeltaBlockChainProof;

/// The proof in a block's header leads to the predecessor of the block's state.
base::Result<void, HashError> verify_delta_chain(ChainProof const& proof, berkeley::ProtocolState const& state);

/// The answer leads to the state that was asked for.
base::Result<void, HashError> verify_transition_chain(ChainProof const& answer, StateHash const& asked);

/// A best tip, and the body hashes that lead to it from the root of its owner's frontier. How far a root may be
/// from its tip is consensus, and not looked at.
struct BestTip {
    berkeley::ProtocolState const& tip;
    binprot::List<binprot::Field> bodies;
    berkeley::ProtocolState const& root;
};

/// Of an answer to get_best_tip or get_ancestry (ProofCarryingBlock of any format), which has to outlive it.
template <class Answer>
BestTip best_tip_of(Answer const& answer) {
    return {answer.data.header.protocol_state, answer.proof.bodies, answer.proof.root.header.protocol_state};
}

/// The hashes of both ends, when the root leads to the tip.
struct BestTipHashes {
    StateHashes tip;
    StateHashes root;
};
base::Result<BestTipHashes, HashError> verify_best_tip(BestTip const& best_tip);

}  // namespace mina::hashes
