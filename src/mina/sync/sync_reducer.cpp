#include "mina/sync/sync.h"

#include "base/check.h"

#include <algorithm>
#include <ranges>

namespace mina::sync {

namespace {

class Reduction {
public:
    Reduction(State& state, base::Instant now, Out& out) : state_(state), now_(now), out_(out) {}

    void operator()(PeerReady const& ready) {
        take_in(ready.peer);
        if (state_.phase == Phase::idle) go_on();
    }

    void operator()(PeerGone const& gone) {
        std::erase_if(state_.candidates, [&](Asked const& each) { return each.peer() == gone.peer; });
        if (state_.asked.peer() == gone.peer) state_.asked = {};
    }

    void operator()(BestTipAnswered const& answer) {
        if (!is_awaited(Phase::asking_best_tip, answer.question)) return;
        state_.has_chain = true;
        state_.chain_from = state_.asked.peer();
        // The newest first, and before what gossip has named meanwhile.
        auto const named = std::exchange(state_.missing, {});
        for (auto const& block : std::views::reverse(answer.missing)) want({block, true, false, {}});
        for (auto const& wanted : named) want(wanted);
        stay_or_go_on();
    }

    void operator()(BlocksAnswered const& answer) {
        if (!is_awaited(Phase::fetching, answer.question)) return;
        auto const asked = std::exchange(state_.fetching, {});
        auto const is_there = [&](Wanted const& wanted) {
            return std::ranges::find(answer.blocks, wanted.block) != answer.blocks.end();
        };
        // A chain that was believed names its blocks; only what gossip named is followed to its ancestors.
        auto const is_named = [&](Wanted const& wanted) { return !wanted.is_of_chain && is_there(wanted); };
        if (std::ranges::any_of(asked, is_named)) {
            for (auto const& parent : answer.parents_missing) want_named(parent);
        }
        state_.fetched += answer.blocks.size();
        if (!answer.blocks.empty()) state_.asked.in_vain = 0;
        auto const says_nothing = answer.blocks.empty() && asked.size() > 1;
        for (auto const& wanted : std::views::reverse(asked)) {
            if (!is_there(wanted)) want_again(says_nothing ? alone(wanted) : lacked(wanted));
        }
        give_up_hopeless();
        if (2 * answer.blocks.size() < asked.size()) {
            go_on();
        } else {
            stay_or_go_on();
        }
    }

    void operator()(AnswerFailed const& failed) {
        if (is_awaited(state_.phase, failed.question)) fail();
    }

    void operator()(BlockMissing const& block) {
        want_named(block.parent);
        auto const is_free = state_.phase == Phase::idle || state_.phase == Phase::synced;
        if (!is_free || state_.missing.empty()) return;
        take_in(block.via);
        // Who has the child is asked before others.
        auto const via = std::ranges::find(state_.candidates, block.via.peer, &Asked::peer);
        if (via != state_.candidates.end()) std::rotate(state_.candidates.begin(), via, via + 1);
        go_on();
    }

    void operator()(Tick const&) {
        if (now_ < state_.deadline) return;
        if (!is_asking()) return go_on();
        out_.effects.emplace_back(Cancel{state_.question});
        // Who drips is not asked for anything for a while, as long as it took at least; who merely has no best tip may
        // have blocks.
        state_.asked.in_vain += state_.config.late_weight - 1;
        rest(state_.asked.rests_until);
        fail();
    }

private:
    // ---- Peers ----

    void take_in(Candidate const& candidate) {
        if (find(candidate.peer) != nullptr) return;
        auto& all = state_.candidates;
        auto const count = all.size() + (state_.asked.peer().empty() ? 0 : 1);
        if (count >= state_.config.candidates_max) {
            auto const worst = std::ranges::max_element(all, {}, &Asked::in_vain);
            if (worst == all.end() || worst->in_vain == 0) return;
            all.erase(worst);
        }
        all.push_back({candidate, 0, now_, now_});
    }

    Asked* find(PeerId const& peer) {
        if (state_.asked.peer() == peer) return &state_.asked;
        auto const found = std::ranges::find(state_.candidates, peer, &Asked::peer);
        return found == state_.candidates.end() ? nullptr : &*found;
    }

    // Of those that do not rest: who was asked in vain least often, then who has waited longest.
    template <class MayHelp>
    bool choose(MayHelp const& may_help) {
        put_back();
        auto& all = state_.candidates;
        auto best = all.end();
        for (auto at = all.begin(); at != all.end(); ++at) {
            auto const is_better = best == all.end() || at->in_vain < best->in_vain;
            if (is_better && at->rests_until <= now_ && may_help(*at)) best = at;
        }
        if (best == all.end()) return false;
        state_.asked = *best;
        all.erase(best);
        return true;
    }

    void put_back() {
        if (!state_.asked.peer().empty()) state_.candidates.push_back(std::exchange(state_.asked, {}));
    }

    base::Instant rest_end(std::uint32_t in_vain) const {
        return now_ + std::min(state_.config.rest_max, state_.config.rest_min * (1 << std::min(in_vain, 16U)));
    }
    void rest(base::Instant& until) const { until = std::max(until, rest_end(state_.asked.in_vain)); }

    bool may_give(Asked const& who, Wanted const& wanted) const {
        return std::ranges::count(wanted.lacked_by, who.peer()) == 0;
    }
    bool may_give_any(Asked const& who) const {
        return std::ranges::any_of(state_.missing, [&](Wanted const& wanted) { return may_give(who, wanted); });
    }

    // ---- Blocks ----

    bool want(Wanted const& wanted) {
        auto const is_same = [&](Wanted const& other) { return other.block == wanted.block; };
        if (std::ranges::any_of(state_.missing, is_same) || std::ranges::any_of(state_.fetching, is_same)) return false;
        if (state_.missing.size() + state_.fetching.size() >= state_.config.chain_max) return false;
        state_.missing.push_back(wanted);
        return true;
    }

    void want_named(StateHash const& block) {
        if (state_.gap < state_.config.gap_max && want({block, false, false, {}})) ++state_.gap;
    }

    // mina: before its "super catchup" OCaml's node answers a list with nothing when it lacks one of them.
    static Wanted alone(Wanted wanted) {
        wanted.is_alone = true;
        return wanted;
    }
    Wanted lacked(Wanted wanted) const {
        if (!state_.asked.peer().empty()) wanted.lacked_by.push_back(state_.asked.peer());
        return wanted;
    }

    // Nothing holds up the chain, which is lost if one of its blocks is.
    void want_again(Wanted const& wanted) {
        if (wanted.is_of_chain) {
            state_.missing.push_front(wanted);
        } else {
            state_.missing.push_back(wanted);
        }
    }

    // Those that rest do not count, or who told of what nobody has and then fails would keep it here for ever.
    bool is_hopeless(Wanted const& wanted) const {
        if (wanted.lacked_by.empty()) return false;
        if (wanted.lacked_by.size() >= state_.config.lacking_max) return true;
        auto const may = [&](Asked const& who) {
            return !who.peer().empty() && who.rests_until <= now_ && may_give(who, wanted);
        };
        return !may(state_.asked) && std::ranges::none_of(state_.candidates, may);
    }

    // A chain of which a block is given up is believed no more, and asked for anew.
    void give_up_hopeless() {
        auto is_chain_lost = false;
        for (auto const& wanted : std::exchange(state_.missing, {})) {
            if (!is_hopeless(wanted)) {
                state_.missing.push_back(wanted);
                continue;
            }
            ++state_.given_up;
            is_chain_lost = is_chain_lost || wanted.is_of_chain;
        }
        if (is_chain_lost) lose_chain();
    }

    void lose_chain() {
        std::erase_if(state_.missing, [](Wanted const& wanted) { return wanted.is_of_chain; });
        state_.has_chain = false;
        auto* const from = find(std::exchange(state_.chain_from, {}));
        if (from != nullptr) from->tip_after = rest_end(from->in_vain++);
    }

    // ---- Questions ----

    bool is_asking() const { return state_.phase == Phase::asking_best_tip || state_.phase == Phase::fetching; }
    bool is_awaited(Phase phase, QuestionId question) const {
        return is_asking() && state_.phase == phase && state_.question == question;
    }

    void stay_or_go_on() {
        if (!state_.asked.peer().empty() && may_give_any(state_.asked)) {
            ask_blocks();
        } else {
            go_on();
        }
    }

    void go_on() {
        if (ask()) return;
        // What nobody lacks waits for those that rest.
        give_up_hopeless();
        if (!ask()) wait();
    }

    bool ask() {
        auto const may_tell = [this](Asked const& each) { return each.tip_after <= now_; };
        if (!state_.has_chain && choose(may_tell)) return ask_best_tip();
        auto const may_give = [this](Asked const& each) { return may_give_any(each); };
        return !state_.missing.empty() && choose(may_give) && ask_blocks();
    }

    bool ask_best_tip() {
        begin(Phase::asking_best_tip, state_.config.tip_time);
        out_.effects.emplace_back(AskBestTip{state_.asked.peer(), state_.question});
        return true;
    }

    bool ask_blocks() {
        base::check(state_.fetching.empty(), "sync: one question at a time");
        take_batch();
        begin(Phase::fetching,
              state_.config.blocks_time + state_.config.block_time * static_cast<int>(state_.fetching.size()));
        AskBlocks order{state_.asked.peer(), {}, state_.question};
        for (auto const& wanted : state_.fetching) order.blocks.push_back(wanted.block);
        out_.effects.emplace_back(std::move(order));
        return true;
    }

    void take_batch() {
        auto& batch = state_.fetching;
        auto const most = state_.asked.candidate.takes_lists ? state_.config.batch_max : 1;
        for (auto const& wanted : std::exchange(state_.missing, {})) {
            auto const is_full = batch.size() >= most || (!batch.empty() && (wanted.is_alone || batch[0].is_alone));
            if (is_full || !may_give(state_.asked, wanted)) {
                state_.missing.push_back(wanted);
            } else {
                batch.push_back(wanted);
            }
        }
        base::check(!batch.empty(), "sync: a question for nothing");
    }

    void begin(Phase phase, base::Duration time) {
        state_.phase = phase;
        state_.deadline = now_ + time;
        ++state_.question.value;
    }

    void fail() {
        rest(state_.phase == Phase::asking_best_tip ? state_.asked.tip_after : state_.asked.rests_until);
        ++state_.asked.in_vain;
        for (auto const& wanted : std::views::reverse(std::exchange(state_.fetching, {}))) want_again(wanted);
        go_on();
    }

    // For another peer, or for the end of a rest.
    void wait() {
        put_back();
        auto const& missing = state_.missing;
        if (missing.empty()) state_.gap = 0;
        state_.phase = state_.has_chain && missing.empty() ? Phase::synced : Phase::idle;
        state_.deadline = base::Instant::never();
        if (state_.phase == Phase::synced) return;
        for (auto const& each : state_.candidates) {
            auto const tip_at = std::max(each.rests_until, each.tip_after);
            if (!state_.has_chain) state_.deadline = std::min(state_.deadline, tip_at);
            if (may_give_any(each)) state_.deadline = std::min(state_.deadline, each.rests_until);
        }
    }

    State& state_;
    base::Instant now_;
    Out& out_;
};

}  // namespace

void reduce(State& state, Action const& action, base::Instant now, Out& out) {
    std::visit(Reduction(state, now, out), action);
}

}  // namespace mina::sync
