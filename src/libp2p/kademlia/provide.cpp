#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/steps.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

void set_republish_timer(State& state) {
    auto next = base::Instant::never();
    for (auto const& [key, own] : state.own_keys) next = std::min(next, own.next);
    state.timers.set({Timer::Kind::republish, 0}, next);
}

/// A tenth more or less, so that nodes that began together do not stay together.
base::Duration jittered(base::Env const& env, base::Duration about) {
    return env.rng.between(about - about / 10, about + about / 10);
}

}  // namespace

void on_provide(Step& step, Provide const& provide) {
    auto& state = step.state;
    if (provide.key.empty() || provide.key.size() > key_bytes_max)
        return refuse_query(step, provide.request, Failure::invalid);
    if (!state.own_keys.contains(provide.key) && state.own_keys.size() >= state.config.own_keys_max) {
        return refuse_query(step, provide.request, Failure::too_many);
    }
    state.own_keys[provide.key].next = step.env.now + state.config.republish_soon;  // in case that it cannot start
    auto const id = start_query(step, {.kind = QueryKind::provide, .request = provide.request, .is_from_outside = true,
                                       .key = provide.key});
    set_republish_timer(state);
    if (id) advance_query(step, id);
}

void on_stop_providing(Step& step, StopProviding const& stop) {
    step.state.own_keys.erase(stop.key);
    set_republish_timer(step.state);
}

void on_own_addresses(Step& step, OwnAddresses const& own) {
    auto& state = step.state;
    auto const had_none = state.own_addresses.empty();
    state.own_addresses =
        accepted(own.addresses, state.config.self, state.config.private_addresses, peer_addresses_max);
    if (!had_none || state.own_addresses.empty()) return;
    for (auto& [key, provided] : state.own_keys) provided.next = std::min(provided.next, step.env.now);
    set_republish_timer(state);
}

/// At most one key a time: it is asked for again when that has begun.
void on_republish_due(Step& step) {
    auto& state = step.state;
    auto const due = std::ranges::min_element(state.own_keys, {}, [](auto const& entry) { return entry.second.next; });
    if (due == state.own_keys.end()) return;
    if (due->second.next <= step.env.now) {
        auto const key = due->first;
        due->second.next = step.env.now + state.config.query_timeout + state.config.republish_soon;
        auto const id = start_query(step, {.kind = QueryKind::provide, .key = key});
        set_republish_timer(state);
        advance_query(step, id);
        return;
    }
    set_republish_timer(state);
}

void on_provided(Step& step, base::ByteString const& key, std::size_t told) {
    auto& state = step.state;
    auto const found = state.own_keys.find(key);
    if (found == state.own_keys.end()) return;
    auto& own = found->second;
    auto wait = state.config.republish_interval;
    if (told < state.config.told_wanted) {
        constexpr std::uint32_t doublings_max = 16;
        wait = std::min(wait, state.config.republish_soon * (1 << std::min(own.short_rounds, doublings_max)));
        ++own.short_rounds;
    } else {
        own.short_rounds = 0;
    }
    own.next = step.env.now + jittered(step.env, wait);
    set_republish_timer(state);
}

}  // namespace libp2p::kademlia
