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
        state_.tips_asked.erase(gone.peer);
        if (state_.asked.peer == gone.peer) state_.asked = {};
    }

    void operator()(BestTipAnswered const& answer) {
        if (state_.phase != Phase::asking_best_tip) return;
        state_.has_chain = true;
        // The newest first, and before what gossip has named meanwhile.
        auto const named = std::exchange(state_.missing, {});
        for (auto at = answer.missing.rbegin(); at != answer.missing.rend(); ++at) want({*at, true});
        for (auto const& wanted : named) want(wanted);
        fetch();
    }

    void operator()(BlocksAnswered const& answer) {
        if (state_.phase != Phase::fetching) return;
        auto const asked = state_.fetching.size();
        for (auto const& wanted : std::exchange(state_.fetching, {})) {
            auto const is_there = std::ranges::find(answer.blocks, wanted.block) != answer.blocks.end();
            if (!is_there) {
                try_later(wanted);
            } else if (!wanted.is_of_chain) {
                is_gap_open_ = true;
            }
        }
        state_.fetched += answer.blocks.size();
        // A chain that was believed names its blocks; only what gossip named is followed to its ancestors.
        if (is_gap_open_) {
            for (auto const& parent : answer.parents_missing) want_named(parent);
        }
        if (2 * answer.blocks.size() < asked) {
            ask_next();
        } else {
            fetch();
        }
    }

    void operator()(AnswerFailed const&) {
        if (state_.phase != Phase::asking_best_tip && state_.phase != Phase::fetching) return;
        for (auto const& wanted : std::exchange(state_.fetching, {})) try_later(wanted);
        ask_next();
    }

    void operator()(BlockMissing const& block) {
        want_named(block.parent);
        auto const is_free = state_.phase == Phase::idle || state_.phase == Phase::synced;
        if (!is_free || state_.missing.empty()) return;
        std::erase_if(state_.candidates, [&](Candidate const& each) { return each.peer == block.via.peer; });
        state_.asked = block.via;
        fetch();
    }

private:
    bool want(Wanted const& wanted) {
        auto const is_same = [&](Wanted const& other) { return other.block == wanted.block; };
        if (std::ranges::any_of(state_.missing, is_same) || std::ranges::any_of(state_.fetching, is_same)) return false;
        if (state_.missing.size() >= state_.config.chain_max) return false;
        state_.missing.push_back(wanted);
        return true;
    }

    void want_named(StateHash const& block) {
        if (state_.gap < state_.config.gap_max && want({block, false})) ++state_.gap;
    }

    void try_later(Wanted wanted) {
        if (++wanted.tries < state_.config.tries_max) {
            state_.missing.push_back(wanted);
        } else {
            ++state_.given_up;
        }
    }

    // Of the peer that is being asked, if it is still there.
    void fetch() {
        base::check(state_.fetching.empty(), "sync: one question at a time");
        if (state_.missing.empty()) return finish();
        if (state_.asked.peer.empty()) return ask_next();
        auto const most = state_.asked.takes_lists ? state_.config.batch_max : 1;
        while (!state_.missing.empty() && state_.fetching.size() < most) {
            state_.fetching.push_back(state_.missing.front());
            state_.missing.pop_front();
        }
        state_.phase = Phase::fetching;
        AskBlocks ask{state_.asked.peer, {}};
        for (auto const& wanted : state_.fetching) ask.blocks.push_back(wanted.block);
        out_.effects.emplace_back(std::move(ask));
    }

    // Who was asked goes to the end of the queue.
    void ask_next() {
        if (!state_.asked.peer.empty()) state_.candidates.push_back(std::exchange(state_.asked, {}));
        if (!state_.has_chain) return ask_best_tip();
        if (state_.missing.empty()) return finish();
        if (state_.candidates.empty()) return give_up();
        state_.asked = state_.candidates.front();
        state_.candidates.pop_front();
        fetch();
    }

    void ask_best_tip() {
        auto const next = std::ranges::find_if(state_.candidates, [this](Candidate const& each) {
            return !state_.tips_asked.contains(each.peer);
        });
        if (next == state_.candidates.end()) return give_up();
        state_.asked = *next;
        state_.candidates.erase(next);
        state_.tips_asked.insert(state_.asked.peer);
        state_.phase = Phase::asking_best_tip;
        out_.effects.emplace_back(AskBestTip{state_.asked.peer});
    }

    // Until another peer comes.
    void give_up() { state_.phase = Phase::idle; }

    void finish() {
        state_.gap = 0;
        state_.phase = Phase::synced;
        if (!state_.asked.peer.empty()) state_.candidates.push_back(std::exchange(state_.asked, {}));
        if (!state_.has_chain) ask_best_tip();
    }

    State& state_;
    Out& out_;
    bool is_gap_open_ = false;
};

}  // namespace

void reduce(State& state, Action const& action, Out& out) { std::visit(Reduction(state, out), action); }

}  // namespace mina::sync
