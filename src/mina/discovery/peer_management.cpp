// Whom to dial, and whom to part with. The one place that decides it.
#include "mina/discovery/steps.h"

#include <algorithm>
#include <utility>

namespace mina::discovery {

std::size_t dials_wanted(Config const& config, libp2p::peerstore::Census const& census) {
    auto const missing = [](std::size_t have, std::size_t want) { return have < want ? want - have : 0; };
    auto const peers = missing(census.connected + census.connecting, config.peers_target);
    auto const outbound = missing(census.outbound + census.connecting, config.outbound_min);
    auto const room = missing(census.connecting, config.connecting_max);
    return std::min(std::max(peers, outbound), room);
}

namespace {

constexpr base::Duration nameless_first = std::chrono::seconds(10);
constexpr base::Duration nameless_max = std::chrono::minutes(5);

// Addresses that nobody is known at. The operator's are tried for ever, the seeds' while peers are few.
void attempt_nameless(Step& step) {
    auto& state = step.state;
    auto const has_few = state.book.census().connected < state.config.peers_min;
    for (auto& nameless : state.nameless) {
        if (step.env.now < nameless.next_at || (nameless.is_seed && !has_few)) continue;
        auto wait = nameless_first;
        for (std::uint32_t i = 0; i < nameless.dials && wait < nameless_max; ++i) wait *= 2;
        nameless.next_at = step.env.now + std::min(wait, nameless_max);
        ++nameless.dials;
        step.out.effects.emplace_back(AttemptConnection{{}, {nameless.address}, false, false});
    }
}

void attempt(Step& step, libp2p::PeerId const& id) {
    auto& book = step.state.book;
    auto addresses = book.begin_dial(id, step.env.now, &step.gate);
    if (addresses.empty()) return;
    auto const is_hearsay = !book.find(id)->is_protected();
    step.out.effects.emplace_back(AttemptConnection{id, std::move(addresses), /*keep=*/false, is_hearsay});
}

// Whoever dials them keeps trying, and a rule against them stands in the way only as long as it holds: one order does.
void order_kept(Step& step) {
    for (auto& [id, is_ordered] : step.state.kept) {
        auto const* const peer = step.state.book.find(id);
        if (peer == nullptr || std::exchange(is_ordered, true)) continue;
        AttemptConnection order{id, {}, /*keep=*/true, false};
        for (auto const* const known : dial_order(*peer)) order.addresses.push_back(known->address);
        if (!order.addresses.empty()) step.out.effects.emplace_back(std::move(order));
    }
}

bool is_protected(Step const& step, libp2p::PeerId const& peer) {
    if (step.state.kept.contains(peer) || step.gate.is_trusted(peer)) return true;
    auto const found = step.state.connections.find(peer);
    auto const at = found != step.state.connections.end() ? found->second.socket_address() : std::nullopt;
    return at && step.gate.is_trusted(at->ip);
}

bool may_be_trimmed(Step const& step, libp2p::peerstore::KnownPeer const& peer,
                    std::vector<libp2p::PeerId> const& mesh) {
    if (!peer.is_connected() || step.env.now - peer.connected_at < step.state.config.trim_grace) return false;
    return !is_protected(step, peer.id) && std::ranges::find(mesh, peer.id) == mesh.end();
}

}  // namespace

void attempt_connections(Step& step) {
    attempt_nameless(step);
    order_kept(step);
    auto wanted = dials_wanted(step.state.config, step.state.book.census());
    if (wanted == 0) return;
    auto const count = wanted + step.state.kept.size();
    for (auto const& id : step.state.book.candidates(step.env.now, count, step.gate, step.env.rng)) {
        if (wanted == 0) return;
        if (step.state.kept.contains(id)) continue;
        attempt(step, id);
        --wanted;
    }
}

bool is_welcome(Step const& step, libp2p::PeerId const& peer) {
    auto const& state = step.state;
    auto const now = state.book.census();
    if (now.connected <= state.config.peers_target || is_protected(step, peer)) return true;
    auto const* const known = state.book.find(peer);
    return known != nullptr && known->is_outbound && now.outbound <= state.config.outbound_min;
}

void schedule_trim(Step& step) {
    auto& state = step.state;
    if (state.trim_at != base::Instant::never() || state.book.census().connected <= state.config.peers_max) return;
    state.trim_at = step.env.now + state.config.trim_grace;
}

void trim(Step& step, std::vector<libp2p::PeerId> const& mesh) {
    auto& state = step.state;
    state.trim_at = base::Instant::never();
    auto const before = state.book.census();
    if (before.connected <= state.config.peers_max) return;
    std::vector<libp2p::PeerId> candidates;
    for (auto const& [id, peer] : state.book.peers()) {
        if (may_be_trimmed(step, peer, mesh)) candidates.push_back(id);
    }
    auto excess = before.connected - state.config.peers_target;
    auto outbound = before.outbound;
    while (excess > 0 && !candidates.empty()) {
        auto const chosen = static_cast<std::size_t>(step.env.rng.below(candidates.size()));
        auto const id = candidates[chosen];
        candidates[chosen] = candidates.back();
        candidates.pop_back();
        if (state.book.find(id)->is_outbound && outbound <= state.config.outbound_min) continue;
        if (state.book.find(id)->is_outbound) --outbound;
        --excess;
        step.out.effects.emplace_back(HangUp{id});
    }
    // Those that were too young may be trimmed later.
    if (excess > state.config.peers_max - state.config.peers_target) schedule_trim(step);
}

}  // namespace mina::discovery
