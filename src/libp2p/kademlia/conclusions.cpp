#include "base/check.h"
#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/steps.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

QueryCost cost_of(Query const& query, base::Instant now) {
    QueryCost cost{.asked = query.lookup.asked(), .answered = query.lookup.answers(), .hops = query.found_hop,
                   .time = now - query.started};
    auto const closest = query.lookup.answered(1);
    if (cost.hops == 0 && !closest.empty()) cost.hops = query.lookup.at(closest.front()).hop;
    return cost;
}

Failure why_nothing(Query const& query, bool is_out_of_time) {
    if (query.lookup.answers() == 0 && query.lookup.asked() == 0) return Failure::no_peers;
    return is_out_of_time ? Failure::timed_out : Failure::not_found;
}

/// The query leaves the state, and nobody waits for its requests any more.
Query take(Step& step, QueryId id) {
    auto& state = step.state;
    auto const at = state.queries.find(id);
    base::check(at != state.queries.end(), "kademlia: the end of a query that is not there");
    abandon_requests_of(step, id);
    auto query = std::move(at->second);
    state.queries.erase(at);
    state.timers.cancel({Timer::Kind::query, id.value});
    if (query.is_from_outside) --state.queries_from_outside;
    return query;
}

void emit_failure(Step& step, Query const& query, Failure why) {
    ++step.state.counters.queries_failed;
    if (query.request) step.out.events.emplace_back(QueryFailed{query.request, why, cost_of(query, step.env.now)});
}

void emit_found(Step& step, Query& query, bool is_out_of_time) {
    auto& state = step.state;
    // First what most have told; of those, what was told first.
    for (auto at = query.addresses.begin(); at != query.addresses.end(); ++at) {
        auto const before = std::ranges::upper_bound(query.addresses.begin(), at, at->tellers, std::ranges::greater{},
                                                     &ToldAddress::tellers);
        std::rotate(before, at, at + 1);
    }
    PeerAddresses peer{query.target, {}};
    for (auto& told : query.addresses) peer.addresses.push_back(std::move(told.address));
    if (auto const* const member = state.table.find(query.target))
        add_addresses(peer.addresses, member->addresses, peer_addresses_max);
    if (peer.addresses.empty()) return emit_failure(step, query, why_nothing(query, is_out_of_time));
    if (query.request)
        step.out.events.emplace_back(Found{query.request, std::move(peer), cost_of(query, step.env.now)});
}

void emit_closest(Step& step, Query& query, bool is_out_of_time) {
    Closest event{query.request, {}, cost_of(query, step.env.now)};
    if (query.kind == QueryKind::ask) {
        event.peers = std::move(query.providers);
        event.cost.asked = event.cost.answered = event.cost.hops = 1;
    } else {
        for (auto const candidate : query.lookup.answered(step.state.config.bucket_size)) {
            auto const& peer = query.lookup.at(candidate);
            event.peers.push_back({peer.id, peer.addresses});
        }
        if (event.peers.empty()) return emit_failure(step, query, why_nothing(query, is_out_of_time));
    }
    if (query.request) step.out.events.emplace_back(std::move(event));
}

void emit_told(Step& step, Query& query, bool is_out_of_time) {
    auto const count = query.told.size();
    if (query.lookup.answers() == 0) {
        emit_failure(step, query, why_nothing(query, is_out_of_time));
    } else if (query.request) {
        step.out.events.emplace_back(Provided{query.request, std::move(query.told), cost_of(query, step.env.now)});
    }
    if (query.kind == QueryKind::provide) on_provided(step, query.key, count);
}

void emit_providers(Step& step, Query& query, bool is_out_of_time) {
    if (query.providers.empty()) return emit_failure(step, query, why_nothing(query, is_out_of_time));
    if (!query.request) return;
    step.out.events.emplace_back(Providers{query.request, std::move(query.providers), cost_of(query, step.env.now)});
}

void emit_value(Step& step, Query& query, bool is_out_of_time) {
    if (query.found_hop == 0) return emit_failure(step, query, why_nothing(query, is_out_of_time));
    if (query.request)
        step.out.events.emplace_back(Value{query.request, std::move(query.value), cost_of(query, step.env.now)});
}

/// The lookup of a PutValue or Provide is over: now the closest are told. True when somebody is being told.
bool start_telling(Step& step, QueryId id) {
    auto& state = step.state;
    auto& query = state.queries.at(id);
    auto const is_provide = query.kind == QueryKind::provide;
    if (is_provide && state.own_addresses.empty()) return false;  // go-libp2p keeps no provider without an address
    query.telling = true;
    abandon_requests_of(step, id);
    auto const type = is_provide ? MessageType::add_provider : MessageType::put_value;
    for (auto const candidate : query.lookup.answered(state.config.bucket_size)) {
        auto const& peer = query.lookup.at(candidate);
        if (ask(step, {peer.id, type, id, candidate}, peer.addresses)) ++query.tells;
    }
    return query.tells > 0;
}

}  // namespace

void conclude(Step& step, QueryId id, bool is_out_of_time) {
    auto& query = step.state.queries.at(id);
    auto const tells = query.kind == QueryKind::provide || query.kind == QueryKind::put_value;
    if (tells && !query.telling && !is_out_of_time && start_telling(step, id)) return;
    auto taken = take(step, id);
    switch (taken.kind) {
        case QueryKind::refresh: return on_refreshed(step);
        case QueryKind::find_peer: return emit_found(step, taken, is_out_of_time);
        case QueryKind::find_closest:
        case QueryKind::ask: return emit_closest(step, taken, is_out_of_time);
        case QueryKind::provide:
        case QueryKind::put_value: return emit_told(step, taken, is_out_of_time);
        case QueryKind::find_providers: return emit_providers(step, taken, is_out_of_time);
        case QueryKind::get_value: return emit_value(step, taken, is_out_of_time);
    }
}

void fail_query(Step& step, QueryId id, Failure why) {
    auto const query = take(step, id);
    emit_failure(step, query, why);
    if (query.kind == QueryKind::refresh) on_refreshed(step);
    if (query.kind == QueryKind::provide) on_provided(step, query.key, 0);
}

void on_told(Step& step, QueryId id, PeerId const& peer, bool was_told) {
    auto const found = step.state.queries.find(id);
    if (found == step.state.queries.end() || !found->second.telling) return;
    auto& query = found->second;
    if (was_told) query.told.push_back(peer);
    if (--query.tells == 0) conclude(step, id, false);
}

}  // namespace libp2p::kademlia
