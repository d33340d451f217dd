#include "mina/hashes/chain_proof.h"

#include "mina/hashes/prefixes.h"

namespace mina::hashes {

namespace {

using Reason = HashError::Reason;

base::Result<void, HashError> verify(StateHash const& start, binprot::List<binprot::Field> bodies,
                                     StateHash const& end) {
    TRY(auto const reached, fold_body_hashes(start, bodies));
    if (reached != end) return base::fail(HashError{Reason::leads_elsewhere, "", "chain proof"});
    return {};
}

}  // namespace

base::Result<StateHash, HashError> fold_body_hashes(StateHash const& start, binprot::List<binprot::Field> bodies) {
    if (bodies.size() > chain_proof_steps_max) return base::fail(HashError{Reason::too_many, "", "body hashes"});
    auto hash = start;
    for (auto const& body : bodies) {
        TRY(hash, state_hash_after(hash, BodyHash{body.bytes}));
    }
    return hash;
}

base::Result<void, HashError> verify_delta_chain(ChainProof const& proof, berkeley::ProtocolState const& state) {
    return verify(StateHash{proof.start->bytes}, proof.bodies, StateHash{state.previous_state_hash->bytes});
}

base::Result<void, HashError> verify_transition_chain(ChainProof const& answer, StateHash const& asked) {
    return verify(StateHash{answer.start->bytes}, answer.bodies, asked);
}

base::Result<BestTipHashes, HashError> verify_best_tip(BestTip const& best_tip) {
    TRY(auto const tip, state_hashes(best_tip.tip));
    TRY(auto const root, state_hashes(best_tip.root));
    TRY_VOID(verify(root.state, best_tip.bodies, tip.state));
    return BestTipHashes{tip, root};
}

}  // namespace mina::hashes
