#include "sim/discovery/gathering.h"

#include "sim/swarm_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace sim::discovery {

namespace {

constexpr std::size_t nodes_min = 6;
constexpr std::size_t nodes_max = 4'000;
constexpr base::Duration start_spread = std::chrono::minutes(1);
constexpr base::Duration gathering_max = std::chrono::minutes(5);
constexpr base::Duration settling = std::chrono::seconds(30);
constexpr base::Duration recovery_max = std::chrono::minutes(5);
constexpr base::Duration late_max = std::chrono::minutes(2);
constexpr base::Duration look_every = std::chrono::milliseconds(250);

Network quiet_network() {
    Network network;
    network.fragment_share = 20;
    network.coalesce_share = 20;
    return network;
}

std::vector<NodeIndex> range(NodeIndex first, NodeIndex end) {
    std::vector<NodeIndex> made(end - first);
    std::iota(made.begin(), made.end(), first);
    return made;
}

}  // namespace

Gathering::Gathering(Options const& options) : options_(options), world_(options.seed, quiet_network(), *this) {
    world_.set_check_every(std::max<std::uint64_t>(100, 10 * options.nodes));
    world_.set_watch([this](auto node, auto now, auto const&, auto effects) { watch(node, now, effects); });
}

Report Gathering::run() {
    auto const count = static_cast<NodeIndex>(options_.nodes);
    auto const newcomers = count / 2;
    auto const all = count + newcomers + 1;
    attendants_.resize(all);
    for (NodeIndex node = 0; node < all; ++node) {
        world_.add({});
        by_id_.emplace(libp2p::PeerId::of(key_of(node).public_key()), node);
    }
    auto const first = range(0, count);
    start_within(0, count, start_spread);
    await(first, start_spread + gathering_max, "of the first nodes");
    report_.to_min = times(first, &Attendant::has_min);
    report_.to_target = times(first, &Attendant::has_target);
    if (advance(settling)) {
        auto const survivors = crash_half();
        auto const later = range(count, count + newcomers);
        start_within(count, count + newcomers, start_spread);
        await(survivors, recovery_max, "of the survivors");
        report_.recovery = times(survivors, &Attendant::has_target);
        await(later, start_spread + gathering_max, "of the new nodes");
        report_.newcomers = times(later, &Attendant::has_target);
    }
    if (world_.failures().empty()) {
        start_within(all - 1, all, {});
        await({all - 1}, late_max, "of one late node");
        report_.late = times({all - 1}, &Attendant::has_target);
        judge_whole();
    }
    fill();
    return std::move(report_);
}

// ---- What happens ---------------------------------------------------------------------------------------------------

void Gathering::start_within(NodeIndex first, NodeIndex end, base::Duration time) {
    for (auto node = first; node < end; ++node) {
        auto const after = node < options_.seeds ? base::Duration(0) : world_.rng().between(base::Duration(0), time);
        world_.plan(after, node);
    }
}

void Gathering::on_timer(std::uint64_t timer) {
    auto const node = static_cast<NodeIndex>(timer);
    world_.prepare(node, world_.rng().next(), static_cast<std::uint64_t>(world_.now().nanoseconds) + 1);
    attendants_[node].since = world_.now();
    ++living_;
    world_.start(node);
}

std::unique_ptr<Node> Gathering::make_node(NodeSpec const& spec) {
    auto made = make_member(options_, spec);
    attendants_[spec.index].member = made.get();
    return made;
}

/// One seed stays, so that new nodes have somebody to begin with.
std::vector<NodeIndex> Gathering::crash_half() {
    auto const count = static_cast<NodeIndex>(options_.nodes);
    auto order = range(1, count);
    world_.rng().shuffle(order);
    auto const dying = count / 2;
    for (NodeIndex i = 0; i < dying; ++i) {
        auto const node = order[i];
        world_.crash(node, i % 2 == 0 ? Crash::kill : Crash::power);
        attendants_[node] = {};
        --living_;
    }
    report_.crashed = dying;
    std::vector<NodeIndex> survivors(order.begin() + dying, order.end());
    survivors.push_back(0);
    std::ranges::sort(survivors);
    for (auto const node : survivors) {
        auto& survivor = attendants_[node];
        survivor.since = world_.now();
        survivor.has_target.reset();
    }
    return survivors;
}

void Gathering::on_event(NodeIndex node, libp2p::Event const& event) {
    auto const peer = [&](libp2p::PeerId const& id) { return by_id_.at(id); };
    if (auto const* up = std::get_if<libp2p::event::Connected>(&event)) {
        attendants_[node].peers.insert(peer(up->peer));
    } else if (auto const* down = std::get_if<libp2p::event::Disconnected>(&event)) {
        attendants_[node].peers.erase(peer(down->peer));
    }
}

void Gathering::watch(NodeIndex node, base::Instant now, std::span<libp2p::Effect const> effects) {
    for (auto const& effect : effects) {
        auto const* const dial = std::get_if<libp2p::Dial>(&effect);
        if (dial == nullptr || dials_.note(node, dial->to, now)) continue;
        fail(fmt::format("node {} dials one address more often than it may: {}", node, dial->to.ip.text()));
    }
}

// ---- What comes of it -----------------------------------------------------------------------------------------------

/// Notes who has as many peers as it wants. Of what is possible: at first there are few.
void Gathering::look() {
    for (NodeIndex node = 0; node < attendants_.size(); ++node) {
        auto& attendant = attendants_[node];
        if (attendant.member == nullptr || (attendant.has_min && attendant.has_target)) continue;
        auto const peers = living_peers(node);
        if (!attendant.has_min && peers >= possible(options_.peers_min)) attendant.has_min = world_.now();
        if (!attendant.has_target && peers >= possible(options_.peers_target)) attendant.has_target = world_.now();
    }
}

bool Gathering::advance(base::Duration time) {
    auto const end = world_.now() + time;
    while (world_.failures().empty() && world_.now() < end) {
        world_.run_until(std::min(end, world_.now() + look_every));
        look();
    }
    return world_.failures().empty();
}

void Gathering::await(std::vector<NodeIndex> const& nodes, base::Duration at_most, std::string_view what) {
    auto const end = world_.now() + at_most;
    auto const is_missing = [&](NodeIndex node) { return !attendants_[node].has_target; };
    while (world_.now() < end && std::ranges::any_of(nodes, is_missing)) {
        if (!advance(look_every)) return;
    }
    auto const missing = std::ranges::count_if(nodes, is_missing);
    if (missing > 0) fail(fmt::format("{} {} have not reached {} peers", missing, what, options_.peers_target));
}

std::string reproduce_line(Options const& options) {
    return fmt::format("minap2p sim --scenario discovery --nodes {} --seed {}", options.nodes, options.seed);
}

base::Result<Report, std::string> run(Options const& options) {
    if (options.nodes < nodes_min || options.nodes > nodes_max) {
        return base::fail(fmt::format("this scenario takes {} to {} nodes", nodes_min, nodes_max));
    }
    return Gathering(options).run();
}

}  // namespace sim::discovery
