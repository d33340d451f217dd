// Goal: lookups reach the goals that the figures are measured against, hostile nodes or not, with filled tables and
// with grown ones; a run is the same whenever it is made; the truth that results are compared with is true.
// Method: small networks; the places are compared with a search of all.
#include "sim/dht/dht.h"
#include "sim/dht/places.h"

#include "base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sim::dht {
namespace {

Report good_run(Options const& options) {
    SCOPED_TRACE(reproduce_line(options));
    auto report = run(options);
    EXPECT_TRUE(report.has_value());
    if (!report) return {};
    for (auto const& failure : report->failures) ADD_FAILURE() << failure << "\n  " << report->reproduce;
    return *report;
}

TEST(SimDht, finds_every_peer_when_all_are_honest) {
    auto const report = good_run({.nodes = 200, .seed = 1, .lookups = 100});
    EXPECT_EQ(report.find_peer.succeeded, 100U);
    EXPECT_EQ(report.find_closest.tried, 20U);
    EXPECT_GE(report.find_peer.hops_median, 1U);
    EXPECT_GT(report.find_peer.answers_bytes, 1000 * report.find_peer.tried);
    EXPECT_GT(report.find_peer.dials, report.find_peer.tried);
    EXPECT_GT(report.find_peer.time_p95, report.find_peer.time_median);
    EXPECT_EQ(report.find_peer.cpu_asking, base::Duration(0));
}

TEST(SimDht, finds_peers_when_a_fifth_is_hostile) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        good_run({.nodes = 200, .seed = seed, .hostile_percent = 20, .lookups = 100});
    }
}

TEST(SimDht, finds_peers_when_half_are_hostile) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        auto const report = good_run({.nodes = 200, .seed = seed, .hostile_percent = 50, .lookups = 100});
        auto const honest = good_run({.nodes = 200, .seed = seed, .lookups = 20});
        EXPECT_GT(report.find_peer.asked / 100, honest.find_peer.asked / 20);
    }
}

TEST(SimDht, finds_peers_when_half_are_hostile_in_one_way) {
    for (auto const kind : {Behaviour::silent, Behaviour::fabricating, Behaviour::colluding}) {
        good_run({.nodes = 200, .seed = 1, .hostile_percent = 50, .hostile_kind = kind, .lookups = 50});
    }
}

TEST(SimDht, grows_from_three_seeds) { good_run({.nodes = 60, .seed = 1, .lookups = 30, .is_grown = true}); }

TEST(SimDht, the_same_seed_gives_the_same_run) {
    Options const options{.nodes = 60, .seed = 5, .hostile_percent = 20, .lookups = 20};
    auto const first = good_run(options);
    auto with_clock = options;
    with_clock.cpu_clock = [time = 0]() mutable { return base::Duration(time += 7); };
    EXPECT_EQ(first.digest, good_run(with_clock).digest);
    auto other = options;
    other.seed = 6;
    EXPECT_NE(first.digest, good_run(other).digest);
}

TEST(SimDht, refuses_numbers_that_it_cannot_have) {
    EXPECT_FALSE(run({.nodes = 19}).has_value());
    EXPECT_FALSE(run({.nodes = 40'001}).has_value());
    EXPECT_FALSE(run({.hostile_percent = 91}).has_value());
    EXPECT_FALSE(run({.lookups = 0}).has_value());
    EXPECT_FALSE(run({.hostile_kind = Behaviour::honest}).has_value());
}

TEST(SimDht, the_closest_places_are_the_closest) {
    base::Rng rng(base::Rng::Seed{1});
    Places places;
    std::vector<libp2p::kademlia::Key> keys(300);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        rng.fill_public(keys[i]);
        places.add(keys[i], i);
    }
    places.sort();
    for (int round = 0; round < 50; ++round) {
        libp2p::kademlia::Key key{};
        rng.fill_public(key);
        std::vector<std::uint64_t> all(keys.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        std::ranges::sort(all, {}, [&](std::uint64_t each) { return libp2p::kademlia::distance(keys[each], key); });
        all.resize(20);
        EXPECT_EQ(places.closest(key, 20), all);
        for (std::size_t bits = 0; bits < 12; ++bits) {
            auto const count = std::ranges::count_if(
                keys, [&](auto const& each) { return libp2p::kademlia::common_prefix(each, key) == bits; });
            EXPECT_EQ(places.sharing_exactly(key, bits).size(), static_cast<std::size_t>(count));
        }
    }
    EXPECT_EQ(places.closest(keys[0], 1'000).size(), 300U);
}

}  // namespace
}  // namespace sim::dht
