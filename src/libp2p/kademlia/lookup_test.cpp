// Goal: a lookup asks those that matter, nobody twice, and holds no more than its bounds, whatever it is told.
// Method: the lookup alone; answers made up.
#include "libp2p/kademlia/test_node.h"

#include <gtest/gtest.h>

namespace libp2p::kademlia {
namespace {

using namespace test;

std::vector<PeerAddresses> peers(std::uint64_t first, std::uint64_t count, std::uint64_t seed = 0) {
    std::vector<PeerAddresses> result;
    for (auto i = first; i < first + count; ++i) result.push_back({id_number(i, seed), {address_number(i)}});
    return result;
}

struct Searching {
    Config config;
    Lookup lookup{key_of(id_number(9'999)), id_number(1)};

    void start(std::uint64_t count) {
        for (auto const& peer : peers(100, count)) lookup.start_with(peer.id, peer.addresses, config);
    }
    std::vector<CandidateId> all() {
        std::vector<CandidateId> result;
        while (auto const next = lookup.next(config)) result.push_back(*next);
        return result;
    }
};

TEST(KademliaLookup, asks_one_peer_of_each_path_at_a_time) {
    Searching search;
    search.start(20);
    auto const first = search.all();
    EXPECT_EQ(first.size(), search.config.disjoint_paths);
    std::set<std::uint8_t> paths;
    for (auto const id : first) paths.insert(search.lookup.at(id).asked_on);
    EXPECT_EQ(paths.size(), search.config.disjoint_paths);
    search.lookup.on_answer(first[0], {}, search.config);
    EXPECT_EQ(search.all().size(), 1U);
    search.lookup.on_slow(first[1]);
    EXPECT_EQ(search.all().size(), 1U);
}

TEST(KademliaLookup, is_over_when_all_near_have_answered_or_failed) {
    Searching search;
    search.start(20);
    std::set<CandidateId> asked;
    for (int turn = 0; !search.lookup.is_over(search.config) && turn < 1000; ++turn) {
        for (auto const id : search.all()) {
            EXPECT_TRUE(asked.insert(id).second) << "asked twice";
            if (asked.size() % 3 == 0) {
                search.lookup.on_failure(id);
            } else {
                search.lookup.on_answer(id, peers(100, 20), search.config);
            }
        }
    }
    EXPECT_TRUE(search.lookup.is_over(search.config));
    EXPECT_EQ(asked.size(), 20U);
    auto const answered = search.lookup.answered(100);
    EXPECT_EQ(answered.size(), 14U);
    for (std::size_t i = 1; i < answered.size(); ++i) {
        EXPECT_LT(search.lookup.at(answered[i - 1]).distance, search.lookup.at(answered[i]).distance);
    }
}

TEST(KademliaLookup, ends_without_those_that_are_slow) {
    Searching search;
    search.start(1);
    auto const id = search.all().at(0);
    EXPECT_FALSE(search.lookup.is_over(search.config));
    search.lookup.on_slow(id);
    EXPECT_TRUE(search.lookup.is_over(search.config));
    search.lookup.on_answer(id, peers(500, 1), search.config);
    EXPECT_FALSE(search.lookup.is_over(search.config));
    EXPECT_EQ(search.lookup.answers(), 1U);
}

TEST(KademliaLookup, counts_the_answers_that_led_to_a_peer) {
    Searching search;
    search.start(1);
    auto const first = search.all().at(0);
    EXPECT_EQ(search.lookup.at(first).hop, 1U);
    search.lookup.on_answer(first, peers(500, 1), search.config);
    auto const second = search.all().at(0);
    EXPECT_EQ(search.lookup.at(second).hop, 2U);
}

TEST(KademliaLookup, takes_k_of_an_answer_and_never_ourselves) {
    Searching search;
    search.start(1);
    auto told = peers(500, 100);
    told.insert(told.begin(), {id_number(1), {}});
    search.lookup.on_answer(search.all().at(0), told, search.config);
    EXPECT_EQ(search.lookup.candidates().size(), 21U);
    for (auto const& candidate : search.lookup.candidates()) EXPECT_NE(candidate.id, id_number(1));
}

TEST(KademliaLookup, distrusts_one_whose_peers_cannot_be_reached) {
    Searching search;
    search.config.disjoint_paths = 1;
    search.start(1);
    search.lookup.on_answer(search.all().at(0), peers(500, 20), search.config);
    std::size_t failed = 0;
    while (!search.lookup.is_over(search.config)) {
        for (auto const id : search.all()) {
            search.lookup.on_failure(id);
            ++failed;
        }
    }
    EXPECT_EQ(failed, 4U);
}

TEST(KademliaLookup, holds_and_asks_no_more_than_its_bounds) {
    Searching search;
    search.config.candidates_max = 60;
    search.config.asked_max = 50;
    search.start(20);
    std::size_t asked = 0;
    for (std::uint64_t turn = 0; !search.lookup.is_over(search.config); ++turn) {
        for (auto const id : search.all()) {
            ++asked;
            search.lookup.on_answer(id, peers(1'000 * (turn + 1) + 20 * id, 20), search.config);
            EXPECT_LE(search.lookup.candidates().size(), 60U);
        }
        ASSERT_LT(turn, 1'000U);
    }
    EXPECT_LE(asked, 50U);
}

TEST(KademliaLookup, requests_under_way_are_bounded_even_when_all_are_slow) {
    Searching search;
    search.config.under_way_max = 10;
    search.start(20);
    for (int i = 0; i < 10; ++i) {
        for (auto const id : search.all()) search.lookup.on_slow(id);
    }
    EXPECT_EQ(search.lookup.under_way(), 10U);
}

TEST(KademliaLookup, one_path_that_is_told_of_many_does_not_drive_out_the_others) {
    Searching search;
    search.config.candidates_max = 40;
    search.config.disjoint_paths = 2;
    search.start(20);
    std::vector<PeerId> others;
    for (auto const& candidate : search.lookup.candidates()) {
        if ((candidate.paths & 2) != 0) others.push_back(candidate.id);
    }
    // The first path answers with ever nearer peers that nobody else knows.
    auto const liar = search.all();
    for (std::uint64_t i = 0; i < 20; ++i) {
        for (auto const id : liar) {
            if (search.lookup.at(id).asked_on == 0)
                search.lookup.on_answer(id, peers(1'000 + 20 * i, 20), search.config);
        }
    }
    for (auto const& other : others) {
        EXPECT_NE(std::ranges::find(search.lookup.candidates(), other, &Candidate::id),
                  search.lookup.candidates().end());
    }
}

}  // namespace
}  // namespace libp2p::kademlia
