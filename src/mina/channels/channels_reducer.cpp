#include "mina/channels/channels_reduction.h"
#include "mina/channels/channels_room.h"

#include "base/check.h"

#include <algorithm>

namespace mina::channels {
namespace {

/// Of a message that had its verdict.
void count(Counters& counters, Acceptance acceptance, Why why) {
    switch (acceptance) {
        case Acceptance::accept: ++counters.accepted; return;
        case Acceptance::reject: ++counters.rejected; return;
        case Acceptance::ignore: ++counters.ignored.at(static_cast<std::size_t>(why)); return;
    }
}

void add(InFlight& in_flight, std::uint64_t bytes) {
    ++in_flight.messages;
    in_flight.bytes += bytes;
}

void remove(InFlight& in_flight, std::uint64_t bytes) {
    base::check(in_flight.messages > 0, "channels: messages in flight are counted");
    base::check(in_flight.bytes >= bytes, "channels: bytes in flight are counted");
    --in_flight.messages;
    in_flight.bytes -= bytes;
}

}  // namespace

std::string_view to_string(Why why) {
    switch (why) {
        case Why::application: return "application";
        case Why::over_rate: return "over rate";
        case Why::over_rate_of_host: return "over rate of host";
        case Why::too_much_in_flight: return "too much in flight";
        case Why::channel_full: return "channel full";
        case Why::timed_out: return "timed out";
    }
    return "?";
}

State::State(Config const& given) : config(given) {
    base::check(config.share > 0, "channels: a peer has some share of the room");
    for (std::size_t i = 0; i < kind_count; ++i) capacities[i] = capacity_of(config.limits[i].rate, config.window);
}

void Reduction::operator()(MessageArrived const& message) {
    base::check(!state_.pending.contains(message.key), "channels: a message arrives once");
    auto& peer = peer_of(message.via);
    for (auto* const counters : {&peer.channels.at(index_of(message.kind)).counters,
                                 &state_.totals.at(index_of(message.kind)).counters}) {
        ++counters->received;
        counters->bytes += message.bytes;
    }
    if (auto const why = refusal_of(peer, message)) {
        refuse(peer, message, *why);
    } else {
        await_verdict(peer, message);
    }
    rest(message.via, peer);
}

std::optional<Why> Reduction::refusal_of(Peer& peer, MessageArrived const& message) {
    if (auto const why = charge(peer, message)) return why;
    return lack_of_room(state_.config, message.kind, state_.totals.at(index_of(message.kind)).in_flight,
                        peer.channels.at(index_of(message.kind)).in_flight, message.bytes);
}

// mina: both the peer's and the host's have to have room (rate_limiter.ml). A message that its host has no room for is
// spent by the peer all the same: who goes on sending then runs over its own rate.
std::optional<Why> Reduction::charge(Peer& peer, MessageArrived const& message) {
    auto const score = std::max<std::uint32_t>(message.score, 1);
    auto& of_peer = peer.channels.at(index_of(message.kind)).budget;
    if (!of_peer.admits(score, env_.now)) return Why::over_rate;
    of_peer.spend(score, env_.now);
    if (!peer.host) return std::nullopt;
    auto& of_host = state_.hosts.at(peer.host).budgets.at(index_of(message.kind));
    if (!of_host.admits(score, env_.now)) return Why::over_rate_of_host;
    of_host.spend(score, env_.now);
    return std::nullopt;
}

void Reduction::refuse(Peer& peer, MessageArrived const& message, Why why) {
    count(peer.channels.at(index_of(message.kind)).counters, Acceptance::ignore, why);
    count(state_.totals.at(index_of(message.kind)).counters, Acceptance::ignore, why);
    out_.effects.emplace_back(GiveVerdict{message.key, Acceptance::ignore, why});
    if (why == Why::over_rate) fault(message.via, peer, Fault::over_rate, message.kind);
    if (why == Why::over_rate_of_host) fault(message.via, peer, Fault::over_rate_of_host, message.kind);
}

void Reduction::await_verdict(Peer& peer, MessageArrived const& message) {
    add(peer.channels.at(index_of(message.kind)).in_flight, message.bytes);
    add(state_.totals.at(index_of(message.kind)).in_flight, message.bytes);
    state_.pending.emplace(message.key, Pending{message.kind, message.via, message.bytes});
    state_.verdicts.set(message.key,
                        env_.now + state_.config.limits.at(index_of(message.kind)).verdict_time);
    out_.effects.emplace_back(AskVerdict{message.key, message.kind, message.via});
}

void Reduction::operator()(VerdictGiven const& verdict) {
    if (!state_.pending.contains(verdict.key)) {
        ++state_.late_verdicts;
        return env_.trace.record({"channels", "late verdict", verdict.key.value, state_.late_verdicts});
    }
    state_.verdicts.cancel(verdict.key);
    settle(verdict.key, verdict.acceptance, Why::application);
}

/// Ends a message that is pending; its deadline is gone already.
void Reduction::settle(MessageKey key, Acceptance acceptance, Why why) {
    auto const at = state_.pending.find(key);
    base::check(at != state_.pending.end(), "channels: what is settled was pending");
    auto const pending = at->second;
    state_.pending.erase(at);
    auto const found = state_.peers.find(pending.via);
    base::check(found != state_.peers.end(), "channels: a peer is kept while its messages are in flight");
    auto& channel = found->second.channels.at(index_of(pending.kind));
    auto& totals = state_.totals.at(index_of(pending.kind));
    remove(channel.in_flight, pending.bytes);
    remove(totals.in_flight, pending.bytes);
    count(channel.counters, acceptance, why);
    count(totals.counters, acceptance, why);
    out_.effects.emplace_back(GiveVerdict{key, acceptance, why});
    if (acceptance == Acceptance::reject) fault(pending.via, found->second, Fault::rejected_message, pending.kind);
    rest(pending.via, found->second);
}

void Reduction::operator()(MessageUnfit const& unfit) {
    auto& peer = peer_of(unfit.via);
    if (unfit.kind) {
        ++peer.channels.at(index_of(*unfit.kind)).counters.unfit;
        ++state_.totals.at(index_of(*unfit.kind)).counters.unfit;
    } else {
        ++state_.unfit_of_no_kind;
    }
    fault(unfit.via, peer, Fault::unfit_message, std::nullopt);
    rest(unfit.via, peer);
}

void Reduction::operator()(Tick const&) {
    while (auto const key = state_.verdicts.pop_due(env_.now)) {
        env_.trace.record({"channels", to_string(Why::timed_out), key->value, 0});
        settle(*key, Acceptance::ignore, Why::timed_out);
    }
    while (auto const peer = state_.idle_peers.pop_due(env_.now)) state_.peers.erase(*peer);
    while (auto const host = state_.idle_hosts.pop_due(env_.now)) state_.hosts.erase(*host);
}

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    std::visit(Reduction(state, env, out), action);
}

base::Instant next_deadline(State const& state) {
    return std::min({state.verdicts.next().value_or(base::Instant::never()),
                     state.idle_peers.next().value_or(base::Instant::never()),
                     state.idle_hosts.next().value_or(base::Instant::never())});
}

}  // namespace mina::channels
