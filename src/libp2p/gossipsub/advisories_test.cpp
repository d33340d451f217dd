// Published attacks on GossipSub, one test each. Method: the attacker's bytes, then heartbeats; what must hold is checked
// after every action by test::Node.
#include "libp2p/gossipsub/test_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::gossipsub {
namespace {

using namespace std::chrono_literals;

using test::misbehaviours_in;
using test::Node;
using test::test_config;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto topic = "topic";

void expect_backoff_capped(std::uint64_t seconds) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::prune_rpc(topic, seconds));
    node.advance(3s);  // rust-libp2p fell at the next heartbeat
    auto const cap = node.now + backoff_asked_max;
    EXPECT_LE(node.topic(topic).backoff.at(test::id_number(1)), cap) << seconds;
    node.advance(base::Duration(backoff_asked_max));
    EXPECT_TRUE(node.in_mesh(topic, 1)) << seconds;
}

// PRUNE with a backoff of 2^64 - 1 s: rust-libp2p added it to an instant and ended.
TEST(Advisories, adv_CVE_2026_33040) { expect_backoff_capped(UINT64_MAX); }

// A backoff just below the limit of the first repair: it overflowed when the heartbeat added its slack.
TEST(Advisories, adv_CVE_2026_34219) {
    expect_backoff_capped(9'223'372'036'854'674'580U);
    for (unsigned bit = 12; bit < 64; ++bit) {
        expect_backoff_capped(std::uint64_t{1} << bit);
        expect_backoff_capped((std::uint64_t{1} << bit) - 1);
    }
}

// Hundreds of thousands of SUBSCRIBE for unique topics, kept after disconnect: js-libp2p ran out of memory.
TEST(Advisories, adv_CVE_2026_46679) {
    Node node;
    node.subscribe(topic);
    node.add(1);
    base::ByteString flood;
    for (std::size_t i = 0; i < rpc_parts_max + 1; ++i) append_subscription(flood, std::to_string(i), true);
    EXPECT_THAT(misbehaviours_in(node.receive(1, flood)), ElementsAre(Misbehaviour::malformed_rpc));
    EXPECT_THAT(node.state.topics, SizeIs(1));

    base::ByteString fewer;
    for (std::size_t i = 0; i < rpc_parts_max - 1; ++i) append_subscription(fewer, std::to_string(i), true);
    for (int round = 0; round < 3; ++round) {
        EXPECT_THAT(misbehaviours_in(node.receive(1, fewer)), ElementsAre(Misbehaviour::too_many_subscriptions));
        EXPECT_EQ(node.state.topics.size(), 1 + node.state.config.unknown_topics_per_peer_max);
    }
    node.receive(1, test::subscription_rpc(topic));  // our own topic is always kept
    EXPECT_TRUE(node.topic(topic).peers.contains(PeerKey{1}));
    node.apply(PeerRemoved{PeerKey{1}});
    EXPECT_THAT(node.state.topics, SizeIs(1));
    EXPECT_TRUE(node.state.peers.empty());
}

TEST(Advisories, a_peer_may_be_in_many_topics_that_are_known) {
    auto config = test_config();
    for (int i = 0; i < 100; ++i) config.topics.insert("known-" + std::to_string(i));
    config.unknown_topics_per_peer_max = 0;
    Node node(std::move(config));
    node.add(1);
    for (int i = 0; i < 100; ++i) node.receive(1, test::subscription_rpc("known-" + std::to_string(i)));
    EXPECT_THAT(node.state.topics, SizeIs(100));
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::subscription_rpc("unknown"))),
                ElementsAre(Misbehaviour::too_many_subscriptions));
}

TEST(Advisories, a_topic_that_becomes_ours_leaves_room_for_another_unknown_one) {
    auto config = test_config();
    config.unknown_topics_per_peer_max = 1;
    Node node(std::move(config));
    node.add(1);
    node.receive(1, test::subscription_rpc("a"));
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::subscription_rpc("b"))), SizeIs(1));
    node.subscribe("a");
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::subscription_rpc("b"))), IsEmpty());
    node.apply(Unsubscribe{"a"});  // now two of them are unknown: both stay, no third comes
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::subscription_rpc("c"))), SizeIs(1));
    EXPECT_EQ(node.state.peers.at(PeerKey{1}).unknown_topics, 2u);
}

TEST(Advisories, an_rpc_beyond_the_size_limit_is_malformed) {
    auto config = test_config();
    config.rpc_bytes_max = 100;
    Node node(std::move(config));
    node.add(1);
    EXPECT_THAT(misbehaviours_in(node.receive(1, base::ByteString(101, 0))), ElementsAre(Misbehaviour::malformed_rpc));
    EXPECT_TRUE(is_fatal(Misbehaviour::malformed_rpc));
    base::ByteString fits;
    protobuf::append_bytes_field(fits, 9, base::ByteString(98, 0));
    EXPECT_THAT(node.receive(1, fits).events, IsEmpty());
}

TEST(Advisories, a_malformed_rpc_has_no_effect) {
    Node node;
    node.add(1);
    auto rpc = test::subscription_rpc(topic);
    rpc.push_back(0x12);  // a message without its length
    EXPECT_THAT(misbehaviours_in(node.receive(1, rpc)), ElementsAre(Misbehaviour::malformed_rpc));
    EXPECT_TRUE(node.state.topics.empty());
}

TEST(Advisories, ihave_beyond_10_rpcs_a_heartbeat_is_not_read) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    for (std::uint8_t i = 0; i < 10; ++i) {
        auto const out = node.receive(1, test::ihave_rpc(topic, {{i, 1, 2}}));
        EXPECT_THAT(out.effects, SizeIs(1));
        EXPECT_THAT(out.events, IsEmpty());
    }
    auto const out = node.receive(1, test::ihave_rpc(topic, {{99, 1, 2}}));
    EXPECT_THAT(out.effects, IsEmpty());
    EXPECT_THAT(misbehaviours_in(out), ElementsAre(Misbehaviour::ihave_flood));
    node.advance(2s);
    EXPECT_THAT(node.receive(1, test::ihave_rpc(topic, {{99, 1, 2}})).effects, SizeIs(1));
}

TEST(Advisories, no_more_than_5000_ids_a_heartbeat_are_asked_of_a_peer) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    std::size_t asked = 0;
    bool flooded = false;
    for (int rpc = 0; rpc < 3; ++rpc) {
        std::vector<base::ByteString> ids;
        for (int i = 0; i < 3'000; ++i) {
            ids.push_back(base::to_byte_string(base::as_bytes(std::to_string(rpc * 10'000 + i))));
        }
        auto const out = node.receive(1, test::ihave_rpc(topic, ids));
        for (auto const& sent : test::sent_in(out)) {
            EXPECT_LE(sent.rpc_size, 16'384u);
            EXPECT_FALSE(sent.droppable);
            asked += sent.rpc.iwant.size();
        }
        flooded = misbehaviours_in(out) == std::vector{Misbehaviour::ihave_flood};
    }
    EXPECT_EQ(asked, 5'000u);
    EXPECT_TRUE(flooded);
}

TEST(Advisories, ids_we_have_seen_count_too_for_looking_them_up_costs) {
    auto config = test_config();
    config.ihave_ids_max = 2;
    Node node(std::move(config));
    node.subscribe(topic);
    node.add_in(1, topic);
    auto const seen = test::events_in<Published>(node.publish(topic, "x")).at(0).id;
    EXPECT_THAT(node.receive(1, test::ihave_rpc(topic, {seen, seen})).effects, IsEmpty());
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::ihave_rpc(topic, {{1, 2, 3}}))),
                ElementsAre(Misbehaviour::ihave_flood));
}

TEST(Advisories, iwant_beyond_5000_ids_a_heartbeat_is_not_read) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    std::vector<base::ByteString> const ids(3'000, base::ByteString{1, 2, 3});
    EXPECT_THAT(node.receive(1, test::iwant_rpc(ids)).events, IsEmpty());
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::iwant_rpc(ids))), ElementsAre(Misbehaviour::iwant_flood));
    std::vector<base::ByteString> const too_many(rpc_ids_max + 1, base::ByteString{1, 2, 3});
    node.advance(2s);
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::iwant_rpc(too_many))), ElementsAre(Misbehaviour::iwant_flood));
}

TEST(Advisories, promises_end_at_their_bound) {
    auto config = test_config();
    config.ihave_rpcs_max = SIZE_MAX;
    config.ihave_ids_max = UINT32_MAX;
    Node node(std::move(config));
    node.subscribe(topic);
    node.add_in(1, topic);
    for (std::size_t i = 0; i <= promises_max; ++i) {
        auto const id = base::to_byte_string(base::as_bytes(std::to_string(i)));
        EXPECT_THAT(node.receive(1, test::ihave_rpc(topic, {id})).effects, SizeIs(1)) << "asked for all the same";
    }
    EXPECT_EQ(node.state.promises.size(), promises_max);
    node.apply(PeerRemoved{PeerKey{1}});
    EXPECT_TRUE(node.state.promises.empty());
}

}  // namespace
}  // namespace libp2p::gossipsub
