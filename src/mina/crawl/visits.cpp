// One peer, from the dial to the hang-up.
#include "mina/crawl/steps.h"

#include "base/check.h"

#include <algorithm>

namespace mina::crawl {

namespace {

using VisitAt = std::map<VisitId, Visit>::iterator;

// Late timers do not slow the crawl: so much of the rate may be made up for at once.
constexpr base::Duration catch_up = std::chrono::milliseconds(100);

void begin_visit(Step& step, TargetId id) {
    auto& state = step.state;
    auto& target = state.targets.at(id);
    target.standing = Standing::visiting;
    ++target.attempts;
    ++state.counters.connects;
    VisitId const visit_id{++state.last_visit};
    auto& visit = state.visits[visit_id];
    visit.target = id;
    visit.began = step.env.now;
    visit.deadline = step.env.now + state.config.visit_time;
    visit.entry.peer = target.peer;
    step.out.effects.emplace_back(Connect{visit_id, target.peer, target.addresses, !target.is_given});
}

/// The visit is over, whatever becomes of its target.
Visit leave(Step& step, VisitAt at) {
    auto& state = step.state;
    auto visit = std::move(at->second);
    state.visits.erase(at);
    if (visit.phase != Phase::connecting) state.visited_now.erase(visit.entry.peer);
    return visit;
}

void finish(Step& step, VisitAt at, std::string reason = {}) {
    auto visit = leave(step, at);
    visit.entry.reason = std::move(reason);
    step.out.effects.emplace_back(HangUp{visit.entry.peer});
    report(step, visit.target, std::move(visit.entry));
}

/// Nobody was reached, or not for long enough: again later, or never.
void fail(Step& step, VisitAt at, std::string reason) {
    auto& state = step.state;
    auto visit = leave(step, at);
    auto& target = state.targets.at(visit.target);
    if (target.attempts <= state.config.retries_max) {
        target.is_booked = false;
        enqueue(step, visit.target, step.env.now + state.config.retry_after);
        return;
    }
    visit.entry.reason = std::move(reason);
    report(step, visit.target, std::move(visit.entry));
}

void ask(Step& step, VisitId id, Visit& visit) {
    auto& state = step.state;
    visit.phase = Phase::asking;
    ++state.counters.questions;
    auto key = key_beside(visit.entry.peer, visit.questions++, step.env.rng);
    step.out.effects.emplace_back(Ask{id, visit.entry.peer, std::move(key)});
}

void begin_asking(Step& step, VisitAt at) {
    if (!at->second.entry.has_dht) return finish(step, at);
    ask(step, at->first, at->second);
}

/// True when the visited peer has not named this one before.
bool learn(Step& step, Visit& visit, PeerAddresses const& told) {
    auto& state = step.state;
    auto const& config = state.config;
    if (told.id.empty() || told.id == config.self || told.id == visit.entry.peer) return false;
    auto is_new = false;
    if (!visit.neighbours.contains(told.id) && visit.neighbours.size() < config.neighbours_max) {
        visit.neighbours.insert(told.id);
        visit.entry.neighbours.push_back(told.id);
        is_new = true;
    }
    if (!state.by_peer.contains(told.id)) {
        if (visit.told_new >= config.told_new_max) {
            ++state.counters.beyond_share;
            return is_new;
        }
        if (target_of(step, told.id) == nullptr) return is_new;
        ++visit.told_new;
    }
    place(step, state.by_peer.at(told.id), told.addresses);
    return is_new;
}

/// An address without an id has led to a peer. False when that one is, or was, visited already.
bool name_target(Step& step, VisitAt at, Connected const& action) {
    auto& state = step.state;
    auto& visit = at->second;
    auto const nameless = visit.target;
    auto const known = state.by_peer.find(action.peer);
    if (known == state.by_peer.end()) {
        state.by_peer.emplace(action.peer, nameless);
        state.targets.at(nameless).peer = action.peer;
        ++state.counters.found;
    } else {
        auto& target = state.targets.at(known->second);
        auto const is_free = target.standing == Standing::waiting || target.standing == Standing::unplaced;
        if (is_free) {
            if (target.standing == Standing::waiting) leave_queue(state, known->second);
            target.standing = Standing::visiting;
            ++target.attempts;
            target.is_given = true;
            visit.target = known->second;
        }
        state.targets.erase(nameless);
        if (!is_free) return false;
    }
    visit.entry.peer = action.peer;
    return true;
}

void add_to_entry(Config const& config, Entry& entry, std::vector<libp2p::Multiaddr> const& addresses) {
    for (auto const& address : addresses) {
        if (entry.addresses.size() >= config.addresses_max) return;
        auto plain = address.without_peer_id();
        auto const is_new = !plain.empty() && std::ranges::find(entry.addresses, plain) == entry.addresses.end();
        if (is_new) entry.addresses.push_back(std::move(plain));
    }
}

}  // namespace

void begin_visits(Step& step) {
    auto& state = step.state;
    auto const between =
        base::Duration(std::chrono::seconds(1)) / static_cast<std::int64_t>(state.config.connects_a_second);
    while (state.visits.size() < state.config.parallel && state.next_connect <= step.env.now) {
        auto const id = take_next(step);
        if (!id) return;
        begin_visit(step, id);
        state.next_connect = std::max(state.next_connect, step.env.now - catch_up) + between;
    }
}

void on(Step& step, Connected const& action) {
    auto& state = step.state;
    auto const at = state.visits.find(action.visit);
    if (at == state.visits.end() || at->second.phase != Phase::connecting) {
        // Given up meanwhile; but a second connection may be that of another visit.
        if (!state.visited_now.contains(action.peer)) step.out.effects.emplace_back(HangUp{action.peer});
        return;
    }
    auto& visit = at->second;
    if (visit.entry.peer.empty() && !name_target(step, at, action)) {
        leave(step, at);
        if (!state.visited_now.contains(action.peer)) step.out.effects.emplace_back(HangUp{action.peer});
        return;
    }
    if (visit.entry.peer != action.peer) return fail(step, at, "wrong peer id");
    state.visited_now.insert_or_assign(action.peer, action.visit);
    visit.phase = Phase::identifying;
    visit.entry.reachable = true;
    visit.entry.round_trip = step.env.now - visit.began;
    visit.entry.rtt_source = RttSource::connect;
    add_to_entry(state.config, visit.entry, {action.address});
}

void on(Step& step, ConnectFailed const& action) {
    auto const at = step.state.visits.find(action.visit);
    if (at != step.state.visits.end() && at->second.phase == Phase::connecting) fail(step, at, action.reason);
}

void on(Step& step, Identified const& action) {
    auto& state = step.state;
    auto const found = state.visited_now.find(action.peer);
    if (found == state.visited_now.end()) return;
    auto const at = state.visits.find(found->second);
    base::check(at != state.visits.end(), "crawl: a visit of whom is visited");
    auto& visit = at->second;
    if (visit.phase != Phase::identifying) return;
    auto& entry = visit.entry;
    entry.agent = action.agent;
    entry.protocols = action.protocols;
    entry.has_dht = std::ranges::find(action.protocols, state.config.protocol) != action.protocols.end();
    add_to_entry(state.config, entry, action.listen_addresses);
    auto const& silent = state.config.silent_agents;
    if (std::ranges::find(silent, action.agent) != silent.end()) return begin_asking(step, at);
    visit.phase = Phase::pinging;
    step.out.effects.emplace_back(Ping{at->first, entry.peer});
}

void on(Step& step, Pinged const& action) {
    auto const at = step.state.visits.find(action.visit);
    if (at == step.state.visits.end() || at->second.phase != Phase::pinging) return;
    if (action.round_trip) {
        at->second.entry.round_trip = action.round_trip;
        at->second.entry.rtt_source = RttSource::ping;
    }
    begin_asking(step, at);
}

void on(Step& step, Answered const& action) {
    auto const& config = step.state.config;
    auto const at = step.state.visits.find(action.visit);
    if (at == step.state.visits.end() || at->second.phase != Phase::asking) return;
    auto& visit = at->second;
    auto is_news = false;
    for (auto const& told : action.closest) {
        if (learn(step, visit, told)) is_news = true;
    }
    visit.barren = is_news ? 0 : visit.barren + 1;
    auto const is_known = visit.barren >= config.barren_max || visit.neighbours.size() >= config.neighbours_max;
    if (is_known || visit.questions >= config.questions_max) return finish(step, at);
    ask(step, at->first, visit);
}

void on(Step& step, AskFailed const& action) {
    auto const at = step.state.visits.find(action.visit);
    if (at != step.state.visits.end() && at->second.phase == Phase::asking) finish(step, at, action.reason);
}

void on(Step& step, HungUp const& action) {
    auto& state = step.state;
    auto const found = state.visited_now.find(action.peer);
    if (found == state.visited_now.end()) return;
    auto const at = state.visits.find(found->second);
    base::check(at != state.visits.end(), "crawl: a visit of whom is visited");
    // A node that is full closes at once, and may have room a little later.
    if (at->second.phase == Phase::identifying) return fail(step, at, action.reason);
    finish(step, at, action.reason);
}

void end_late_visits(Step& step) {
    auto& state = step.state;
    std::vector<VisitId> late;
    for (auto const& [id, visit] : state.visits) {
        if (visit.deadline <= step.env.now) late.push_back(id);
    }
    for (auto const id : late) {
        auto const at = state.visits.find(id);
        auto const peer = at->second.entry.peer;
        switch (at->second.phase) {
            case Phase::connecting:
                if (!peer.empty()) step.out.effects.emplace_back(HangUp{peer});
                fail(step, at, "not connected in time");
                break;
            case Phase::identifying: finish(step, at, "has not identified itself in time"); break;
            case Phase::pinging:
            case Phase::asking: finish(step, at, "has not answered in time"); break;
        }
    }
}

void break_off_visits(Step& step) {
    auto& visits = step.state.visits;
    while (!visits.empty()) {
        auto const at = visits.begin();
        if (at->second.phase != Phase::connecting) {
            finish(step, at, std::string(broken_off));
            continue;
        }
        auto visit = leave(step, at);
        if (!visit.entry.peer.empty()) step.out.effects.emplace_back(HangUp{visit.entry.peer});
        visit.entry.reason = not_visited;
        report(step, visit.target, std::move(visit.entry));
    }
}

void report_unreached(Step& step, TargetId id, std::string_view reason) {
    Entry entry;
    entry.peer = step.state.targets.at(id).peer;
    entry.reason = reason;
    report(step, id, std::move(entry));
}

void report(Step& step, TargetId id, Entry entry) {
    auto& state = step.state;
    auto& target = state.targets.at(id);
    // Where it was reached first, then what was told.
    add_to_entry(state.config, entry, target.addresses);
    ++(entry.reachable ? state.counters.reached : state.counters.unreachable);
    target.standing = Standing::done;
    target.addresses = {};
    step.out.events.emplace_back(PeerDone{std::move(entry)});
    if (target.peer.empty()) state.targets.erase(id);
}

}  // namespace mina::crawl
