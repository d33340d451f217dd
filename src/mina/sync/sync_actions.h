// What happens to syncing.
#pragma once

#include "mina/sync/sync_state.h"

#include <variant>

namespace mina::sync {

/// A connected peer may be asked.
struct PeerReady {
    Candidate peer;
};
struct PeerGone {
    PeerId peer;
};
/// The peer that was asked has answered; its tip and root are kept. `missing`: blocks between that are not known here,
/// the oldest first.
struct BestTipAnswered {
    std::vector<StateHash> missing;
};
/// The peer has given these blocks, of those that were asked for; they are kept, or were there already.
struct BlocksAnswered {
    std::vector<StateHash> blocks;
    std::vector<StateHash> parents_missing;  // of those blocks, when they are not known here
};
/// The peer that was asked did not answer, or nothing that helps.
struct AnswerFailed {};
/// A block has come by gossip whose parent is not known here.
struct BlockMissing {
    StateHash parent;
    Candidate via;
};

using Action = std::variant<PeerReady, PeerGone, BestTipAnswered, BlocksAnswered, AnswerFailed, BlockMissing>;

}  // namespace mina::sync
