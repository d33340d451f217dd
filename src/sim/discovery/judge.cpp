// Times, figures, and what is wrong.
#include "sim/discovery/gathering.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::discovery {

std::size_t Gathering::living_peers(NodeIndex node) const {
    auto const& peers = attendants_[node].peers;
    auto const lives = [&](NodeIndex peer) { return attendants_[peer].member != nullptr; };
    return static_cast<std::size_t>(std::ranges::count_if(peers, lives));
}

/// Of the end of the start: a node that comes first may wait for the others.
std::size_t Gathering::possible(std::size_t wanted) const {
    auto const expected = std::max(living_, options_.nodes / 2);
    return std::min(wanted, expected - 1);
}

Times Gathering::times(std::vector<NodeIndex> const& nodes, std::optional<base::Instant> Attendant::* when) const {
    Times result;
    std::vector<base::Duration> all;
    for (auto const node : nodes) {
        auto const& attendant = attendants_[node];
        ++result.of;
        if (attendant.*when) all.push_back(*(attendant.*when) - attendant.since);
    }
    result.reached = all.size();
    if (all.empty()) return result;
    std::ranges::sort(all);
    result.median = all[all.size() / 2];
    result.max = all.back();
    return result;
}

/// From one node all others can be reached, along connections that both sides know of.
void Gathering::judge_whole() {
    std::vector<bool> seen(attendants_.size());
    std::vector<NodeIndex> to_visit{0};
    seen[0] = true;
    std::size_t count = 0;
    while (!to_visit.empty()) {
        auto const node = to_visit.back();
        to_visit.pop_back();
        ++count;
        for (auto const peer : attendants_[node].peers) {
            if (seen[peer] || attendants_[peer].member == nullptr || !attendants_[peer].peers.contains(node)) continue;
            seen[peer] = true;
            to_visit.push_back(peer);
        }
    }
    if (count == living_) return;
    fail(fmt::format("the network has fallen apart: {} of {} nodes hang together", count, living_));
}

void Gathering::fill() {
    for (auto const& failure : world_.failures()) report_.failures.push_back(failure);
    base::DigestDescriber digest;
    std::vector<std::size_t> peers;
    for (NodeIndex node = 0; node < attendants_.size(); ++node) {
        auto const& attendant = attendants_[node];
        if (attendant.member == nullptr) continue;
        auto const& component = attendant.member->component();
        auto const& found = component.state().discovery;
        auto const& counters = component.swarm().counters();
        peers.push_back(living_peers(node));
        attendant.member->add_counts(report_.counts);
        report_.node_seconds += static_cast<std::uint64_t>((world_.now() - attendant.since).count()) / 1'000'000'000;
        digest.field("node", node);
        for (auto const peer : attendant.peers) digest.field("peer", peer);
        digest.field("rounds", found.rounds);
        digest.field("known", found.book.size());
        digest.field("members", component.swarm().kademlia().table.size());
        digest.field("dialed", counters.dialed);
        digest.field("accepted", counters.accepted);
        digest.field("received", counters.received_bytes);
    }
    auto const& totals = world_.totals();
    digest.field("steps", totals.steps);
    digest.field("bytes", totals.delivered_bytes);
    digest.field("dials", totals.dials);
    std::ranges::sort(peers);
    if (!peers.empty()) report_.peers_median = peers[peers.size() / 2];
    report_.digest = digest.finish();
    report_.seed = options_.seed;
    report_.time = world_.now() - base::Instant{};
    report_.steps = totals.steps;
    report_.dials = dials_.total();
    report_.dials_to_one_max = dials_.minute_max();
    report_.reproduce = reproduce_line(options_);
}

void Gathering::fail(std::string const& text) {
    constexpr std::size_t failures_max = 20;
    if (report_.failures.size() >= failures_max) return;
    auto const seconds = static_cast<double>(world_.now().nanoseconds) / 1e9;
    report_.failures.push_back(fmt::format("at {:.3f} s: {}", seconds, text));
}

}  // namespace sim::discovery
