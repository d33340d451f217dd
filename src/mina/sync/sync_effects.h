// What syncing orders. Each is answered by an action.
#pragma once

#include "mina/sync/sync_state.h"

#include <variant>

namespace mina::sync {

/// Answered with BestTipAnswered or AnswerFailed.
struct AskBestTip {
    PeerId peer;
};
/// Answered with BlocksAnswered or AnswerFailed.
struct AskBlocks {
    PeerId peer;
    std::vector<StateHash> blocks;
};

using Effect = std::variant<AskBestTip, AskBlocks>;

struct Out {
    std::vector<Effect> effects;
    void clear() { effects.clear(); }
};

}  // namespace mina::sync
