// Goal: every scenario ends well for every seed, a run is the same whenever it is made, and the simulator sees what it
// should see.
// Method: small networks, some seeds of each scenario; a failing run prints the line that reproduces it.
#include "sim/sim.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

Options options(std::string scenario, std::size_t nodes, std::uint64_t seed, base::Duration duration) {
    Options options;
    options.scenario = std::move(scenario);
    options.nodes = nodes;
    options.seed = seed;
    options.duration = duration;
    return options;
}

Report good_run(Options const& options) {
    SCOPED_TRACE(reproduce_line(options));
    auto report = run(options);
    EXPECT_TRUE(report.has_value());
    if (!report) return {};
    for (auto const& failure : report->failures) ADD_FAILURE() << failure << "\n  " << report->reproduce;
    EXPECT_EQ(report->delivered, report->expected);
    return *report;
}

TEST(Sim, gossip_reaches_everybody) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto const report = good_run(options("gossip", 20, seed, std::chrono::seconds(30)));
        EXPECT_GT(report.published, 4U);
        EXPECT_EQ(report.expected, report.published * 19);
        EXPECT_LT(report.latency_max, std::chrono::seconds(5));
    }
}

TEST(Sim, gossip_works_with_real_cryptography) {
    auto with = options("gossip", 6, 1, std::chrono::seconds(15));
    with.real_crypto = true;
    EXPECT_GT(good_run(with).delivered, 0U);
}

TEST(Sim, nodes_come_and_go) {
    std::uint64_t crashes = 0;  // how many fall to one seed is its luck
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto report = good_run(options("churn", 10, seed, std::chrono::seconds(30)));
        EXPECT_GT(report.expected, 0U);
        crashes += report.faults["kills"] + report.faults["power losses"];
    }
    EXPECT_GT(crashes, 6U);
}

TEST(Sim, of_two_dials_at_once_one_connection_survives) {
    std::uint64_t crossed = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        auto report = good_run(options("mutual-dial", 12, seed, std::chrono::seconds(60)));
        crossed += report.faults["crossed dials"];
    }
    EXPECT_GT(crossed, 5U);
}

TEST(Sim, a_network_that_fell_apart_becomes_whole) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto report = good_run(options("partition", 10, seed, std::chrono::seconds(40)));
        EXPECT_GT(report.faults["partitions"], 0U);
    }
}

TEST(Sim, honest_nodes_survive_hostile_ones) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto report = good_run(options("hostile", 20, seed, std::chrono::seconds(30)));
        EXPECT_EQ(report.faults["hostile nodes"], 5U);
        EXPECT_GT(report.counts["disconnected: noise: decryption failed"], 0U);
    }
}

TEST(Sim, slow_nodes_do_not_stop_the_others) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) good_run(options("slow", 10, seed, std::chrono::seconds(20)));
}

TEST(Sim, any_mix_of_faults_heals) {
    for (std::uint64_t seed = 1; seed <= 24; ++seed) good_run(options("mix", 8, seed, std::chrono::seconds(15)));
}

TEST(Sim, the_same_seed_makes_the_same_run) {
    for (auto const* scenario : {"mix", "hostile", "churn"}) {
        auto const first = good_run(options(scenario, 8, 7, std::chrono::seconds(10)));
        auto const second = good_run(options(scenario, 8, 7, std::chrono::seconds(10)));
        auto const other = good_run(options(scenario, 8, 8, std::chrono::seconds(10)));
        EXPECT_EQ(first.digest, second.digest);
        EXPECT_EQ(first.steps, second.steps);
        EXPECT_NE(first.digest, other.digest);
    }
}

TEST(Sim, refuses_what_it_cannot_run) {
    auto const unknown = run(options("chaos", 10, 1, std::chrono::seconds(10)));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error(), "there is no scenario \"chaos\"");
    EXPECT_FALSE(run(options("gossip", 1, 1, std::chrono::seconds(10))).has_value());
    EXPECT_FALSE(run(options("gossip", 1'000'000, 1, std::chrono::seconds(10))).has_value());
}

TEST(Sim, a_report_says_how_to_make_the_run_again) {
    EXPECT_EQ(reproduce_line(options("gossip", 50, 1234, std::chrono::seconds(60))), "minap2p sim --scenario gossip --nodes 50 --seed 1234 --for 60s");
    EXPECT_EQ(reproduce_line(options("mix", 5, 1, std::chrono::milliseconds(1500))), "minap2p sim --scenario mix --nodes 5 --seed 1 --for 1500ms");
}

}  // namespace
}  // namespace sim
