#include "mina/sync/sync.h"

#include "base/check.h"

#include <algorithm>

namespace mina::sync {

namespace {

class Reduction {
public:
    Reduction(State& state, Out& out) : state_(state), out_(out) {}

    void operator()(PeerReady const& ready) {
        auto const is_known = ready.peer.peer == state_.asked.peer ||
                              std::ranges::find(state_.candidates, ready.peer.peer, &Candidate::peer) !=
                                  state_.candidates.end();
        if (is_known || state_.candidates.size() >= state_.config.candidates_max) return;
        state_.candidates.push_back(ready.peer);
        if (state_.phase == Phase::idle) ask_next();
    }

    void operator()(PeerGone const& gone) {
        std::erase_if(state_.candidates, [&](Candidate const& each) { return each.peer == gone.peer; });
    }

    void operator()(BestTipAnswered const& answer) {
        if (state_.phase != Phase::asking_best_tip) return;
        state_.has_chain = true;
        // The newest first.
        for (auto at = answer.missing.rbegin(); at != answer.missing.rend(); ++at) {
            if (state_.missing.size() >= state_.config.chain_max) break;
            state_.missing.push_back(*at);
        }
        fetch();
    }

    void operator()(BlocksAnswered const& answer) {
        if (state_.phase != Phase::fetching) return;
        std::vector<StateHash> still;
        for (auto const& hash : std::exchange(state_.fetching, {})) {
            if (std::ranges::find(answer.blocks, hash) == answer.blocks.end()) still.push_back(hash);
        }
        state_.fetched += answer.blocks.size();
        state_.missing.insert(state_.missing.begin(), still.begin(), still.end());
        if (answer.parent_missing && state_.gap < state_.config.gap_max) {
            if (want(*answer.parent_missing)) ++state_.gap;
        }
        if (answer.blocks.empty()) {
            ask_next();
        } else {
            fetch();
        }
    }

    void operator()(AnswerFailed const&) {
        if (state_.phase != Phase::asking_best_tip && state_.phase != Phase::fetching) return;
        state_.missing.insert(state_.missing.begin(), state_.fetching.begin(), state_.fetching.end());
        state_.fetching.clear();
        ask_next();
    }

    void operator()(BlockMissing const& block) {
        if (state_.phase == Phase::asking_best_tip || state_.phase == Phase::fetching) {
            // It waits for its turn behind what is asked for.
            if (state_.gap < state_.config.gap_max && want(block.parent)) ++state_.gap;
            return;
        }
        state_.gap = 1;
        if (!want(block.parent)) return;
        state_.asked = block.via;
        fetch();
    }

private:
    bool want(StateHash const& hash) {
        auto const is_there = std::ranges::find(state_.missing, hash) != state_.missing.end() ||
                              std::ranges::find(state_.fetching, hash) != state_.fetching.end();
        if (is_there || state_.missing.size() >= state_.config.chain_max) return false;
        state_.missing.push_back(hash);
        return true;
    }

    // Of the peer that is being asked.
    void fetch() {
        base::check(state_.fetching.empty(), "sync: one question at a time");
        if (state_.missing.empty()) return finish();
        auto const most = state_.asked.takes_lists ? state_.config.batch_max : 1;
        while (!state_.missing.empty() && state_.fetching.size() < most) {
            state_.fetching.push_back(state_.missing.front());
            state_.missing.pop_front();
        }
        state_.phase = Phase::fetching;
        out_.effects.emplace_back(AskBlocks{state_.asked.peer, state_.fetching});
    }

    void ask_next() {
        state_.asked = {};
        auto const is_tired = !state_.has_chain && state_.tips_asked >= state_.config.tips_asked_max;
        if (state_.candidates.empty() || is_tired) return give_up();
        state_.asked = state_.candidates.front();
        state_.candidates.pop_front();
        if (state_.has_chain) return fetch();
        ++state_.tips_asked;
        state_.phase = Phase::asking_best_tip;
        out_.effects.emplace_back(AskBestTip{state_.asked.peer});
    }

    // Until another peer comes.
    void give_up() { state_.phase = Phase::idle; }

    void finish() {
        state_.asked = {};
        state_.gap = 0;
        state_.phase = state_.has_chain ? Phase::synced : Phase::idle;
        if (!state_.has_chain && !state_.candidates.empty()) ask_next();
    }

    State& state_;
    Out& out_;
};

}  // namespace

void reduce(State& state, Action const& action, Out& out) { std::visit(Reduction(state, out), action); }

}  // namespace mina::sync
