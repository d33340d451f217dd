// Subscriptions and meshes. Goal: each rule of the specification about GRAFT, PRUNE, backoff and mesh degrees, and each
// bound. Method: one node, RPCs written by hand, time by hand.
#include "libp2p/gossipsub/steps.h"
#include "libp2p/gossipsub/test_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::gossipsub {
namespace {

using namespace std::chrono_literals;

using test::grafted_in;
using test::misbehaviours_in;
using test::Node;
using test::pruned_in;
using test::SentPrune;
using test::test_config;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto topic = "topic";

std::vector<PeerKey> keys(std::initializer_list<std::uint64_t> numbers) {
    std::vector<PeerKey> all;
    for (auto const number : numbers) all.push_back(PeerKey{number});
    return all;
}

std::size_t outbound_members(Node const& node) {
    return static_cast<std::size_t>(std::ranges::count_if(node.topic(topic).mesh, [&](PeerKey key) {
        return node.state.peers.at(key).connection == Direction::outbound;
    }));
}

TEST(Subscriptions, a_new_peer_hears_all_of_them_at_once) {
    Node node;
    node.subscribe("b");
    node.subscribe("a");
    auto const sent = test::sent_in(node.add(1));
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_FALSE(sent[0].droppable);
    ASSERT_THAT(sent[0].rpc.subscriptions, SizeIs(2));
    EXPECT_EQ(sent[0].rpc.subscriptions[0].topic, "a");
    EXPECT_EQ(sent[0].rpc.subscriptions[1].topic, "b");
}

TEST(Subscriptions, are_announced_to_all_peers_when_they_change) {
    Node node;
    node.add(1);
    node.add(2, Direction::inbound, Version::floodsub);
    auto const sent = test::sent_in(node.subscribe(topic));
    ASSERT_THAT(sent, SizeIs(2));
    EXPECT_TRUE(sent[1].rpc.subscriptions.at(0).subscribe);
    EXPECT_THAT(node.subscribe(topic).effects, IsEmpty());
    auto const left = test::sent_in(node.apply(Unsubscribe{topic}));
    ASSERT_THAT(left, SizeIs(2));
    EXPECT_FALSE(left[0].rpc.subscriptions.at(0).subscribe);
    EXPECT_THAT(node.apply(Unsubscribe{topic}).effects, IsEmpty());
}

TEST(Subscriptions, of_a_peer_are_reported_when_they_change) {
    Node node;
    node.add(1);
    auto const changed = test::events_in<TopicChanged>(node.receive(1, test::subscription_rpc(topic)));
    ASSERT_THAT(changed, SizeIs(1));
    EXPECT_TRUE(changed[0].subscribed);
    EXPECT_THAT(node.receive(1, test::subscription_rpc(topic)).events, IsEmpty());
    auto const left = test::events_in<TopicChanged>(node.receive(1, test::subscription_rpc(topic, false)));
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_FALSE(left[0].subscribed);
    EXPECT_TRUE(node.state.topics.empty());
}

TEST(Subscriptions, that_come_before_our_stream_is_open_count) {
    Node node;
    node.subscribe(topic);
    EXPECT_THAT(node.receive(1, test::subscription_rpc(topic)).effects, IsEmpty());
    auto const sent = test::sent_in(node.add(1));
    ASSERT_THAT(sent, SizeIs(1));  // subscription and GRAFT in one RPC
    EXPECT_THAT(sent[0].rpc.subscriptions, SizeIs(1));
    EXPECT_THAT(sent[0].rpc.graft, SizeIs(1));
}

TEST(Subscriptions, of_a_peer_end_when_it_leaves) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::subscription_rpc("other"));
    node.apply(PeerRemoved{PeerKey{1}});
    EXPECT_TRUE(node.state.peers.empty());
    EXPECT_THAT(node.state.topics, SizeIs(1));
    EXPECT_TRUE(node.topic(topic).mesh.empty());
    EXPECT_THAT(node.apply(PeerRemoved{PeerKey{1}}).effects, IsEmpty());
}

// Go and Rust peers neither send nor advertise to us what they publish between our SUBSCRIBE and our GRAFT.
TEST(Mesh, grafts_a_peer_as_soon_as_it_enters_the_topic) {
    Node node;
    node.subscribe(topic);
    node.add(1);
    EXPECT_EQ(grafted_in(node.receive(1, test::subscription_rpc(topic))), keys({1}));
    EXPECT_TRUE(node.in_mesh(topic, 1));
}

TEST(Mesh, grafts_at_once_only_up_to_its_target) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 10; ++peer) node.add_in(peer, topic);
    EXPECT_EQ(node.topic(topic).mesh.size(), 6u);
    EXPECT_THAT(grafted_in(node.advance(10s)), IsEmpty());
}

TEST(Mesh, grafts_up_to_its_target_when_we_enter_the_topic) {
    Node node;
    for (std::uint64_t peer = 1; peer <= 10; ++peer) node.add_in(peer, topic);
    auto const out = node.subscribe(topic);
    EXPECT_THAT(grafted_in(out), SizeIs(6));
    for (auto const& sent : test::sent_in(out)) EXPECT_THAT(sent.rpc.subscriptions, SizeIs(1));
}

TEST(Mesh, prunes_its_members_for_10_s_when_we_leave_the_topic) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    auto const out = node.apply(Unsubscribe{topic});
    EXPECT_THAT(pruned_in(out), ElementsAre(SentPrune{PeerKey{1}, 10}));
    EXPECT_THAT(grafted_in(node.subscribe(topic)), IsEmpty());
    EXPECT_THAT(grafted_in(node.advance(11s)), IsEmpty());
    EXPECT_EQ(grafted_in(node.advance(3s)), keys({1}));
}

TEST(Mesh, is_filled_to_its_target_by_the_heartbeat_when_below_its_low_mark) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 12; ++peer) node.add_in(peer, topic, Direction::outbound);
    auto const members = node.topic(topic).mesh;
    node.apply(PeerRemoved{*members.begin()});
    EXPECT_THAT(grafted_in(node.advance(3s)), IsEmpty());  // five are enough
    node.apply(PeerRemoved{*std::next(members.begin())});
    EXPECT_THAT(grafted_in(node.advance(1s)), SizeIs(2));
    EXPECT_EQ(node.topic(topic).mesh.size(), 6u);
}

TEST(Mesh, accepts_grafts_of_inbound_peers_up_to_its_high_mark) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 12; ++peer) {
        node.add(peer);
        EXPECT_THAT(pruned_in(node.receive(peer, test::graft_rpc(topic))), IsEmpty());
    }
    node.add(13);
    EXPECT_THAT(pruned_in(node.receive(13, test::graft_rpc(topic))), ElementsAre(SentPrune{PeerKey{13}, 60}));
    EXPECT_FALSE(node.in_mesh(topic, 13));
    node.add(14, Direction::outbound);
    EXPECT_THAT(pruned_in(node.receive(14, test::graft_rpc(topic))), IsEmpty());
    EXPECT_TRUE(node.in_mesh(topic, 14));
}

TEST(Mesh, is_pruned_to_its_target_above_its_high_mark_and_keeps_outbound_members) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 12; ++peer) {
        node.add(peer);
        node.receive(peer, test::graft_rpc(topic));
    }
    for (std::uint64_t peer = 13; peer <= 14; ++peer) {
        node.add(peer, Direction::outbound);
        node.receive(peer, test::graft_rpc(topic));
    }
    auto const pruned = pruned_in(node.advance(2s));
    EXPECT_THAT(pruned, SizeIs(8));
    EXPECT_EQ(node.topic(topic).mesh.size(), 6u);
    EXPECT_EQ(outbound_members(node), 2u);
    EXPECT_EQ(node.topic(topic).backoff.size(), 8u);
}

TEST(Mesh, is_given_outbound_members_when_it_has_too_few) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 6; ++peer) node.add_in(peer, topic);
    for (std::uint64_t peer = 7; peer <= 9; ++peer) node.add_in(peer, topic, Direction::outbound);
    EXPECT_EQ(outbound_members(node), 0u);
    EXPECT_THAT(grafted_in(node.advance(2s)), SizeIs(2));
    EXPECT_EQ(outbound_members(node), 2u);
}

TEST(Mesh, takes_a_graft_for_a_subscription) {
    Node node;
    node.subscribe(topic);
    node.add(1);
    EXPECT_THAT(test::events_in<TopicChanged>(node.receive(1, test::graft_rpc(topic))), SizeIs(1));
    EXPECT_TRUE(node.in_mesh(topic, 1));
}

TEST(Mesh, loses_a_member_that_leaves_the_topic) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::subscription_rpc(topic, false));
    EXPECT_FALSE(node.in_mesh(topic, 1));
}

TEST(Mesh, answers_a_graft_that_came_before_our_stream_was_open) {
    Node node;
    node.subscribe(topic);
    EXPECT_THAT(node.receive(1, test::graft_rpc(topic)).effects, IsEmpty());
    EXPECT_FALSE(node.in_mesh(topic, 1));
    EXPECT_THAT(grafted_in(node.add(1)), IsEmpty());
    EXPECT_TRUE(node.in_mesh(topic, 1));
    node.receive(2, test::graft_rpc(topic));
    node.receive(2, test::prune_rpc(topic, 60));  // it has changed its mind
    EXPECT_EQ(grafted_in(node.add(2)), keys({2}));
}

TEST(Mesh, is_formed_anew_when_our_stream_is_replaced) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    auto const out = node.add(1);
    EXPECT_EQ(grafted_in(out), keys({1}));
    EXPECT_THAT(test::sent_in(out).at(0).rpc.subscriptions, SizeIs(1));
}

// spec: gossipsub-v1.1#spam-protection-measures "GRAFT messages for unknown topics are ignored"
TEST(Graft, for_an_unknown_topic_is_not_answered) {
    Node node;
    node.add(1);
    EXPECT_THAT(node.receive(1, test::graft_rpc(topic)).effects, IsEmpty());
    EXPECT_TRUE(node.state.topics.empty());
    node.receive(1, test::subscription_rpc(topic));  // theirs, not ours
    EXPECT_THAT(node.receive(1, test::graft_rpc(topic)).effects, IsEmpty());
}

TEST(Graft, is_answered_once_a_topic_however_often_an_rpc_names_it) {
    auto config = test_config();
    config.direct_peers.insert(test::id_number(1));
    Node node(std::move(config));
    node.subscribe(topic);
    node.add(1);
    base::ByteString control;
    for (int i = 0; i < 100; ++i) append_graft(control, topic);
    EXPECT_THAT(pruned_in(node.receive(1, test::control_rpc(control))), SizeIs(1));
}

TEST(Graft, in_backoff_is_pruned_reported_and_extends_the_backoff) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::prune_rpc(topic, 60));
    node.advance(50s);
    auto const out = node.receive(1, test::graft_rpc(topic));
    EXPECT_THAT(pruned_in(out), ElementsAre(SentPrune{PeerKey{1}, 60}));
    EXPECT_THAT(misbehaviours_in(out), ElementsAre(Misbehaviour::graft_in_backoff));
    EXPECT_FALSE(is_fatal(Misbehaviour::graft_in_backoff));
    node.advance(59s);
    EXPECT_THAT(pruned_in(node.receive(1, test::graft_rpc(topic))), SizeIs(1));
    node.advance(60s);
    EXPECT_THAT(pruned_in(node.receive(1, test::graft_rpc(topic))), IsEmpty());
    EXPECT_TRUE(node.in_mesh(topic, 1));
}

TEST(Graft, within_10_s_of_the_prune_counts_twice) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::prune_rpc(topic, 60));
    node.advance(9s);
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::graft_rpc(topic))), SizeIs(2));
}

TEST(Graft, of_a_member_changes_nothing) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    EXPECT_THAT(node.receive(1, test::graft_rpc(topic)).effects, IsEmpty());
    EXPECT_TRUE(node.in_mesh(topic, 1));
}

TEST(Backoff, keeps_us_from_grafting_until_it_and_two_heartbeats_have_passed) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::prune_rpc(topic, 20));
    EXPECT_FALSE(node.in_mesh(topic, 1));
    EXPECT_THAT(grafted_in(node.advance(22s)), IsEmpty());
    EXPECT_EQ(grafted_in(node.advance(2s)), keys({1}));
}

TEST(Backoff, is_60_s_when_the_prune_names_none) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::prune_rpc(topic, std::nullopt));
    EXPECT_THAT(grafted_in(node.advance(62s)), IsEmpty());
    EXPECT_EQ(grafted_in(node.advance(2s)), keys({1}));
}

TEST(Backoff, outlives_the_connection) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::prune_rpc(topic, 60));
    node.apply(PeerRemoved{PeerKey{1}});
    node.apply(PeerAdded{PeerKey{9}, test::id_number(1), Version::v1_1, Direction::inbound});
    EXPECT_THAT(misbehaviours_in(node.receive(9, test::graft_rpc(topic))), SizeIs(2));
}

TEST(Backoff, of_too_many_peers_forgets_the_one_that_ends_first) {
    auto config = test_config();
    config.prune_backoff = 600s;
    State const state(std::move(config));
    Topic one;
    for (std::uint64_t i = 0; i <= backoffs_per_topic_max; ++i) {
        base::ByteString multihash{0x12, 32};
        multihash.resize(34);
        multihash[2] = static_cast<std::uint8_t>(i >> 8);
        multihash[3] = static_cast<std::uint8_t>(i);
        set_backoff(state, one, *PeerId::from_bytes(multihash), base::Instant{1'000 + static_cast<int>(i)});
    }
    EXPECT_EQ(one.backoff.size(), backoffs_per_topic_max);
    auto const first = std::ranges::min_element(one.backoff, {}, [](auto const& entry) { return entry.second; });
    EXPECT_EQ(first->second, base::Instant{1'001});
}

TEST(Floodsub, peers_get_no_control_and_are_in_no_mesh) {
    Node node;
    node.subscribe(topic);
    node.add(1, Direction::outbound, Version::floodsub);
    EXPECT_THAT(node.receive(1, test::subscription_rpc(topic)).effects, IsEmpty());
    EXPECT_THAT(node.receive(1, test::graft_rpc(topic)).effects, IsEmpty());
    EXPECT_THAT(node.advance(5s).effects, IsEmpty());
    EXPECT_TRUE(node.topic(topic).mesh.empty());
}

TEST(Version10, peers_are_pruned_without_a_backoff) {
    Node node;
    node.subscribe(topic);
    node.add(1, Direction::inbound, Version::v1_0);
    node.receive(1, test::subscription_rpc(topic));
    EXPECT_THAT(pruned_in(node.apply(Unsubscribe{topic})), ElementsAre(SentPrune{PeerKey{1}, 0}));
}

// spec: gossipsub-v1.1#explicit-peering-agreements
TEST(DirectPeers, are_in_no_mesh_and_their_graft_is_pruned) {
    auto config = test_config();
    config.direct_peers.insert(test::id_number(1));
    Node node(std::move(config));
    node.subscribe(topic);
    EXPECT_THAT(grafted_in(node.add_in(1, topic)), IsEmpty());
    EXPECT_THAT(grafted_in(node.advance(5s)), IsEmpty());
    EXPECT_THAT(pruned_in(node.receive(1, test::graft_rpc(topic))), ElementsAre(SentPrune{PeerKey{1}, 60}));
}

TEST(Control, is_split_into_rpcs_that_rust_accepts) {
    auto config = test_config();
    Node node(std::move(config));
    for (int i = 0; i < 200; ++i) node.subscribe("topic-" + std::string(200, 'x') + std::to_string(i));
    auto const sent = test::sent_in(node.add(1));
    EXPECT_GT(sent.size(), 2u);
    std::size_t count = 0;
    for (auto const& one : sent) {
        EXPECT_LE(one.rpc_size, 16'384u);
        count += one.rpc.subscriptions.size();
    }
    EXPECT_EQ(count, 200u);
}

TEST(Limits, own_topics_end_at_their_bound) {
    auto config = test_config();
    config.topics_max = 2;
    Node node(std::move(config));
    for (auto const* name : {"a", "b", "c"}) node.subscribe(name);
    EXPECT_THAT(node.state.topics, SizeIs(2));
    node.subscribe(std::string(topic_bytes_max + 1, 'x'));
    EXPECT_THAT(node.state.topics, SizeIs(2));
}

TEST(Limits, peers_beyond_their_bound_are_not_heard) {
    auto config = test_config();
    config.peers_max = 2;
    Node node(std::move(config));
    node.subscribe(topic);
    node.add(1);
    node.receive(2, {});
    EXPECT_THAT(node.add(3).effects, IsEmpty());
    EXPECT_THAT(node.receive(4, test::subscription_rpc(topic)).events, IsEmpty());
    EXPECT_THAT(node.state.peers, SizeIs(2));
    EXPECT_THAT(node.add(2).effects, SizeIs(1));  // known, though not yet open
}

TEST(Limits, an_overlong_topic_name_is_skipped) {
    Node node;
    node.add(1);
    EXPECT_THAT(node.receive(1, test::subscription_rpc(std::string(topic_bytes_max + 1, 'x'))).events, IsEmpty());
    EXPECT_TRUE(node.state.topics.empty());
    EXPECT_THAT(node.receive(1, test::subscription_rpc(std::string(topic_bytes_max, 'x'))).events, SizeIs(1));
}

TEST(Heartbeat, comes_first_within_a_random_part_of_an_interval) {
    Node a(test_config(), 1);
    Node b(test_config(), 2);
    EXPECT_EQ(next_deadline(a.state), base::Instant::never());
    a.apply(Tick{});
    b.apply(Tick{});
    for (auto const* node : {&a, &b}) {
        EXPECT_GE(next_deadline(node->state), node->now + 100ms);
        EXPECT_LE(next_deadline(node->state), node->now + 1100ms);
    }
    EXPECT_NE(next_deadline(a.state), next_deadline(b.state));
}

TEST(Heartbeat, does_not_make_up_for_missed_beats) {
    Node node;
    node.apply(Tick{});
    node.now = node.now + 100s;
    node.apply(Tick{});
    EXPECT_EQ(next_deadline(node.state), node.now + 1s);
}

TEST(Describe, prints_the_topics_and_peers_in_order) {
    Node node;
    node.subscribe(topic);
    node.add_in(2, topic);
    node.add_in(1, topic);
    base::TextDescriber text;
    describe(node.state, text);
    EXPECT_THAT(text.text(), testing::HasSubstr("topic"));
    EXPECT_LT(text.text().find(test::id_number(1).text()), text.text().find(test::id_number(2).text()));
    EXPECT_THAT(text.text(), testing::HasSubstr("mesh"));
}

TEST(Memory, of_an_idle_peer_is_small) {
    // Map node and entry, and one key in the topic and in the mesh each.
    EXPECT_LE(sizeof(std::pair<PeerKey const, Peer>) + 4 * sizeof(void*) + 2 * 2 * sizeof(PeerKey), 256u);
}

}  // namespace
}  // namespace libp2p::gossipsub
