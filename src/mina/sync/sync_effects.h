// What syncing orders. A question is answered by an action that names it, unless it is cancelled.
#pragma once

#include "mina/sync/sync_state.h"

#include <variant>

namespace mina::sync {

/// Answered with BestTipAnswered or AnswerFailed.
struct AskBestTip {
    PeerId peer;
    QuestionId question{};
};
/// Answered with BlocksAnswered or AnswerFailed.
struct AskBlocks {
    PeerId peer;
    std::vector<StateHash> blocks;
    QuestionId question{};
};
/// The answer is not waited for any more. If it comes all the same, it changes nothing.
struct Cancel {
    QuestionId question{};
};

using Effect = std::variant<AskBestTip, AskBlocks, Cancel>;

struct Out {
    std::vector<Effect> effects;
    void clear() { effects.clear(); }
};

}  // namespace mina::sync
