#include "sim/scenarios.h"

#include "base/rng.h"

#include <algorithm>

namespace sim {

namespace {

constexpr std::size_t nodes_max = 20'000;

base::Rng rng_of(std::uint64_t number) {
    base::Rng::Seed seed{};
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
    seed[29] = 4;
    return base::Rng(seed);
}

Plan gossip(Options const& options, base::Rng&) {
    Plan plan;
    plan.dials_per_node = std::min<std::size_t>(10, (options.nodes - 1) / 2 + 1);
    plan.expects_all = true;
    plan.short_times = false;
    plan.settle = {};
    plan.after = {};
    return plan;
}

Plan churn(Options const&, base::Rng&) {
    Plan plan;
    plan.crashes_every = std::chrono::seconds(3);
    plan.orders_every = std::chrono::milliseconds(500);
    return plan;
}

Plan mutual_dial(Options const&, base::Rng&) {
    Plan plan;
    plan.pairs = true;
    plan.vary_dialing = true;
    plan.publish_every = {};
    plan.settle = {};
    plan.after = {};
    return plan;
}

Plan partition(Options const&, base::Rng&) {
    Plan plan;
    plan.partitions_every = std::chrono::seconds(15);
    return plan;
}

Plan hostile(Options const& options, base::Rng&) {
    Plan plan;
    plan.dials_per_node = 4;
    plan.hostile = std::max<std::size_t>(1, options.nodes / 4);
    plan.late_verdict_share = 100;
    return plan;
}

Plan slow(Options const& options, base::Rng&) {
    Plan plan;
    plan.slow = std::max<std::size_t>(1, options.nodes / 5);
    plan.stalls_every = std::chrono::seconds(2);
    plan.message_bytes_min = 10'000;
    plan.message_bytes_max = 100'000;
    plan.publish_every = std::chrono::seconds(1);
    plan.network.buffer_bytes = 32 * 1024;
    return plan;
}

/// Swarm testing: each kind of fault is in the mix or not, so that no kind always hides another.
Plan mix(Options const& options, base::Rng& rng) {
    Plan plan;
    auto const coin = [&] { return rng.below(2) == 0; };
    auto const between = [&](std::uint64_t low, std::uint64_t high) { return low + rng.below(high - low + 1); };
    auto const seconds = [&](std::uint64_t low, std::uint64_t high) {
        return base::Duration(std::chrono::seconds(static_cast<std::int64_t>(between(low, high))));
    };
    plan.dials_per_node = static_cast<std::size_t>(between(2, 5));
    plan.vary_dialing = coin();
    plan.publish_every = std::chrono::milliseconds(static_cast<std::int64_t>(between(300, 3000)));
    plan.message_bytes_max = coin() ? 2'000 : 60'000;
    if (coin()) plan.late_verdict_share = static_cast<std::uint32_t>(between(1, 500));
    if (coin()) plan.resets_every = seconds(1, 10);
    if (coin()) plan.stalls_every = seconds(1, 10);
    if (coin()) plan.crashes_every = seconds(2, 15);
    if (coin()) plan.partitions_every = seconds(5, 20);
    if (coin()) plan.orders_every = std::chrono::milliseconds(static_cast<std::int64_t>(between(50, 1000)));
    if (coin()) plan.refuse_share = static_cast<std::uint32_t>(between(10, 400));
    if (coin()) plan.hostile = static_cast<std::size_t>(between(1, std::max<std::size_t>(1, options.nodes / 4)));
    if (coin()) plan.slow = static_cast<std::size_t>(between(1, std::max<std::size_t>(1, options.nodes / 4)));
    plan.network.fragment_share = coin() ? static_cast<std::uint32_t>(between(0, 1000)) : 100;
    plan.network.coalesce_share = coin() ? static_cast<std::uint32_t>(between(0, 500)) : 100;
    plan.network.buffer_bytes = coin() ? between(2'000, 64'000) : 256 * 1024;
    plan.network.jitter_max = std::chrono::milliseconds(static_cast<std::int64_t>(between(0, 100)));
    if (coin()) plan.network.bytes_per_second = between(100'000, 5'000'000);
    return plan;
}

struct Scenario {
    ScenarioInfo info;
    std::size_t nodes_min;
    Plan (*plan)(Options const&, base::Rng&);
};

constexpr Scenario all[] = {
    {{"gossip", "no faults: every message reaches everybody"}, 2, gossip},
    {{"churn", "nodes crash, lose power and come back with the same key"}, 4, churn},
    {{"mutual-dial", "pairs dial each other at the same instant: one connection survives"}, 2, mutual_dial},
    {{"partition", "the network falls apart in groups, again and again"}, 4, partition},
    {{"hostile", "nodes that send garbage at every layer"}, 6, hostile},
    {{"slow", "narrow and stalling links, large messages"}, 5, slow},
    {{"mix", "faults of all kinds, the mix drawn from the seed"}, 6, mix},
};

constexpr auto infos = [] {
    std::array<ScenarioInfo, std::size(all)> made{};
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = all[i].info;
    return made;
}();

}  // namespace

std::span<ScenarioInfo const> scenarios() { return infos; }

base::Result<Plan, std::string> plan_of(Options const& options) {
    auto const found = std::ranges::find(all, options.scenario, [](Scenario const& each) { return each.info.name; });
    if (found == std::end(all)) return base::fail("there is no scenario \"" + options.scenario + "\"");
    if (options.nodes < found->nodes_min || options.nodes > nodes_max) {
        return base::fail("this scenario takes " + std::to_string(found->nodes_min) + " to " + std::to_string(nodes_max) +
                          " nodes");
    }
    auto rng = rng_of(options.seed);
    return found->plan(options, rng);
}

}  // namespace sim
