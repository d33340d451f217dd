#include "base/check.h"
#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/steps.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

constexpr std::size_t addresses_kept_max = 16;  // of a target, and of a provider

/// Whom a lookup begins with: the closest of the table; while those are few, peers that are connected or were heard of.
void start_lookup(State& state, Query& query) {
    auto const target = key_of(query.key);
    query.lookup = Lookup(target, state.config.self);
    std::map<Key, std::pair<PeerId, std::vector<Multiaddr>>> seeds;
    auto const add = [&](PeerId const& id, std::vector<Multiaddr> const& addresses) {
        if (id == query.target || id == state.config.self) return;
        seeds.try_emplace(distance(key_of(id), target), id, addresses);
    };
    for (auto const* member : state.table.closest(target, state.config.bucket_size)) add(member->id, member->addresses);
    if (seeds.size() < state.config.bucket_size) {
        for (auto const& [key, peer] : state.peers) {
            if (peer.is_server) add(peer.id, addresses_of(state, peer));
        }
        for (auto const& [id, addresses] : state.known) add(id, addresses);
    }
    std::size_t started = 0;
    for (auto const& [where, seed] : seeds) {
        if (started++ == state.config.bucket_size) break;
        query.lookup.start_with(seed.first, seed.second, state.config);
    }
}

MessageType message_type(QueryKind kind) {
    switch (kind) {
        case QueryKind::find_providers: return MessageType::get_providers;
        case QueryKind::get_value: return MessageType::get_value;
        case QueryKind::refresh:
        case QueryKind::find_peer:
        case QueryKind::find_closest:
        case QueryKind::ask:
        case QueryKind::provide:
        case QueryKind::put_value: return MessageType::find_node;
    }
    return MessageType::find_node;
}

bool is_key(base::ByteView key) { return !key.empty() && key.size() <= key_bytes_max; }

/// What an answer tells of peers, as far as we accept it.
std::vector<PeerAddresses> plausible(State const& state, std::vector<PeerAddresses> const& told) {
    std::vector<PeerAddresses> result;
    for (auto const& peer : told) {
        if (peer.id == state.config.self) continue;
        result.push_back(
            {peer.id, accepted(peer.addresses, peer.id, state.config.private_addresses, peer_addresses_max)});
    }
    return result;
}

/// Without what cannot be asked: no address, no connection, and no member.
std::vector<PeerAddresses> askable(State const& state, std::vector<PeerAddresses> peers) {
    std::erase_if(peers, [&](PeerAddresses& peer) {
        if (!peer.addresses.empty() || state.keys.contains(peer.id)) return false;
        auto const* const member = state.table.find(peer.id);
        if (member != nullptr) peer.addresses = member->addresses;
        return member == nullptr;
    });
    return peers;
}

/// The target's addresses out of an answer. When a second peer tells the same, that suffices; else the time does.
void note_target(Step& step, QueryId id, CandidateId candidate, std::vector<PeerAddresses>& told) {
    auto& query = step.state.queries.at(id);
    auto const at = std::ranges::find(told, query.target, &PeerAddresses::id);
    if (at == told.end()) return;
    auto const addresses = std::move(at->addresses);
    told.erase(at);
    if (addresses.empty()) return;
    auto is_confirmed = false;
    for (auto const& address : addresses) {
        auto known = std::ranges::find(query.addresses, address, &ToldAddress::address);
        if (known == query.addresses.end()) {
            if (query.addresses.size() == addresses_kept_max) continue;
            known = query.addresses.insert(known, ToldAddress{address, 0});
        }
        if (++known->tellers > 1) is_confirmed = true;
    }
    if (query.found_hop == 0) query.found_hop = query.lookup.at(candidate).hop;
    auto const settles = is_confirmed ? step.env.now : step.env.now + step.state.config.settle_time;
    if (settles >= query.settles) return;
    query.settles = settles;
    step.state.timers.set({Timer::Kind::query, id.value}, std::min(query.settles, query.deadline));
}

void note_providers(Query& query, State const& state, std::vector<PeerAddresses> const& told) {
    for (auto const& provider : plausible(state, told)) {
        auto const at = std::ranges::find(query.providers, provider.id, &PeerAddresses::id);
        if (at != query.providers.end()) {
            add_addresses(at->addresses, provider.addresses, addresses_kept_max);
        } else if (query.providers.size() < query.wanted) {
            query.providers.push_back(provider);
        }
    }
}

/// A value was told: it has to be of the key that we asked for, and valid.
void note_value(Step& step, Query& query, CandidateId candidate, PeerKey from, Record const& record) {
    // js-libp2p took any key's value for an answer once (its #3577).
    if (!base::equal(record.key, query.key) || !step.state.config.validate(record.key, record.value)) {
        step.report(from, Misbehaviour::invalid_record);
        return;
    }
    query.value = base::to_byte_string(record.value);
    query.found_hop = query.lookup.at(candidate).hop;
}

bool has_result(Query const& query, base::Instant now) {
    switch (query.kind) {
        case QueryKind::find_peer: return query.settles <= now;
        case QueryKind::find_providers: return query.providers.size() >= query.wanted;
        case QueryKind::get_value: return query.found_hop > 0;
        case QueryKind::refresh:
        case QueryKind::find_closest:
        case QueryKind::ask:
        case QueryKind::provide:
        case QueryKind::put_value: return false;
    }
    return false;
}

void start_and_advance(Step& step, NewQuery given) {
    auto const id = start_query(step, std::move(given));
    if (id) advance_query(step, id);
}

}  // namespace

void refuse_query(Step& step, RequestId request, Failure why) {
    ++step.state.counters.queries_failed;
    if (request) step.out.events.emplace_back(QueryFailed{request, why, {}});
}

QueryId start_query(Step& step, NewQuery given) {
    auto& state = step.state;
    if (given.is_from_outside && state.queries_from_outside >= state.config.queries_max) {
        refuse_query(step, given.request, Failure::too_many);
        return {};
    }
    if (given.is_from_outside) ++state.queries_from_outside;
    ++state.counters.queries;
    QueryId const id{++state.last_query};
    auto& query = state.queries[id];
    query.kind = given.kind;
    query.request = given.request;
    query.is_from_outside = given.is_from_outside;
    query.key = std::move(given.key);
    query.value = std::move(given.value);
    query.target = given.target;
    query.wanted = given.wanted;
    query.started = step.env.now;
    query.deadline = step.env.now + state.config.query_timeout;
    state.timers.set({Timer::Kind::query, id.value}, query.deadline);
    if (query.kind != QueryKind::ask) {
        start_lookup(state, query);
        touch_bucket(state, key_of(query.key), step.env.now);
    }
    return id;
}

void advance_query(Step& step, QueryId id) {
    auto& state = step.state;
    auto const found = state.queries.find(id);
    if (found == state.queries.end()) return;
    auto& query = found->second;
    if (query.telling || query.kind == QueryKind::ask) return;
    if (has_result(query, step.env.now)) return conclude(step, id, false);
    if (query.lookup.empty()) return fail_query(step, id, Failure::no_peers);
    // Asking never ends this query: it makes a request, or says that it cannot.
    while (auto const candidate = query.lookup.next(state.config)) {
        auto const& next = query.lookup.at(*candidate);
        if (!ask(step, {next.id, message_type(query.kind), id, *candidate}, next.addresses))
            query.lookup.on_unaskable(*candidate);
    }
    if (query.lookup.is_over(state.config)) conclude(step, id, false);
}

void on_query_answered(Step& step, QueryId id, CandidateId candidate, PeerKey from, Message const& answer) {
    auto& state = step.state;
    auto const found = state.queries.find(id);
    if (found == state.queries.end()) return;
    auto& query = found->second;
    auto told = plausible(state, answer.closer);
    PeersTold event{from, {}};
    for (auto const& peer : told) {
        if (!peer.addresses.empty() && event.peers.size() < state.config.bucket_size) event.peers.push_back(peer);
    }
    if (!event.peers.empty()) step.out.events.emplace_back(std::move(event));
    if (query.kind == QueryKind::ask) {
        query.providers = std::move(told);  // as they were told
        return conclude(step, id, false);
    }
    if (query.kind == QueryKind::find_peer) note_target(step, id, candidate, told);
    if (query.kind == QueryKind::find_providers) note_providers(query, state, answer.providers);
    if (query.kind == QueryKind::get_value && answer.record) note_value(step, query, candidate, from, *answer.record);
    query.lookup.on_answer(candidate, askable(state, std::move(told)), state.config);
    advance_query(step, id);
}

void on_query_unanswered(Step& step, QueryId id, CandidateId candidate, Failure why) {
    auto const found = step.state.queries.find(id);
    if (found == step.state.queries.end()) return;
    if (found->second.kind == QueryKind::ask) return fail_query(step, id, why);
    found->second.lookup.on_failure(candidate);
    advance_query(step, id);
}

void on_query_slow(Step& step, QueryId id, CandidateId candidate) {
    auto const found = step.state.queries.find(id);
    if (found == step.state.queries.end() || found->second.telling || found->second.kind == QueryKind::ask) return;
    found->second.lookup.on_slow(candidate);
    advance_query(step, id);
}

void on_query_due(Step& step, QueryId id) {
    auto const found = step.state.queries.find(id);
    base::check(found != step.state.queries.end(), "kademlia: a timer without its query");
    conclude(step, id, found->second.deadline <= step.env.now);
}

void on_find_peer(Step& step, FindPeer const& find) {
    auto& state = step.state;
    if (find.id.empty()) return refuse_query(step, find.request, Failure::invalid);
    auto const* const peer = connected_peer(state, find.id);
    auto addresses = peer != nullptr ? addresses_of(state, *peer) : std::vector<Multiaddr>{};
    if (find.id == state.config.self) addresses = state.own_addresses;
    if (!addresses.empty()) {
        if (find.request) step.out.events.emplace_back(Found{find.request, {find.id, std::move(addresses)}, {}});
        return;
    }
    start_and_advance(step, {.kind = QueryKind::find_peer, .request = find.request, .is_from_outside = true,
                             .key = base::to_byte_string(find.id.bytes()), .target = find.id});
}

void on_find_closest(Step& step, FindClosest const& find) {
    if (!is_key(find.key)) return refuse_query(step, find.request, Failure::invalid);
    start_and_advance(
        step, {.kind = QueryKind::find_closest, .request = find.request, .is_from_outside = true, .key = find.key});
}

void on_ask_closest(Step& step, AskClosest const& order) {
    auto& state = step.state;
    if (!is_key(order.key)) return refuse_query(step, order.request, Failure::invalid);
    auto const peer = state.peers.find(order.peer);
    if (peer == state.peers.end()) return refuse_query(step, order.request, Failure::connection_lost);
    auto const id = start_query(
        step, {.kind = QueryKind::ask, .request = order.request, .is_from_outside = true, .key = order.key});
    if (!id) return;
    if (!ask(step, {peer->second.id, MessageType::find_node, id, 0}, {})) fail_query(step, id, Failure::not_supported);
}

void on_find_providers(Step& step, FindProviders const& find) {
    auto& state = step.state;
    if (!is_key(find.key) || find.wanted == 0) return refuse_query(step, find.request, Failure::invalid);
    auto const id = start_query(step, {.kind = QueryKind::find_providers,
                                       .request = find.request,
                                       .is_from_outside = true,
                                       .key = find.key,
                                       .wanted = std::min(find.wanted, providers_in_max)});
    if (!id) return;
    auto& query = state.queries.at(id);
    note_providers(query, state, state.providers.providers(find.key, query.wanted, step.env, state.config));
    if (query.lookup.empty() && !query.providers.empty()) return conclude(step, id, false);
    advance_query(step, id);
}

void on_put_value(Step& step, PutValue const& put) {
    auto const& config = step.state.config;
    auto const fits = put.value.size() + 2 * key_bytes_max + 64 <= request_bytes_max;
    auto const is_valid = is_key(put.key) && fits && config.validate(put.key, put.value);
    if (!is_valid) return refuse_query(step, put.request, Failure::invalid);
    start_and_advance(step, {.kind = QueryKind::put_value,
                             .request = put.request,
                             .is_from_outside = true,
                             .key = put.key,
                             .value = put.value});
}

void on_get_value(Step& step, GetValue const& get) {
    auto& state = step.state;
    if (!is_key(get.key)) return refuse_query(step, get.request, Failure::invalid);
    if (auto const* stored = state.values.find(get.key, step.env.now)) {
        if (get.request) step.out.events.emplace_back(Value{get.request, stored->value, {}});
        return;
    }
    start_and_advance(step,
                      {.kind = QueryKind::get_value, .request = get.request, .is_from_outside = true, .key = get.key});
}

}  // namespace libp2p::kademlia
