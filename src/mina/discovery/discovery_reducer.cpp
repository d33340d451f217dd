// Rounds and sources.
#include "mina/discovery/discovery.h"

#include "libp2p/wire/peer_id.h"
#include "mina/discovery/steps.h"

#include <algorithm>
#include <tuple>

namespace mina::discovery {

using libp2p::peerstore::Learned;
using libp2p::peerstore::Source;

void learn(Step& step, PeerAddresses const& peer, Source source, libp2p::PeerId const& by) {
    auto const learned = step.state.book.learn(peer.id, peer.addresses, source, by, step.env.now);
    if (learned == Learned::added) ++step.state.found;
}

namespace {

constexpr std::size_t lookups_told_max = 256;  // as many as Kademlia keeps

// A key of the form that every implementation takes, Mina's Rust node included: the multihash of a SHA-256.
base::ByteString random_key(base::Rng& rng) {
    base::ByteString key(34, 0);
    rng.fill_public(key);
    key[0] = 0x12;
    key[1] = 0x20;
    return key;
}

void learn_configured(Step& step, std::vector<libp2p::Multiaddr> const& addresses, Source source) {
    for (auto const& address : addresses) {
        if (auto const id = address.peer_id()) {
            learn(step, {*id, {address}}, source, {});
        } else {
            step.state.nameless.push_back({address, source == Source::seed, step.env.now, 0});
        }
    }
}

// The best of the book, for lookups to begin with.
void tell_lookups(Step& step) {
    std::vector<std::pair<libp2p::peerstore::DialRank, libp2p::peerstore::KnownPeer const*>> ranked;
    for (auto const& [id, peer] : step.state.book.peers()) {
        if (!step.gate.refusal(&id, nullptr, step.env.now)) ranked.emplace_back(dial_rank(peer, step.env.now), &peer);
    }
    std::ranges::sort(ranked, [](auto const& a, auto const& b) {
        return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id);
    });
    TellLookups tell;
    for (auto const& [rank, peer] : ranked) {
        if (tell.peers.size() >= lookups_told_max) break;
        auto& told = tell.peers.emplace_back(PeerAddresses{peer->id, {}});
        for (auto const* const known : dial_order(*peer)) told.addresses.push_back(known->address);
    }
    if (!tell.peers.empty()) step.out.effects.emplace_back(std::move(tell));
}

void on(Step& step, Started const& action) {
    auto& state = step.state;
    for (auto const& address : state.config.operator_peers) {
        if (auto const id = address.peer_id()) state.kept.emplace(*id, false);
    }
    learn_configured(step, state.config.operator_peers, Source::operator_given);
    learn_configured(step, state.config.seeds, Source::seed);
    state.book.load(action.stored, step.env.now);
    if (state.config.has_kademlia) {
        tell_lookups(step);
        if (!state.config.rendezvous.empty()) state.provide_at = step.env.now;
    }
    state.next_at = step.env.now;
    state.upkeep_at = step.env.now + state.config.upkeep_interval;
}

base::Duration interval(State const& state) {
    auto const& config = state.config;
    return state.book.census().connected < config.peers_min ? config.interval_low : config.interval;
}

void end_round(Step& step) {
    auto& state = step.state;
    state.phase = Phase::idle;
    state.asked.clear();
    state.round_ends = base::Instant::never();
    auto const between = interval(state);
    state.next_at = step.env.now + step.env.rng.between(between * 3 / 4, between * 5 / 4);
    step.out.events.push_back({state.found, state.book.size()});
    state.found = 0;
    attempt_connections(step);
}

void ask_sources(Step& step) {
    auto& state = step.state;
    auto const& config = state.config;
    auto const now = step.env.now;
    auto const has_enough = state.book.census().connected >= config.peers_target;
    if (!config.has_kademlia || config.peers_target == 0 || (has_enough && now < state.search_at)) return;
    state.search_at = now + config.search_interval;
    state.asked.insert(Query::closest);
    step.out.effects.emplace_back(AskClosest{random_key(step.env.rng)});
    if (config.rendezvous.empty()) return;
    state.asked.insert(Query::providers);
    step.out.effects.emplace_back(AskProviders{config.rendezvous});
}

void begin_round(Step& step) {
    auto& state = step.state;
    state.phase = Phase::discovering;
    ++state.rounds;
    state.next_at = base::Instant::never();
    state.round_ends = step.env.now + state.config.round_timeout;
    ask_sources(step);
    attempt_connections(step);
    if (state.asked.empty()) end_round(step);
}

void on(Step& step, DiscoverPeers const& action) {
    auto& state = step.state;
    auto const now = step.env.now;
    if (state.trim_at <= now) trim(step, action.mesh);
    if (state.provide_at <= now) {
        state.provide_at = now + state.config.round_timeout + state.config.provide_retry;
        step.out.effects.emplace_back(Provide{state.config.rendezvous});
    }
    if (state.upkeep_at <= now) {
        state.book.choose_anchors(now);
        state.upkeep_at = now + state.config.upkeep_interval;
    }
    if (state.phase == Phase::discovering && state.round_ends <= now) end_round(step);
    if (state.phase == Phase::idle && state.next_at <= now) begin_round(step);
}

void on(Step& step, QueryAnswered const& action) {
    auto const source = action.query == Query::providers ? Source::provider : Source::kademlia;
    for (auto const& peer : action.peers) learn(step, peer, source, {});
    attempt_connections(step);
    if (step.state.asked.erase(action.query) > 0 && step.state.asked.empty()) end_round(step);
}

void on(Step& step, ProvideAnswered const& action) {
    auto& state = step.state;
    if (state.config.rendezvous.empty()) return;
    state.provide_at = action.is_done ? base::Instant::never() : step.env.now + state.config.provide_retry;
}

void on(Step& step, PeersTold const& action) {
    for (auto const& peer : action.peers) learn(step, peer, action.source, action.by);
    attempt_connections(step);
}

}  // namespace

void reduce(State& state, Action const& action, libp2p::peerstore::Gate const& gate, base::Env const& env, Out& out) {
    Step step{state, gate, env, out};
    std::visit([&](auto const& what) { on(step, what); }, action);
    for (auto& order : state.book.take_orders(env.now)) out.effects.emplace_back(Remember{std::move(order)});
}

base::Instant next_deadline(State const& state) {
    return std::min({state.next_at, state.round_ends, state.provide_at, state.trim_at, state.upkeep_at});
}

void describe(State const& state, base::Describer& describer) {
    base::DescribeScope const scope(describer, "discovery");
    describer.field("phase", to_string(state.phase));
    describer.field("rounds", state.rounds);
    describer.field("next_at", state.next_at);
    describer.field("round_ends", state.round_ends);
    describer.field("found", state.found);
    for (auto const query : state.asked) describer.field("asked", to_string(query));
    describer.field("search_at", state.search_at);
    describer.field("provide_at", state.provide_at);
    describer.field("trim_at", state.trim_at);
    describer.field("upkeep_at", state.upkeep_at);
    for (auto const& [id, is_ordered] : state.kept) describer.bytes(is_ordered ? "kept" : "to be kept", id.bytes());
    for (auto const& nameless : state.nameless) {
        base::DescribeScope const entry(describer, "nameless", nameless.address.text());
        describer.field("next_at", nameless.next_at);
        describer.field("dials", nameless.dials);
    }
    for (auto const& [id, address] : state.connections) describer.bytes(id.text(), address.bytes());
    state.book.describe(describer);
}

}  // namespace mina::discovery
