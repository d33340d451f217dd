// Goal: a network finds itself from three seeds, heals when half of it is gone, and takes in a late node; the same seed
// gives the same run.
// Method: small networks of whole nodes, which have to reach their targets within the times of the scenario.
#include "sim/discovery/discovery.h"

#include "sim/discovery/dial_watch.h"

#include <gtest/gtest.h>

namespace sim::discovery {
namespace {

Report good_run(Options const& options) {
    SCOPED_TRACE(reproduce_line(options));
    auto report = run(options);
    EXPECT_TRUE(report.has_value());
    if (!report) return {};
    for (auto const& failure : report->failures) ADD_FAILURE() << failure << "\n  " << report->reproduce;
    return *report;
}

TEST(SimDiscovery, finds_itself_heals_and_takes_in_a_late_node) {
    auto const report = good_run({.nodes = 30, .seed = 1});
    EXPECT_EQ(report.to_target.reached, 30U);
    EXPECT_LE(report.to_min.max, report.to_target.max);
    EXPECT_EQ(report.crashed, 15U);
    EXPECT_EQ(report.recovery.of, 15U);
    EXPECT_EQ(report.recovery.reached, 15U);
    EXPECT_EQ(report.newcomers.reached, 15U);
    EXPECT_EQ(report.late.reached, 1U);
    EXPECT_GE(report.peers_median, 12U);
    EXPECT_GT(report.dials, 30U);
}

TEST(SimDiscovery, one_seed_suffices) { good_run({.nodes = 24, .seed = 2, .seeds = 1, .peers_target = 8}); }

TEST(SimDiscovery, the_same_seed_gives_the_same_run) {
    Options const options{.nodes = 10, .seed = 3, .peers_min = 2, .peers_target = 4, .peers_max = 8};
    auto const first = good_run(options);
    EXPECT_EQ(first.digest, good_run(options).digest);
    auto other = options;
    other.seed = 4;
    EXPECT_NE(first.digest, good_run(other).digest);
}

TEST(SimDiscovery, refuses_numbers_that_it_cannot_have) {
    EXPECT_FALSE(run({.nodes = 5}).has_value());
    EXPECT_FALSE(run({.nodes = 4'001}).has_value());
}

TEST(SimDiscovery, sees_who_dials_too_often) {
    DialWatch watch;
    libp2p::SocketAddress const to{libp2p::IpAddress::v4(10, 0, 0, 1), 8302};
    base::Instant now;
    for (std::size_t i = 0; i < DialWatch::dials_a_minute_max; ++i) {
        EXPECT_TRUE(watch.note(1, to, now = now + std::chrono::seconds(1)));
        EXPECT_TRUE(watch.note(2, to, now));
    }
    EXPECT_FALSE(watch.note(1, to, now));
    EXPECT_EQ(watch.minute_max(), DialWatch::dials_a_minute_max + 1);
    EXPECT_TRUE(watch.note(2, to, now = now + std::chrono::minutes(1)));
    for (std::size_t i = 0; i + DialWatch::dials_a_minute_max + 1 < DialWatch::dials_in_ten_minutes_max; ++i) {
        EXPECT_TRUE(watch.note(2, to, now = now + std::chrono::seconds(20)));
    }
    EXPECT_FALSE(watch.note(2, to, now));
}

}  // namespace
}  // namespace sim::discovery
