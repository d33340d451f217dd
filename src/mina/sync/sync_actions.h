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
    QuestionId question{};
};
/// The peer has given these blocks, of those that were asked for; they are kept, or were there already.
struct BlocksAnswered {
    std::vector<StateHash> blocks;
    std::vector<StateHash> parents_missing;  // of those blocks, when they are not known here
    QuestionId question{};
};
/// The peer that was asked did not answer, or nothing that helps. To have none of the blocks is an answer.
struct AnswerFailed {
    QuestionId question{};
};
/// A block has come by gossip whose parent is not known here.
struct BlockMissing {
    StateHash parent;
    Candidate via;
};
/// State::deadline has come.
struct Tick {};

using Action = std::variant<PeerReady, PeerGone, BestTipAnswered, BlocksAnswered, AnswerFailed, BlockMissing, Tick>;

}  // namespace mina::sync
