#include "mina/crawl/crawl.h"

#include "base/check.h"
#include "mina/crawl/steps.h"

#include <algorithm>

namespace mina::crawl {

using libp2p::Multiaddr;
using libp2p::PeerId;

namespace {

/// What an earlier crawl has found. The addresses behind which somebody was reached are noted in `reached_at`.
void take_up(Step& step, std::vector<Entry> const& resumed, std::set<Multiaddr>& reached_at) {
    auto& state = step.state;
    for (auto const& entry : resumed) {
        if (entry.peer.empty() || entry.peer == state.config.self) continue;
        auto* const target = target_of(step, entry.peer);
        if (target == nullptr) continue;
        auto const id = state.by_peer.at(entry.peer);
        if (!entry.reachable || entry.reason == broken_off) {
            place(step, id, entry.addresses);
        } else if (target->standing == Standing::unplaced) {
            target->standing = Standing::done;
            ++state.counters.reached;
            if (!entry.addresses.empty()) reached_at.insert(entry.addresses.front());
        }
    }
}

/// Peers that were named, but never written down: one of those who named them is asked again, for their addresses.
void ask_again(Step& step, std::vector<Entry> const& resumed) {
    auto& state = step.state;
    std::set<PeerId> covered;
    for (auto const& entry : resumed) {
        if (!entry.reachable || entry.peer.empty() || !state.by_peer.contains(entry.peer)) continue;
        auto is_wanted = false;
        for (auto const& neighbour : entry.neighbours) {
            auto const is_lost = neighbour != state.config.self && !state.by_peer.contains(neighbour);
            if (is_lost && covered.insert(neighbour).second) is_wanted = true;
        }
        auto const id = state.by_peer.at(entry.peer);
        auto& target = state.targets.at(id);
        if (!is_wanted || target.standing != Standing::done) continue;
        target.standing = Standing::unplaced;
        place(step, id, entry.addresses);
        if (target.standing == Standing::unplaced) {
            target.standing = Standing::done;  // nowhere to ask
        } else {
            --state.counters.reached;  // it will be again
        }
    }
}

void take_seed(Step& step, Multiaddr const& seed) {
    auto& state = step.state;
    auto const peer = seed.peer_id();
    if (!peer) {
        if (seed.empty()) return;
        TargetId const id{++state.last_target};
        auto& target = state.targets[id];
        target.is_given = true;
        add_address(state, target, seed);
        enqueue(step, id, step.env.now);
        return;
    }
    if (*peer == state.config.self) return;
    auto* const target = target_of(step, *peer);
    if (target == nullptr || target->standing == Standing::done) return;
    target->is_given = true;
    add_address(state, *target, seed);
    auto const is_ready = target->standing == Standing::unplaced && !target->addresses.empty();
    if (is_ready) enqueue(step, state.by_peer.at(*peer), step.env.now);
}

void on(Step& step, Begin const& action) {
    auto& state = step.state;
    base::check(!state.has_begun, "crawl: begins once");
    state.has_begun = true;
    std::set<Multiaddr> reached_at;
    take_up(step, action.resumed, reached_at);
    ask_again(step, action.resumed);
    std::set<Multiaddr> seeds;
    for (auto const& seed : action.seeds) {
        auto const is_reached = !seed.peer_id() && reached_at.contains(seed);
        if (!is_reached && seeds.insert(seed).second) take_seed(step, seed);
    }
}

void on(Step& step, Stop const&) {
    auto& state = step.state;
    break_off_visits(step);
    while (!state.queue.empty()) {
        auto const id = state.queue.begin()->second;
        leave_queue(state, id);
        report_unreached(step, id, not_visited);
    }
}

void on(Step& step, Tick const&) { end_late_visits(step); }

/// Everybody was visited. Those whose addresses nobody has told are all that is left.
void finish_if_done(Step& step) {
    auto& state = step.state;
    if (!state.visits.empty() || !state.queue.empty()) return;
    state.is_finished = true;
    for (auto const& [id, target] : state.targets) {
        if (target.standing == Standing::unplaced) report_unreached(step, id, "no address that may be dialed");
    }
    step.out.events.emplace_back(Finished{});
}

}  // namespace

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    base::check(state.config.parallel > 0 && state.config.connects_a_second > 0, "crawl: something at a time");
    Step step{state, env, out};
    std::visit([&](auto const& what) { on(step, what); }, action);
    if (state.is_finished || !state.has_begun) return;
    begin_visits(step);
    finish_if_done(step);
}

base::Instant next_deadline(State const& state) {
    auto next = base::Instant::never();
    for (auto const& [id, visit] : state.visits) next = std::min(next, visit.deadline);
    if (state.visits.size() < state.config.parallel && !state.queue.empty()) {
        next = std::min(next, std::max(state.queue.begin()->first, state.next_connect));
    }
    return next;
}

void describe(State const& state, base::Describer& describer) {
    base::DescribeScope const scope(describer, "crawl");
    describer.field("found", state.counters.found);
    describer.field("reached", state.counters.reached);
    describer.field("unreachable", state.counters.unreachable);
    describer.field("connects", state.counters.connects);
    describer.field("questions", state.counters.questions);
    describer.field("beyond_max", state.counters.beyond_max);
    describer.field("beyond_share", state.counters.beyond_share);
    describer.field("next_connect", state.next_connect);
    for (auto const& [id, target] : state.targets) {
        base::DescribeScope const entry(describer, "target", target.peer.text());
        describer.field("standing", to_string(target.standing));
        describer.field("due", target.due);
        describer.field("attempts", target.attempts);
        for (auto const& address : target.addresses) describer.bytes("address", address.bytes());
    }
    for (auto const& [id, visit] : state.visits) {
        base::DescribeScope const entry(describer, "visit", visit.entry.peer.text());
        describer.field("phase", to_string(visit.phase));
        describer.field("deadline", visit.deadline);
        describer.field("questions", visit.questions);
        describer.field("neighbours", visit.neighbours.size());
    }
}

}  // namespace mina::crawl
