#include "mina/channels/channels_reduction.h"

#include "base/check.h"

#include <algorithm>
#include <limits>

namespace mina::channels {
namespace {

/// A budget for each kind.
std::array<Budget, kind_count> budgets_of(State const& state) {
    std::array<Budget, kind_count> budgets;
    for (std::size_t i = 0; i < kind_count; ++i) budgets[i] = Budget(state.capacities[i], state.config.window);
    return budgets;
}

/// Forgets those longest unused, while there are too many.
template <class Key, class Value>
void trim(std::map<Key, Value>& all, base::Timers<Key>& idle, std::size_t most) {
    while (all.size() > most) {
        auto const oldest = idle.next_key();
        if (!oldest) return;
        all.erase(*oldest);
        idle.cancel(*oldest);
    }
}

bool is_used(Peer const& peer) {
    return peer.is_connected ||
           std::ranges::any_of(peer.channels, [](Channel const& channel) { return channel.in_flight.messages != 0; });
}

}  // namespace

std::string_view to_string(Fault fault) {
    switch (fault) {
        case Fault::unfit_message: return "unfit message";
        case Fault::rejected_message: return "rejected message";
        case Fault::over_rate: return "over rate";
        case Fault::over_rate_of_host: return "over rate of host";
    }
    return "?";
}

std::uint32_t faults_max(Config const& config, Fault fault, std::optional<GossipKind> kind) {
    auto const* const limits = kind ? &config.limits.at(index_of(*kind)) : nullptr;
    switch (fault) {
        case Fault::unfit_message: return config.unfit_max;
        case Fault::rejected_message: return limits != nullptr ? limits->rejected_max : 0;
        case Fault::over_rate: return limits != nullptr ? limits->over_rate_max : 0;
        case Fault::over_rate_of_host: return 0;
    }
    return 0;
}

void Reduction::operator()(PeerReady const& ready) {
    auto& peer = peer_of(ready.peer);
    peer.is_connected = true;
    use_host(peer, ready.host);
    rest(ready.peer, peer);
}

void Reduction::operator()(PeerGone const& gone) {
    auto const found = state_.peers.find(gone.peer);
    if (found == state_.peers.end() || !found->second.is_connected) return;
    found->second.is_connected = false;
    leave_host(found->second);
    rest(gone.peer, found->second);
}

/// Of a peer that may be new. The caller has it rest() afterwards.
Peer& Reduction::peer_of(PeerId const& id) {
    if (auto const found = state_.peers.find(id); found != state_.peers.end()) return found->second;
    auto& peer = state_.peers[id];
    auto budgets = budgets_of(state_);
    for (std::size_t i = 0; i < kind_count; ++i) peer.channels[i].budget = std::move(budgets[i]);
    return peer;
}

void Reduction::use_host(Peer& peer, HostId host) {
    if (peer.host == host) return;
    leave_host(peer);
    if (!host) return;
    auto found = state_.hosts.find(host);
    if (found == state_.hosts.end()) {
        found = state_.hosts.emplace(host, Host{0, budgets_of(state_)}).first;
    }
    ++found->second.peers;
    state_.idle_hosts.cancel(host);
    peer.host = host;
    trim(state_.hosts, state_.idle_hosts, state_.config.hosts_max);
}

void Reduction::leave_host(Peer& peer) {
    if (!peer.host) return;
    auto& host = state_.hosts.at(peer.host);
    base::check(host.peers > 0, "channels: peers of a host are counted");
    if (--host.peers == 0) state_.idle_hosts.set(peer.host, env_.now + state_.config.window);
    peer.host = {};
    trim(state_.hosts, state_.idle_hosts, state_.config.hosts_max);
}

/// The end of each action on a peer, and maybe of the peer: one that is not used is forgotten a window later, or when
/// there are too many.
void Reduction::rest(PeerId const& id, Peer const& peer) {
    state_.idle_peers.set(id, is_used(peer) ? base::Instant::never() : env_.now + state_.config.window);
    trim(state_.peers, state_.idle_peers, state_.config.peers_max);
}

void Reduction::fault(PeerId const& id, Peer& peer, Fault what, std::optional<GossipKind> kind) {
    base::check(kind.has_value() != (what == Fault::unfit_message), "channels: all but unfit messages count by kind");
    auto& seen =
        kind ? peer.channels.at(index_of(*kind)).faults.at(static_cast<std::size_t>(what)) : peer.unfit;
    if (seen.count == 0 || env_.now - seen.since >= state_.config.window) seen = {env_.now, 0};
    if (seen.count < std::numeric_limits<std::uint32_t>::max()) ++seen.count;
    auto const most = faults_max(state_.config, what, kind);
    auto const is_power_of_two = (seen.count & (seen.count - 1)) == 0;
    if (!is_power_of_two && (most == 0 || seen.count % most != 0)) return;
    env_.trace.record({"channels", to_string(what), 0, seen.count});
    out_.events.push_back(Misbehaved{id, what, kind, seen.count, most != 0 && seen.count >= most});
}

}  // namespace mina::channels
