// The crawl. Goal: every peer that can be reached is visited once, whatever others tell; all bounds hold.
// Method: a scripted network of fake peers answers the machine's orders, each after its time; time is a number.
#include "mina/crawl/crawl.h"

#include "mina/crawl/fake_network.h"

#include <gmock/gmock.h>

namespace mina::crawl {
namespace {

using namespace test;

class CrawlTest : public testing::Test, protected FakeNetwork {
protected:
    Multiaddr seed(std::uint32_t number) { return address(number).with_peer_id(peer(number)); }
    std::size_t connects_to(PeerId const& id) {
        return static_cast<std::size_t>(
            std::ranges::count_if(connects, [&](auto const& each) { return each.second.peer == id; }));
    }
};

TEST_F(CrawlTest, visits_every_peer_once) {
    add(1, 50, 25);
    for (std::uint32_t i = 5; i <= 50; i += 10) peers[peer(i)].is_reachable = false;
    begin({seed(1)});
    run();
    EXPECT_EQ(finished, 1);
    ASSERT_EQ(entries.size(), 50U);
    for (std::uint32_t i = 1; i <= 50; ++i) {
        auto const* const entry = entry_of(peer(i));
        ASSERT_NE(entry, nullptr) << i;
        auto const is_reachable = i % 10 != 5;
        EXPECT_EQ(entry->reachable, is_reachable);
        EXPECT_EQ(entry->reason, is_reachable ? "" : "connection refused");
        EXPECT_EQ(connects_to(peer(i)), is_reachable ? 1U : 2U);
        EXPECT_THAT(entry->addresses, testing::ElementsAre(address(i)));
    }
    EXPECT_EQ(state->counters.found, 50U);
    EXPECT_EQ(state->counters.reached, 45U);
    EXPECT_EQ(state->counters.unreachable, 5U);
    EXPECT_TRUE(connected.empty());
}

TEST_F(CrawlTest, learns_the_whole_table_of_a_peer) {
    // More than an answer holds, in several buckets.
    add(2, 400, 0);
    auto& teller = peers[peer(1)];
    for (std::uint32_t i = 2; i <= 400; ++i) teller.table.push_back({peer(i), {address(i)}});
    config.told_new_max = 1000;
    begin({seed(1)});
    run();
    // Of the far half 20 are told, of each nearer bucket 20, until all that are left fit into one answer.
    auto const* const entry = entry_of(peer(1));
    ASSERT_NE(entry, nullptr);
    EXPECT_GE(entry->neighbours.size(), 80U);
    std::size_t near = 0;
    for (std::uint32_t i = 2; i <= 400; ++i) {
        namespace kademlia = libp2p::kademlia;
        auto const is_near = kademlia::common_prefix(kademlia::key_of(peer(i)), kademlia::key_of(peer(1))) >= 5;
        if (is_near) ++near;
        auto const is_told = std::ranges::find(entry->neighbours, peer(i)) != entry->neighbours.end();
        EXPECT_TRUE(!is_near || is_told);
    }
    EXPECT_GT(near, 0U);
    EXPECT_LE(questions[peer(1)].size(), config.questions_max);
}

TEST_F(CrawlTest, asks_for_keys_at_successive_distances_in_the_form_of_a_peer_id) {
    auto const id = peer(1);
    auto const place = libp2p::kademlia::key_of(id);
    for (std::size_t prefix = 0; prefix <= prefix_bits_max; ++prefix) {
        auto const key = key_beside(id, prefix, rng);
        EXPECT_TRUE(libp2p::kademlia::is_short_peer_id(key));
        EXPECT_EQ(libp2p::kademlia::common_prefix(libp2p::kademlia::key_of(base::ByteView(key)), place), prefix);
    }
    auto const beyond = key_beside(id, 200, rng);
    EXPECT_LE(libp2p::kademlia::common_prefix(libp2p::kademlia::key_of(base::ByteView(beyond)), place),
              prefix_bits_max);
}

TEST_F(CrawlTest, stops_asking_when_answers_bring_nothing_new) {
    add(1, 8, 7);
    begin({seed(1)});
    run();
    for (std::uint32_t i = 1; i <= 8; ++i) EXPECT_EQ(questions[peer(i)].size(), 1 + config.barren_max);
}

TEST_F(CrawlTest, bounds_visits_and_connects_in_time) {
    add(1, 300, 40);
    config.parallel = 8;
    config.connects_a_second = 60;
    auto const began = now;
    begin({seed(1)});
    run();
    EXPECT_EQ(entries.size(), 300U);
    EXPECT_EQ(visits_most, 8U);
    auto const seconds = std::chrono::duration<double>(now - began).count();
    EXPECT_GE(static_cast<double>(connects.size()), 300.0);
    EXPECT_LE(static_cast<double>(connects.size()), 60.0 * seconds + 7);
}

TEST_F(CrawlTest, takes_a_bounded_share_from_one_that_invents_peers) {
    add(1, 20, 10);
    std::uint32_t next = 1000;
    auto& liar = peers[peer(3)];
    liar.answer = [&next](base::ByteView) {
        std::vector<PeerAddresses> invented;
        for (int i = 0; i < 24; ++i, ++next) invented.push_back({peer(next), {address(next)}});
        return invented;
    };
    config.told_new_max = 50;
    begin({seed(1)});
    run();
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(questions[peer(3)].size(), config.questions_max);
    EXPECT_EQ(entries.size(), 70U);
    EXPECT_EQ(state->counters.beyond_share, 24 * config.questions_max - 50);
    for (std::uint32_t i = 1; i <= 20; ++i) EXPECT_NE(entry_of(peer(i)), nullptr);
    EXPECT_LE(entry_of(peer(3))->neighbours.size(), config.neighbours_max);
}

TEST_F(CrawlTest, ends_at_peers_max_when_the_invented_ones_invent_as_well) {
    std::uint32_t next = 1000;
    FakePeer inventor;
    inventor.answer = [this, &next](base::ByteView) {
        std::vector<PeerAddresses> invented;
        for (int i = 0; i < 24; ++i, ++next) {
            invented.push_back({peer(next), {address(next)}});
            peers.try_emplace(peer(next), peers.at(peer(1)));
        }
        return invented;
    };
    peers[peer(1)] = inventor;
    config.peers_max = 200;
    config.connects_a_second = 1000;
    begin({seed(1)});
    run();
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(entries.size(), 200U);
    EXPECT_GT(state->counters.beyond_max, 0U);
    for (auto const& entry : entries) EXPECT_LE(entry.neighbours.size(), config.neighbours_max);
}

TEST_F(CrawlTest, dials_no_host_at_rate_that_others_name) {
    auto& liar = peers[peer(1)];
    auto const victim = parsed("/ip4/9.9.9.9/tcp/443");
    std::uint32_t next = 100;
    liar.answer = [&next, victim](base::ByteView) {
        std::vector<PeerAddresses> told = {{peer(2), {address(2)}}};
        for (int i = 0; i < 20; ++i, ++next) told.push_back({peer(next), {victim, parsed("/ip4/9.9.9.9/tcp/80")}});
        return told;
    };
    peers[peer(2)];
    begin({seed(1)});
    run();
    base::Instant last{-1'000'000'000'000};
    std::size_t dialed = 0;
    for (auto const& [at, connect] : connects) {
        if (connect.peer == peer(1) || connect.peer == peer(2)) continue;
        EXPECT_GE(at - last, config.host_interval);
        last = at;
        ++dialed;
    }
    EXPECT_GT(dialed, 0U);
    ASSERT_NE(entry_of(peer(2)), nullptr);
    EXPECT_TRUE(entry_of(peer(2))->reachable);  // not held up by them
    EXPECT_TRUE(std::ranges::any_of(entries, [](Entry const& each) { return each.reason.starts_with("too many"); }));
    EXPECT_EQ(finished, 1);
}

TEST_F(CrawlTest, dials_no_private_addresses_that_others_name) {
    auto const given = parsed("/ip4/10.0.0.1/tcp/8302");
    auto& teller = peers[peer(1)];
    teller.table = {{peer(2), {parsed("/ip4/192.168.1.1/tcp/8302"), parsed("/ip4/127.0.0.1/tcp/22")}},
                    {peer(3), {parsed("/ip4/10.0.0.3/tcp/8302"), address(3)}},
                    {peer(4), {}}};
    for (std::uint32_t i = 2; i <= 4; ++i) peers[peer(i)];
    begin({given.with_peer_id(peer(1))});
    run();
    ASSERT_EQ(connects.size(), 2U);
    EXPECT_THAT(connects[0].second.addresses, testing::ElementsAre(given));
    EXPECT_FALSE(connects[0].second.is_hearsay);
    EXPECT_THAT(connects[1].second.addresses, testing::ElementsAre(address(3)));
    EXPECT_TRUE(connects[1].second.is_hearsay);
    EXPECT_EQ(entry_of(peer(2))->reason, "no address that may be dialed");
    EXPECT_EQ(entry_of(peer(4))->reason, "no address that may be dialed");
    EXPECT_EQ(entry_of(peer(1))->neighbours.size(), 3U);
}

TEST_F(CrawlTest, dials_private_addresses_on_a_network_that_has_them) {
    config.private_addresses = true;
    peers[peer(1)].table = {{peer(2), {parsed("/ip4/192.168.1.1/tcp/8302")}}};
    peers[peer(2)];
    begin({seed(1)});
    run();
    EXPECT_TRUE(entry_of(peer(2))->reachable);
}

TEST_F(CrawlTest, takes_an_address_that_a_second_peer_tells) {
    peers[peer(1)].table = {{peer(2), {}}, {peer(3), {address(3)}}};
    peers[peer(3)].table = {{peer(2), {address(2)}}};
    peers[peer(2)];
    begin({seed(1)});
    run();
    EXPECT_TRUE(entry_of(peer(2))->reachable);
    EXPECT_EQ(entries.size(), 3U);
}

TEST_F(CrawlTest, knows_itself_and_the_visited_peer_when_they_are_named) {
    peers[peer(1)].table = {
        {peer(0), {address(0)}}, {peer(1), {address(1)}}, {peer(2), {address(2)}}, {peer(2), {address(2)}}};
    peers[peer(2)];
    begin({seed(1), address(0).with_peer_id(peer(0))});
    run();
    EXPECT_EQ(entries.size(), 2U);
    EXPECT_THAT(entry_of(peer(1))->neighbours, testing::ElementsAre(peer(2)));
    EXPECT_EQ(connects_to(peer(0)), 0U);
}

TEST_F(CrawlTest, does_not_ping_those_that_answer_none) {
    peers[peer(1)].agent = "mina";
    peers[peer(1)].table = {{peer(2), {address(2)}}};
    peers[peer(2)];
    begin({seed(1)});
    run();
    EXPECT_EQ(pings[peer(1)], 0);
    EXPECT_EQ(entry_of(peer(1))->rtt_source, RttSource::connect);
    EXPECT_EQ(entry_of(peer(1))->round_trip, base::Duration(30ms));
    EXPECT_EQ(pings[peer(2)], 1);
    EXPECT_EQ(entry_of(peer(2))->rtt_source, RttSource::ping);
    EXPECT_EQ(entry_of(peer(2))->round_trip, base::Duration(10ms));
}

TEST_F(CrawlTest, asks_nothing_of_those_without_kademlia) {
    peers[peer(1)].protocols = {"/ipfs/ping/1.0.0"};
    begin({seed(1)});
    run();
    EXPECT_TRUE(questions.empty());
    EXPECT_TRUE(entry_of(peer(1))->reachable);
    EXPECT_FALSE(entry_of(peer(1))->has_dht);
}

TEST_F(CrawlTest, reports_one_that_closes_at_once_as_reached) {
    peers[peer(1)].closes_at_once = true;
    begin({seed(1)});
    run();
    EXPECT_EQ(connects.size(), 2U);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_TRUE(entries[0].reachable);
    EXPECT_EQ(entries[0].reason, "closed by the other side");
}

TEST_F(CrawlTest, ends_a_visit_whose_peer_does_not_identify_itself) {
    peers[peer(1)].identifies = false;
    auto const began = now;
    begin({seed(1)});
    run();
    EXPECT_EQ(now - began, config.visit_time);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_TRUE(entries[0].reachable);
    EXPECT_EQ(entries[0].reason, "has not identified itself in time");
    EXPECT_EQ(finished, 1);
}

TEST_F(CrawlTest, names_a_seed_that_was_given_without_an_id) {
    add(1, 5, 4);
    auto const nobody = parsed("/dns4/nobody.example/tcp/1");
    auto const named = parsed("/dns4/seed.example/tcp/8302");
    auto const again = parsed("/dns4/other.example/tcp/8302");
    behind = {{named, peer(1)}, {again, peer(1)}};
    begin({named, again, nobody});
    run();
    EXPECT_EQ(finished, 1);
    ASSERT_EQ(entries.size(), 6U);
    EXPECT_EQ(state->counters.found, 5U);
    auto const* const unnamed = entry_of({});
    ASSERT_NE(unnamed, nullptr);
    EXPECT_THAT(unnamed->addresses, testing::ElementsAre(nobody));
    EXPECT_TRUE(entry_of(peer(1))->reachable);
    EXPECT_EQ(std::ranges::count_if(entries, [](Entry const& each) { return each.peer == peer(1); }), 1);
}

TEST_F(CrawlTest, resumes_where_an_earlier_one_has_ended) {
    add(1, 60, 20);
    config.parallel = 4;
    begin({seed(1)});
    run(800ms);
    act(Stop{});
    run();
    EXPECT_EQ(finished, 1);
    auto const earlier = entries;
    auto const reached = std::ranges::count_if(earlier, [](Entry const& each) { return each.reachable; });
    auto const left = std::ranges::count_if(earlier, [](Entry const& each) { return each.reason == not_visited; });
    EXPECT_GT(reached, 0);
    EXPECT_GT(left, 0);
    entries.clear();
    connects.clear();
    begin({seed(1)}, earlier);
    run();
    EXPECT_EQ(finished, 2);
    EXPECT_EQ(state->counters.found, 60U);
    EXPECT_EQ(state->counters.reached, 60U);
    for (auto const& entry : earlier) EXPECT_EQ(connects_to(entry.peer), entry.reason.empty() ? 0U : 1U);
}

TEST_F(CrawlTest, asks_again_whom_an_interrupted_crawl_has_not_written_down) {
    add(1, 30, 10);
    begin({seed(1)});
    run();
    // Killed after the third peer: what the three have named is lost.
    auto const earlier = std::vector<Entry>(entries.begin(), entries.begin() + 3);
    entries.clear();
    begin({seed(1)}, earlier);
    run();
    EXPECT_EQ(state->counters.reached, 30U);
    EXPECT_EQ(state->counters.found, 30U);
}

TEST_F(CrawlTest, is_the_same_with_the_same_seed) {
    auto const digest = [] {
        FakeNetwork network;
        network.add(1, 80, 20);
        network.begin({address(1).with_peer_id(peer(1))});
        network.run();
        base::DigestDescriber describer;
        describe(*network.state, describer);
        return std::pair(describer.finish(), network.questions);
    };
    EXPECT_EQ(digest(), digest());
}

TEST_F(CrawlTest, hangs_up_on_a_connection_that_comes_too_late) {
    peers[peer(1)];
    begin({seed(1)});
    act(Stop{});
    Out out;
    reduce(*state, Connected{connects[0].second.visit, peer(1), address(1)}, {now, rng, trace}, out);
    ASSERT_EQ(out.effects.size(), 1U);
    EXPECT_EQ(std::get<HangUp>(out.effects[0]).peer, peer(1));
    EXPECT_EQ(finished, 1);
}

}  // namespace
}  // namespace mina::crawl
