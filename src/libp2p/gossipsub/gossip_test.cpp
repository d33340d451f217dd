// IHAVE, IWANT, fan-out and the caches. Goal: what the mesh misses comes by gossip, within the bounds of the
// specification. Method: one node, RPCs written by hand.
#include "libp2p/gossipsub/test_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::gossipsub {
namespace {

using namespace std::chrono_literals;

using test::misbehaviours_in;
using test::Node;
using test::receivers_in;
using test::test_config;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto topic = "topic";

base::ByteString bytes_of(std::string_view text) { return base::to_byte_string(base::as_bytes(text)); }

std::vector<test::Sent> ihave_in(Out const& out) {
    std::vector<test::Sent> all;
    for (auto& sent : test::sent_in(out)) {
        if (!sent.rpc.ihave.empty()) all.push_back(std::move(sent));
    }
    return all;
}
std::vector<base::ByteString> wanted_in(Out const& out) {
    std::vector<base::ByteString> ids;
    for (auto const& sent : test::sent_in(out)) {
        for (auto const id : sent.rpc.iwant) ids.push_back(base::to_byte_string(id));
    }
    return ids;
}
base::ByteString message_from(std::uint64_t author, std::string_view data, std::uint64_t number) {
    return test::message_by(author, topic, data, number, crypto::stand_in_suite());
}
MessageId origin(std::uint64_t author, std::uint64_t number) {
    auto id = base::to_byte_string(test::id_number(author).bytes());
    base::append_u64_be(id, number);
    return id;
}
/// Peer `via` brings a message, and it is accepted.
MessageId accept(Node& node, std::uint64_t via, base::ByteString const& message) {
    auto const arrived = test::events_in<MessageArrived>(node.receive(via, test::message_rpc(message)));
    base::check(arrived.size() == 1, "one message arrived");
    node.apply(Verdict{arrived[0].key, Acceptance::accept});
    return arrived[0].id;
}

TEST(IHave, goes_at_the_heartbeat_to_6_peers_outside_the_mesh) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 20; ++peer) node.add_in(peer, topic);
    auto const id = accept(node, *node.topic(topic).mesh.begin() == PeerKey{1} ? 2 : 1, message_from(50, "x", 1));
    auto const gossip = ihave_in(node.advance(1s));
    ASSERT_THAT(gossip, SizeIs(6));
    for (auto const& sent : gossip) {
        EXPECT_FALSE(node.topic(topic).mesh.contains(sent.peer));
        EXPECT_TRUE(sent.droppable);
        EXPECT_EQ(sent.rpc.ihave[0].topic, topic);
        EXPECT_EQ(base::to_byte_string(sent.rpc.ihave[0].ids.at(0)), id);
    }
}

TEST(IHave, goes_to_a_quarter_of_the_peers_when_that_is_more) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 46; ++peer) node.add_in(peer, topic);
    accept(node, 1, message_from(50, "x", 1));
    EXPECT_THAT(ihave_in(node.advance(1s)), SizeIs(10));
}

TEST(IHave, repeats_on_3_heartbeats) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 7; ++peer) node.add_in(peer, topic);
    node.apply(Tick{});
    node.advance(next_deadline(node.state) - node.now - 1ms);
    accept(node, 1, message_from(50, "x", 1));
    for (int beat = 0; beat < 3; ++beat) EXPECT_THAT(ihave_in(node.advance(1s)), SizeIs(1)) << beat;
    EXPECT_THAT(ihave_in(node.advance(5s)), IsEmpty());
}

TEST(IHave, fits_the_rpcs_that_rust_reads_and_the_count_that_go_reads) {
    Node node;
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= 7; ++peer) node.add_in(peer, topic);
    for (std::uint64_t number = 1; number <= 5'000; ++number) accept(node, 1, message_from(50, "x", number));
    auto const gossip = ihave_in(node.advance(1s));
    ASSERT_THAT(gossip, SizeIs(ihave_rpcs_per_heartbeat_max));
    for (auto const& sent : gossip) EXPECT_LE(sent.rpc_size, 16'384u);
}

TEST(IHave, of_unseen_messages_is_answered_at_once_with_iwant) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    auto const seen = accept(node, 1, message_from(50, "x", 1));
    auto const out = node.receive(1, test::ihave_rpc(topic, {seen, bytes_of("new"), bytes_of("new"), {}}));
    EXPECT_THAT(wanted_in(out), ElementsAre(bytes_of("new")));
}

TEST(IHave, of_a_topic_that_is_not_ours_is_ignored) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    EXPECT_THAT(node.receive(1, test::ihave_rpc("other", {bytes_of("new")})).effects, IsEmpty());
}

TEST(IHave, with_an_overlong_id_is_ignored) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    base::ByteString const id(message_id_bytes_max + 1, 1);
    EXPECT_THAT(node.receive(1, test::ihave_rpc(topic, {id})).effects, IsEmpty());
}

TEST(Promise, is_broken_when_the_message_does_not_come_in_3_s) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.receive(1, test::ihave_rpc(topic, {bytes_of("a"), bytes_of("b")}));
    EXPECT_THAT(misbehaviours_in(node.advance(2900ms)), IsEmpty());
    EXPECT_THAT(misbehaviours_in(node.advance(1200ms)), ElementsAre(Misbehaviour::broken_promise));
    EXPECT_TRUE(node.state.promises.empty());
}

TEST(Promise, is_kept_by_whoever_brings_the_message) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    node.add_in(2, topic);
    node.receive(1, test::ihave_rpc(topic, {origin(50, 1)}));
    EXPECT_THAT(node.state.promises, SizeIs(1));
    node.receive(2, test::message_rpc(message_from(50, "x", 1)));
    EXPECT_THAT(misbehaviours_in(node.advance(10s)), IsEmpty());
}

TEST(IWant, is_answered_with_the_message_as_it_came) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    auto const message = message_from(50, "x", 1);
    auto const id = accept(node, 1, message);
    node.add(2);
    auto const sent = test::sent_in(node.receive(2, test::iwant_rpc({id})));
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_TRUE(sent[0].droppable);
    EXPECT_EQ(base::to_byte_string(sent[0].rpc.messages.at(0).encoding), message);
}

TEST(IWant, is_answered_3_times_a_message_and_peer) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    auto const id = accept(node, 1, message_from(50, "x", 1));
    node.add(2);
    EXPECT_THAT(receivers_in(node.receive(2, test::iwant_rpc({id, id, id, id}))), SizeIs(3));
    EXPECT_THAT(node.receive(2, test::iwant_rpc({id})).effects, IsEmpty());
    node.add(3);
    EXPECT_THAT(receivers_in(node.receive(3, test::iwant_rpc({id}))), SizeIs(1));
}

TEST(IWant, finds_only_accepted_messages) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    auto const arrived =
        test::events_in<MessageArrived>(node.receive(1, test::message_rpc(message_from(50, "x", 1)))).at(0);
    EXPECT_THAT(node.receive(1, test::iwant_rpc({arrived.id})).effects, IsEmpty());
    node.apply(Verdict{arrived.key, Acceptance::ignore});
    EXPECT_THAT(node.receive(1, test::iwant_rpc({arrived.id})).effects, IsEmpty());
}

TEST(IWant, finds_messages_of_the_last_5_heartbeats) {
    Node node;
    node.subscribe(topic);
    node.add_in(1, topic);
    auto const id = accept(node, 1, message_from(50, "x", 1));
    node.advance(3900ms);
    EXPECT_THAT(node.receive(1, test::iwant_rpc({id})).effects, SizeIs(1));
    node.advance(1200ms);
    EXPECT_THAT(node.receive(1, test::iwant_rpc({id})).effects, IsEmpty());
}

// mina: Mina's Rust node asks by author and sequence number in text.
TEST(RustIds, find_the_same_message_when_we_answer_them) {
    auto config = test_config();
    config.message_id = topic_keyed_hash_id;
    config.answer_rust_ids = true;
    Node node(std::move(config));
    node.subscribe(topic);
    node.add_in(1, topic);
    accept(node, 1, message_from(50, "x", 7));
    auto const rust_id = bytes_of(test::id_number(50).text() + "7");
    EXPECT_THAT(receivers_in(node.receive(1, test::iwant_rpc({rust_id}))), SizeIs(1));
    EXPECT_THAT(wanted_in(node.receive(1, test::ihave_rpc(topic, {rust_id}))), IsEmpty());
    auto const unseen = bytes_of(test::id_number(50).text() + "8");
    EXPECT_THAT(wanted_in(node.receive(1, test::ihave_rpc(topic, {unseen}))), ElementsAre(unseen));
    node.receive(1, test::message_rpc(message_from(50, "y", 8)));
    EXPECT_TRUE(node.state.promises.empty());
    node.publish(topic, "own");
    auto const own = bytes_of(node.state.self.text() + "1");
    EXPECT_THAT(receivers_in(node.receive(1, test::iwant_rpc({own}))), SizeIs(1));
}

TEST(RustIds, find_nothing_when_we_do_not_answer_them) {
    auto config = test_config();
    config.message_id = topic_keyed_hash_id;
    Node node(std::move(config));
    node.subscribe(topic);
    node.add_in(1, topic);
    accept(node, 1, message_from(50, "x", 7));
    EXPECT_THAT(node.receive(1, test::iwant_rpc({bytes_of(test::id_number(50).text() + "7")})).effects, IsEmpty());
}

TEST(Fanout, of_6_peers_serves_a_topic_we_are_not_in_and_lasts_60_s) {
    Node node;
    for (std::uint64_t peer = 1; peer <= 10; ++peer) node.add_in(peer, topic);
    auto const first = receivers_in(node.publish(topic, "one"));
    EXPECT_THAT(first, SizeIs(6));
    EXPECT_EQ(receivers_in(node.publish(topic, "two")), first);
    EXPECT_THAT(ihave_in(node.advance(1s)), SizeIs(4));  // the other peers hear of it
    node.advance(58s);
    EXPECT_EQ(node.topic(topic).fanout.size(), 6u);
    node.advance(2s);
    EXPECT_TRUE(node.topic(topic).fanout.empty());
}

TEST(Fanout, is_refilled_by_the_heartbeat) {
    Node node;
    for (std::uint64_t peer = 1; peer <= 10; ++peer) node.add_in(peer, topic);
    auto const first = receivers_in(node.publish(topic, "one"));
    node.apply(PeerRemoved{first[0]});
    node.receive(first[1].value, test::subscription_rpc(topic, false));
    EXPECT_EQ(node.topic(topic).fanout.size(), 4u);
    node.advance(1100ms);
    EXPECT_EQ(node.topic(topic).fanout.size(), 6u);
}

TEST(Fanout, becomes_the_mesh_when_we_enter_the_topic) {
    Node node;
    for (std::uint64_t peer = 1; peer <= 20; ++peer) node.add_in(peer, topic);
    auto const first = receivers_in(node.publish(topic, "one"));
    auto const grafted = test::grafted_in(node.subscribe(topic));
    EXPECT_EQ(grafted, first);
}

TEST(Fanout, is_not_kept_beyond_the_bound_of_own_topics) {
    auto config = test_config();
    config.topics_max = 1;
    Node node(std::move(config));
    node.subscribe("a");
    node.add_in(1, topic);
    EXPECT_THAT(receivers_in(node.publish(topic, "one")), SizeIs(1));
    EXPECT_TRUE(node.topic(topic).fanout.empty());
}

TEST(MessageCache, ends_at_its_bounds_with_the_oldest_message) {
    MessageCache cache({5, 3, 3, 100});
    auto const put = [&](std::string_view id, std::size_t bytes) {
        cache.put(bytes_of(id), {"t", base::SharedBytes::take(base::ByteString(bytes, 1)), bytes_of("o-" + std::string(id)), {}});
    };
    for (auto const* id : {"a", "b", "c", "d"}) put(id, 10);
    EXPECT_EQ(cache.find(bytes_of("a")), nullptr);
    EXPECT_EQ(cache.find_origin(bytes_of("o-a")), nullptr);
    EXPECT_NE(cache.find_origin(bytes_of("o-b")), nullptr);
    EXPECT_EQ(cache.size_bytes(), 30u);
    put("e", 85);
    EXPECT_EQ(cache.size_bytes(), 95u);
    EXPECT_NE(cache.find(bytes_of("d")), nullptr);
    EXPECT_EQ(cache.find(bytes_of("c")), nullptr);
    put("big", 1'000);
    EXPECT_EQ(cache.messages().size(), 1u);
    put("big", 1);
    EXPECT_EQ(cache.size_bytes(), 1'000u);
}

TEST(MessageCache, keeps_the_first_message_of_a_reused_origin) {
    MessageCache cache({});
    cache.put(bytes_of("a"), {"t", base::SharedBytes::copy_of(bytes_of("first")), bytes_of("origin"), {}});
    cache.put(bytes_of("b"), {"t", base::SharedBytes::copy_of(bytes_of("second")), bytes_of("origin"), {}});
    EXPECT_EQ(base::as_text(cache.find_origin(bytes_of("origin"))->frame.view()), "first");
    for (int beat = 0; beat < 5; ++beat) cache.shift();
    EXPECT_EQ(cache.find_origin(bytes_of("origin")), nullptr);
    EXPECT_TRUE(cache.messages().empty());
    EXPECT_EQ(cache.size_bytes(), 0u);
}

TEST(SeenCache, forgets_by_age_and_by_number) {
    SeenCache seen(10s, 2);
    auto const key = [&](std::string_view text) { return seen.key_of(base::as_bytes(text)); };
    seen.insert(key("a"), MessageKey{7}, base::Instant{0});
    EXPECT_EQ(seen.find(key("a")), MessageKey{7});
    seen.settle(key("a"), MessageKey{7}, base::Instant{0});
    EXPECT_EQ(seen.find(key("a")), MessageKey{});
    seen.settle(key("never"), MessageKey{7}, base::Instant{0});
    seen.insert(key("b"), {}, base::Instant{1});
    seen.insert(key("c"), {}, base::Instant{2});
    EXPECT_FALSE(seen.contains(key("a")));
    seen.expire(base::Instant{0} + 10s + base::Duration(1));
    EXPECT_FALSE(seen.contains(key("b")));
    EXPECT_TRUE(seen.contains(key("c")));
    EXPECT_EQ(seen.size(), 1u);
}

TEST(SeenCache, keeps_what_awaits_its_verdict_whatever_comes_meanwhile) {
    SeenCache seen(10s, 2);
    auto const key = [&](int number) { return seen.key_of(base::as_bytes(std::to_string(number))); };
    seen.insert(key(0), MessageKey{7}, base::Instant{0});
    for (int i = 1; i <= 1'000; ++i) seen.insert(key(i), {}, base::Instant{0});
    EXPECT_EQ(seen.find(key(0)), MessageKey{7});
    EXPECT_EQ(seen.size(), 3u) << "and no more than that is kept";
    seen.expire(base::Instant{0} + 20s);
    EXPECT_EQ(seen.find(key(0)), MessageKey{7});

    // With its verdict it is one like the others, and the newest of them.
    seen.settle(key(0), MessageKey{8}, base::Instant{0} + 20s);
    EXPECT_EQ(seen.find(key(0)), MessageKey{7}) << "another message's verdict";
    seen.settle(key(0), MessageKey{7}, base::Instant{0} + 20s);
    EXPECT_EQ(seen.find(key(0)), MessageKey{});
    seen.expire(base::Instant{0} + 29s);
    EXPECT_TRUE(seen.contains(key(0)));
    seen.insert(key(1'001), {}, base::Instant{0} + 29s);
    seen.insert(key(1'002), {}, base::Instant{0} + 29s);
    EXPECT_FALSE(seen.contains(key(0)));
    EXPECT_EQ(seen.size(), 2u);
}

TEST(SeenCache, keys_depend_on_the_secret_of_the_node) {
    SeenCache a(10s, 2);
    SeenCache b(10s, 2);
    b.set_secret({1});
    EXPECT_NE(a.key_of(base::as_bytes("x")), b.key_of(base::as_bytes("x")));
}

}  // namespace
}  // namespace libp2p::gossipsub
