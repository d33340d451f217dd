// Who is known, and who is next.
#include "mina/crawl/steps.h"

#include "base/check.h"
#include "libp2p/kademlia/addresses.h"

#include <algorithm>

namespace mina::crawl {

using libp2p::Multiaddr;

namespace {

constexpr std::size_t hosts_pruned_from = 4096;

/// What is dialed in the end, as far as it can be told: an IPv4 address, a /64 of IPv6; all names are one, since each
/// may lead anywhere. Empty: private, of which there is no need to be careful.
base::ByteString host_of(Multiaddr const& address) {
    if (libp2p::kademlia::is_private(address)) return {};
    auto const socket = address.socket_address();
    if (!socket) return base::to_byte_string(base::as_bytes("name"));
    auto const ip = socket->ip.view();
    return base::to_byte_string(socket->ip.v6 ? ip.first(8) : ip);
}

void prune_hosts(State& state, base::Instant now) {
    if (state.hosts.size() < hosts_pruned_from) return;
    std::erase_if(state.hosts, [now](auto const& host) { return host.second <= now; });
}

/// When all of its hosts can take the target; addresses of those that cannot in time are dropped.
base::Instant book(Step& step, Target& target) {
    auto& state = step.state;
    auto const now = step.env.now;
    auto const turn_of = [&](Multiaddr const& address) {
        auto const found = state.hosts.find(host_of(address));
        return found != state.hosts.end() ? found->second : now;
    };
    std::erase_if(target.addresses, [&](Multiaddr const& address) {
        return turn_of(address) > now + state.config.host_patience;
    });
    auto turn = now;
    for (auto const& address : target.addresses) turn = std::max(turn, turn_of(address));
    for (auto const& address : target.addresses) {
        if (auto host = host_of(address); !host.empty())
            state.hosts[std::move(host)] = turn + state.config.host_interval;
    }
    prune_hosts(state, now);
    return turn;
}

}  // namespace

Target* target_of(Step& step, libp2p::PeerId const& peer) {
    auto& state = step.state;
    if (auto const found = state.by_peer.find(peer); found != state.by_peer.end())
        return &state.targets.at(found->second);
    if (state.by_peer.size() >= state.config.peers_max) {
        ++state.counters.beyond_max;
        return nullptr;
    }
    TargetId const id{++state.last_target};
    state.by_peer.emplace(peer, id);
    ++state.counters.found;
    auto& target = state.targets[id];
    target.peer = peer;
    return &target;
}

void add_address(State const& state, Target& target, Multiaddr const& address) {
    auto const plain = address.without_peer_id();
    if (plain.empty() || target.addresses.size() >= state.config.addresses_max) return;
    if (std::ranges::find(target.addresses, plain) == target.addresses.end()) target.addresses.push_back(plain);
}

void place(Step& step, TargetId id, std::vector<Multiaddr> const& told) {
    auto& state = step.state;
    auto& target = state.targets.at(id);
    auto const is_open =
        target.standing == Standing::unplaced || (target.standing == Standing::waiting && !target.is_booked);
    if (!is_open) return;
    auto const& config = state.config;
    auto const taken = libp2p::kademlia::accepted(told, target.peer, config.private_addresses, config.addresses_max);
    for (auto const& address : taken) add_address(state, target, address);
    if (target.standing == Standing::unplaced && !target.addresses.empty()) enqueue(step, id, step.env.now);
}

void enqueue(Step& step, TargetId id, base::Instant due) {
    auto& target = step.state.targets.at(id);
    base::check(target.standing != Standing::waiting, "crawl: waits once");
    target.standing = Standing::waiting;
    target.due = due;
    step.state.queue.emplace(due, id);
}

void leave_queue(State& state, TargetId id) {
    auto& target = state.targets.at(id);
    base::check(target.standing == Standing::waiting, "crawl: in the queue");
    state.queue.erase({target.due, id});
    target.standing = Standing::unplaced;
}

TargetId take_next(Step& step) {
    auto& state = step.state;
    // Each turn of this loop takes a target out, or books it, which happens once to each attempt.
    while (!state.queue.empty() && state.queue.begin()->first <= step.env.now) {
        auto const id = state.queue.begin()->second;
        auto& target = state.targets.at(id);
        leave_queue(state, id);
        if (target.is_given || target.is_booked) return id;
        auto const turn = book(step, target);
        if (target.addresses.empty()) {
            report_unreached(step, id, "too many peers are said to be at its addresses");
            continue;
        }
        target.is_booked = true;
        if (turn <= step.env.now) return id;
        enqueue(step, id, turn);
    }
    return {};
}

}  // namespace mina::crawl
