// Messages from arrival or publication to their receivers. Goal: nothing is forwarded before its verdict, bytes are
// forwarded as they came, and each bound drops what it should. Method: one node, RPCs written by hand.
#include "libp2p/gossipsub/test_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::gossipsub {
namespace {

using namespace std::chrono_literals;

using test::events_in;
using test::misbehaviours_in;
using test::Node;
using test::receivers_in;
using test::test_config;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto topic = "topic";

base::ByteString message_from(std::uint64_t author, std::string_view data, std::uint64_t number) {
    return test::message_by(author, topic, data, number, crypto::stand_in_suite());
}
base::ByteString rpc_from(std::uint64_t author, std::string_view data, std::uint64_t number) {
    return test::message_rpc(message_from(author, data, number));
}
std::vector<PeerKey> keys(std::initializer_list<std::uint64_t> numbers) {
    std::vector<PeerKey> all;
    for (auto const number : numbers) all.push_back(PeerKey{number});
    return all;
}
/// Subscribed, with peers 1…count in the mesh.
Node node_with_mesh(std::uint64_t count, Config config = test_config()) {
    Node node(std::move(config));
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= count; ++peer) node.add_in(peer, topic);
    return node;
}
MessageKey arrived_in(Out const& out) {
    auto const arrived = events_in<MessageArrived>(out);
    base::check(arrived.size() == 1, "one message arrived");
    return arrived[0].key;
}

TEST(Message, awaits_its_verdict_before_it_is_forwarded) {
    auto node = node_with_mesh(4);
    auto const message = message_from(50, "hello", 1);
    auto const out = node.receive(1, test::message_rpc(message));
    EXPECT_THAT(out.effects, IsEmpty());
    auto const arrived = events_in<MessageArrived>(out);
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_EQ(arrived[0].topic, topic);
    EXPECT_EQ(arrived[0].from, test::id_number(50));
    EXPECT_EQ(arrived[0].via, PeerKey{1});
    EXPECT_EQ(base::as_text(arrived[0].data.view()), "hello");
    auto const forwarded = node.apply(Verdict{arrived[0].key, Acceptance::accept});
    EXPECT_EQ(receivers_in(forwarded), keys({2, 3, 4}));
    auto const sent = test::sent_in(forwarded);
    for (auto const& one : sent) {
        EXPECT_EQ(base::to_byte_string(one.rpc.messages[0].encoding), message) << "signed bytes change on no hop";
        EXPECT_EQ(one.bytes.view().data(), sent[0].bytes.view().data()) << "one encoding for all";
        EXPECT_TRUE(one.droppable);
    }
}

TEST(Message, is_forwarded_as_it_came_whatever_its_order_of_fields) {
    auto node = node_with_mesh(2);
    auto const usual = message_from(50, "hello", 1);
    auto const rpc_bytes = test::message_rpc(usual);
    auto const part = decode_rpc(rpc_bytes)->messages.at(0);
    base::ByteString message;
    protobuf::append_bytes_field(message, 5, *part.signature);
    protobuf::append_bytes_field(message, 6, test::key_number(50).public_key().encode());
    protobuf::append_bytes_field(message, 4, *part.topic);
    protobuf::append_bytes_field(message, 3, *part.sequence_number);
    protobuf::append_bytes_field(message, 2, *part.data);
    protobuf::append_bytes_field(message, 1, *part.from);
    auto const key = arrived_in(node.receive(1, test::message_rpc(message)));
    auto const sent = test::sent_in(node.apply(Verdict{key, Acceptance::accept}));
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(base::to_byte_string(sent[0].rpc.messages.at(0).encoding), message);
}

TEST(Message, is_not_sent_back_to_its_author_or_to_those_who_sent_it) {
    auto node = node_with_mesh(5);
    auto const rpc = rpc_from(2, "hello", 1);
    auto const key = arrived_in(node.receive(1, rpc));
    EXPECT_THAT(node.receive(3, rpc).events, IsEmpty());
    EXPECT_EQ(receivers_in(node.apply(Verdict{key, Acceptance::accept})), keys({4, 5}));
    EXPECT_EQ(node.state.counters.duplicate, 1u);
}

TEST(Message, goes_to_direct_and_floodsub_peers_too) {
    auto config = test_config();
    config.direct_peers.insert(test::id_number(8));
    auto node = node_with_mesh(2, std::move(config));
    node.add_in(8, topic);
    node.add(9, Direction::inbound, Version::floodsub);
    node.receive(9, test::subscription_rpc(topic));
    auto const key = arrived_in(node.receive(1, rpc_from(50, "hello", 1)));
    EXPECT_EQ(receivers_in(node.apply(Verdict{key, Acceptance::accept})), keys({2, 8, 9}));
}

TEST(Message, that_waits_blocks_no_other) {
    auto node = node_with_mesh(2);
    arrived_in(node.receive(1, rpc_from(50, "slow", 1)));
    auto const second = arrived_in(node.receive(1, rpc_from(50, "fast", 2)));
    EXPECT_EQ(receivers_in(node.apply(Verdict{second, Acceptance::accept})), keys({2}));
}

TEST(Message, that_is_ignored_is_not_forwarded_and_not_shown_again) {
    auto node = node_with_mesh(2);
    auto const rpc = rpc_from(50, "hello", 1);
    auto const key = arrived_in(node.receive(1, rpc));
    auto const out = node.apply(Verdict{key, Acceptance::ignore});
    EXPECT_THAT(out.effects, IsEmpty());
    EXPECT_THAT(out.events, IsEmpty());
    EXPECT_THAT(node.receive(2, rpc).events, IsEmpty());
    EXPECT_EQ(node.state.counters.ignored, 1u);
}

TEST(Message, that_is_rejected_is_counted_against_all_who_sent_it) {
    auto node = node_with_mesh(3);
    auto const rpc = rpc_from(50, "hello", 1);
    auto const key = arrived_in(node.receive(1, rpc));
    node.receive(3, rpc);
    auto const out = node.apply(Verdict{key, Acceptance::reject});
    EXPECT_THAT(out.effects, IsEmpty());
    auto const reported = events_in<Misbehaved>(out);
    ASSERT_THAT(reported, SizeIs(2));
    EXPECT_EQ(reported[0].peer, PeerKey{1});
    EXPECT_EQ(reported[1].peer, PeerKey{3});
    EXPECT_EQ(reported[1].what, Misbehaviour::rejected_message);
    EXPECT_THAT(node.receive(2, rpc).events, IsEmpty());
}

TEST(Message, without_a_verdict_in_300_s_is_ignored) {
    auto node = node_with_mesh(2);
    auto const rpc = rpc_from(50, "hello", 1);
    auto const key = arrived_in(node.receive(1, rpc));
    node.advance(299s);
    EXPECT_THAT(node.state.pending, SizeIs(1));
    node.advance(1s);
    EXPECT_THAT(node.state.pending, IsEmpty());
    EXPECT_EQ(node.state.pending_bytes, 0u);
    EXPECT_EQ(node.state.counters.timed_out, 1u);
    EXPECT_THAT(node.apply(Verdict{key, Acceptance::accept}).effects, IsEmpty()) << "too late";
    EXPECT_THAT(node.receive(2, rpc).events, IsEmpty()) << "the seen cache outlives the time-out";
    node.advance(62s);
    EXPECT_THAT(events_in<MessageArrived>(node.receive(2, rpc)), SizeIs(1));
}

TEST(Message, that_waits_is_not_forgotten_in_a_flood_of_others) {
    auto config = test_config();
    config.seen_max = 8;
    auto node = node_with_mesh(2, std::move(config));
    auto const block = rpc_from(50, "block", 1);
    auto const key = arrived_in(node.receive(1, block));
    for (std::uint64_t number = 2; number < 100; ++number) {
        auto const small = arrived_in(node.receive(1, rpc_from(50, "x", number)));
        node.apply(Verdict{small, Acceptance::ignore});
    }
    EXPECT_THAT(node.receive(2, block).events, IsEmpty()) << "a copy, not a new message";
    node.apply(Verdict{key, Acceptance::accept});
    EXPECT_THAT(node.receive(2, block).events, IsEmpty());
}

TEST(Message, beyond_the_pending_bound_is_dropped_and_may_come_again) {
    auto config = test_config();
    config.pending_max = 2;
    auto node = node_with_mesh(2, std::move(config));
    auto const first = arrived_in(node.receive(1, rpc_from(50, "a", 1)));
    arrived_in(node.receive(1, rpc_from(50, "b", 2)));
    auto const third = rpc_from(50, "c", 3);
    EXPECT_THAT(node.receive(1, third).events, IsEmpty());
    EXPECT_EQ(node.state.counters.overflowed, 1u);
    node.apply(Verdict{first, Acceptance::accept});
    EXPECT_THAT(events_in<MessageArrived>(node.receive(2, third)), SizeIs(1));
}

TEST(Message, beyond_the_pending_bytes_is_dropped_and_may_come_again) {
    auto config = test_config();
    config.pending_bytes_max = 10'000;
    auto node = node_with_mesh(2, std::move(config));
    auto const first = arrived_in(node.receive(1, rpc_from(50, std::string(6'000, 'a'), 1)));
    auto const second = rpc_from(50, std::string(6'000, 'b'), 2);
    EXPECT_THAT(node.receive(1, second).events, IsEmpty());
    node.apply(Verdict{first, Acceptance::ignore});
    EXPECT_THAT(events_in<MessageArrived>(node.receive(1, second)), SizeIs(1));
}

TEST(Message, forged_does_not_hide_the_true_one) {
    auto node = node_with_mesh(2);
    auto const rpc = rpc_from(50, "hello", 1);
    auto forged = message_from(50, "hello", 1);
    forged.back() ^= 1;  // the signature; the id is the same
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::message_rpc(forged))),
                ElementsAre(Misbehaviour::bad_signature));
    EXPECT_THAT(events_in<MessageArrived>(node.receive(2, rpc)), SizeIs(1));
}

TEST(Message, duplicate_is_dropped_before_its_signature_is_looked_at) {
    auto node = node_with_mesh(2);
    arrived_in(node.receive(1, rpc_from(50, "hello", 1)));
    auto forged = message_from(50, "hello", 1);
    forged.back() ^= 1;
    EXPECT_THAT(node.receive(2, test::message_rpc(forged)).events, IsEmpty());
    EXPECT_EQ(node.state.counters.duplicate, 1u);
}

TEST(Message, of_a_topic_that_is_not_ours_is_dropped) {
    auto node = node_with_mesh(1);
    auto const other = test::message_by(50, "other", "x", 1, crypto::stand_in_suite());
    EXPECT_THAT(node.receive(1, test::message_rpc(other)).events, IsEmpty());
    EXPECT_EQ(node.state.counters.unwanted, 1u);
}

TEST(Message, accepted_after_we_left_its_topic_is_not_forwarded) {
    auto node = node_with_mesh(2);
    auto const key = arrived_in(node.receive(1, rpc_from(50, "hello", 1)));
    node.apply(Unsubscribe{topic});
    EXPECT_THAT(node.apply(Verdict{key, Acceptance::accept}).effects, IsEmpty());
}

TEST(Message, of_ours_that_comes_back_is_a_duplicate) {
    auto node = node_with_mesh(2);
    auto const sent = test::sent_in(node.publish(topic, "mine"));
    auto const echo = test::message_rpc(sent.at(0).rpc.messages.at(0).encoding);
    EXPECT_THAT(node.receive(1, echo).events, IsEmpty());
    EXPECT_EQ(node.state.counters.duplicate, 1u);
    // From before a restart it is not known, and not news either.
    EXPECT_THAT(node.receive(1, rpc_from(0, "old", 9'999)).events, IsEmpty());
    EXPECT_EQ(node.state.counters.unwanted, 1u);
}

TEST(Message, with_too_much_data_is_refused) {
    auto config = test_config();
    config.message_bytes_max = 10;
    auto node = node_with_mesh(1, std::move(config));
    EXPECT_THAT(misbehaviours_in(node.receive(1, rpc_from(50, "12345678901", 1))),
                ElementsAre(Misbehaviour::message_too_large));
    EXPECT_THAT(events_in<MessageArrived>(node.receive(1, rpc_from(50, "1234567890", 2))), SizeIs(1));
}

/// A signed Message with so many bytes in a field that nobody knows.
base::ByteString padded_message(std::string_view data, std::uint64_t number, std::size_t padding) {
    auto const usual = message_from(50, data, number);
    auto const rpc_bytes = test::message_rpc(usual);
    auto part = decode_rpc(rpc_bytes)->messages.at(0);
    base::ByteString unknown;
    protobuf::append_bytes_field(unknown, 100, base::ByteString(padding, 7));
    part.encoding = unknown;
    part.has_unknown_fields = true;
    auto to_sign = base::to_byte_string(base::as_bytes("libp2p-pubsub:"));
    base::append(to_sign, signed_part(part));
    auto const signature = crypto::stand_in_suite().sign(test::key_number(50), to_sign);
    part.signature = signature;
    auto message = encode_message(part);
    base::append(message, unknown);
    return message;
}

// Each would pin its whole frame, while its channel counts its data.
TEST(Message, padded_with_unknown_fields_is_refused_however_well_it_is_signed) {
    auto node = node_with_mesh(2);
    auto const padded = padded_message("x", 1, 1'000'000);
    EXPECT_THAT(misbehaviours_in(node.receive(1, test::message_rpc(padded))),
                ElementsAre(Misbehaviour::padded_message));
    EXPECT_THAT(node.state.pending, IsEmpty());
    auto const newer = padded_message("x", 2, 100);
    EXPECT_THAT(events_in<MessageArrived>(node.receive(1, test::message_rpc(newer))), SizeIs(1));
}

TEST(Message, is_shown_without_a_frame_twice_its_size) {
    auto node = node_with_mesh(2);
    auto const shares_the_frame = [&](base::ByteString const& message) {
        auto rpc = rpc_from(51, std::string(100'000, 'x'), node.state.next_message);  // another in the same RPC
        base::append(rpc, test::message_rpc(message));
        auto const out = node.receive(1, rpc);
        auto const arrived = events_in<MessageArrived>(out);
        base::check(arrived.size() == 2, "both arrived");
        auto const frame = node.state.pending.at(arrived[1].key).frame.view();
        EXPECT_LT(frame.size(), message.size() + 20) << "of its own, whatever else was in the RPC";
        auto const at = arrived[1].data.view();
        return std::less_equal<>()(frame.data(), at.data()) && std::less<>()(at.data(), frame.data() + frame.size());
    };
    EXPECT_FALSE(shares_the_frame(padded_message("short", 1, 1'500)));
    EXPECT_FALSE(shares_the_frame(padded_message(std::string(500, 'x'), 2, 1'500)));
    EXPECT_TRUE(shares_the_frame(padded_message(std::string(5'000, 'x'), 3, 1'500)));
    std::size_t pinned = 0;
    for (auto const& [key, pending] : node.state.pending) pinned += pending.frame.size();
    EXPECT_EQ(node.state.pending_bytes, pinned);
}

// A verification each, of which an RPC could order 10,000.
TEST(Message, forged_sixteen_times_in_an_rpc_makes_it_malformed) {
    auto node = node_with_mesh(2);
    base::ByteString rpc;
    for (std::uint64_t i = 0; i < 100; ++i) {
        auto forged = message_from(50, "forged", i);
        forged.back() ^= 1;
        base::append(rpc, test::message_rpc(forged));
        if (i == 14) base::append(rpc, rpc_from(50, "good", 1'000));
    }
    base::append(rpc, rpc_from(50, "good too", 1'001));
    base::append(rpc, test::prune_rpc(topic, 60));
    auto const out = node.receive(1, rpc);
    std::vector<Misbehaviour> expected(bad_signatures_per_rpc_max, Misbehaviour::bad_signature);
    expected.push_back(Misbehaviour::malformed_rpc);
    EXPECT_EQ(misbehaviours_in(out), expected);
    EXPECT_THAT(events_in<MessageArrived>(out), SizeIs(1));
    EXPECT_TRUE(node.in_mesh(topic, 1)) << "the rest was not read";
}

// Go keeps groups among the unknown fields and forwards them: its RPC is sound.
TEST(Message, that_cannot_be_read_spoils_only_itself) {
    auto node = node_with_mesh(2);
    auto group = message_from(50, "group", 1);
    base::append(group, base::ByteString{0x4b, 0x4c});  // field 9, from start to end
    auto rpc = test::message_rpc(group);
    base::append(rpc, rpc_from(50, "good", 2));
    auto const out = node.receive(1, rpc);
    EXPECT_THAT(misbehaviours_in(out), ElementsAre(Misbehaviour::malformed_message));
    EXPECT_THAT(events_in<MessageArrived>(out), SizeIs(1));
}

TEST(Message, that_finds_no_room_was_sent_all_the_same) {
    auto config = test_config();
    config.pending_max = 1;
    auto node = node_with_mesh(2, std::move(config));
    arrived_in(node.receive(1, rpc_from(50, "a", 1)));
    auto const late = rpc_from(50, "b", 2);
    auto const part = decode_rpc(late)->messages.at(0);
    MessageParts const parts{*part.from, *part.sequence_number, *part.data, topic};
    node.receive(2, test::ihave_rpc(topic, {origin_id(parts)}));
    node.receive(2, late);
    EXPECT_EQ(node.state.counters.overflowed, 1u);
    EXPECT_THAT(misbehaviours_in(node.advance(5s)), IsEmpty());
}

TEST(Message, several_in_one_rpc_all_arrive) {
    auto node = node_with_mesh(1);
    auto rpc = rpc_from(50, "a", 1);
    base::append(rpc, rpc_from(50, "", 2));
    auto const arrived = events_in<MessageArrived>(node.receive(1, rpc));
    ASSERT_THAT(arrived, SizeIs(2));
    EXPECT_TRUE(arrived[1].data.empty());
}

TEST(Message, may_come_before_our_stream_to_the_peer_is_open) {
    Node node;
    node.subscribe(topic);
    EXPECT_THAT(events_in<MessageArrived>(node.receive(1, rpc_from(50, "early", 1))), SizeIs(1));
}

TEST(Message, unsigned_passes_with_strict_no_sign_only) {
    Config config;
    config.signing = SigningPolicy::strict_no_sign;
    config.message_id = topic_keyed_hash_id;
    Node node(std::move(config));
    node.subscribe(topic);
    node.add_in(1, topic);
    MessagePart part;
    part.data = base::as_bytes("plain");
    part.topic = base::as_bytes(topic);
    auto const plain = test::message_rpc(encode_message(part));
    auto const arrived = events_in<MessageArrived>(node.receive(1, plain));
    ASSERT_THAT(arrived, SizeIs(1));
    EXPECT_TRUE(arrived[0].from.empty());
    EXPECT_THAT(misbehaviours_in(node.receive(1, rpc_from(50, "signed", 1))),
                ElementsAre(Misbehaviour::unexpected_signature));
    auto const sent = test::sent_in(node.publish(topic, "own"));
    EXPECT_FALSE(sent.at(0).rpc.messages.at(0).signature);
    auto strict = node_with_mesh(1);
    EXPECT_THAT(misbehaviours_in(strict.receive(1, plain)), ElementsAre(Misbehaviour::missing_signature));
}

TEST(Publish, sends_a_signed_message_to_the_mesh) {
    auto node = node_with_mesh(8);
    auto const out = node.publish(topic, "mine");
    auto const published = events_in<Published>(out);
    ASSERT_THAT(published, SizeIs(1));
    EXPECT_EQ(published[0].request, RequestId{1});
    EXPECT_EQ(published[0].peers, receivers_in(out));
    EXPECT_THAT(published[0].peers, SizeIs(6));
    auto const sent = test::sent_in(out);
    PeerId author;
    EXPECT_FALSE(check_fields(node.state.config, sent[0].rpc.messages[0], author));
    EXPECT_EQ(author, node.state.self);
    EXPECT_FALSE(check_signature(node.state.config, sent[0].rpc.messages[0], author));
    EXPECT_EQ(sent[0].bytes.view().data(), sent[5].bytes.view().data());
}

TEST(Publish, counts_the_sequence_number_up_from_where_it_was_told_to) {
    auto config = test_config();
    config.first_sequence_number = 1'000;
    auto node = node_with_mesh(1, std::move(config));
    auto const number = [&](std::string_view data) {
        auto const sent = test::sent_in(node.publish(topic, data));
        return base::to_byte_string(*sent.at(0).rpc.messages.at(0).sequence_number);
    };
    EXPECT_EQ(number("a"), (base::ByteString{0, 0, 0, 0, 0, 0, 3, 0xe8}));
    EXPECT_EQ(number("b"), (base::ByteString{0, 0, 0, 0, 0, 0, 3, 0xe9}));
}

TEST(Publish, of_the_same_data_twice_is_refused_where_the_id_is_its_hash) {
    auto config = test_config();
    config.message_id = topic_keyed_hash_id;
    auto node = node_with_mesh(1, std::move(config));
    node.publish(topic, "mine");
    auto const refused = events_in<NotPublished>(node.publish(topic, "mine"));
    ASSERT_THAT(refused, SizeIs(1));
    EXPECT_EQ(refused[0].error, PublishError::duplicate);
    EXPECT_EQ(node.state.sequence_number, 2u);
}

TEST(Publish, beyond_the_size_limit_is_refused) {
    auto config = test_config();
    config.rpc_bytes_max = 1'000;
    auto node = node_with_mesh(1, std::move(config));
    auto const error = [&](std::size_t size) {
        auto const refused = events_in<NotPublished>(node.publish(topic, std::string(size, 'x')));
        return !refused.empty() && refused[0].error == PublishError::too_large;
    };
    EXPECT_TRUE(error(990));
    EXPECT_FALSE(error(800));
    auto small = test_config();
    small.message_bytes_max = 10;
    auto other = node_with_mesh(1, std::move(small));
    EXPECT_THAT(events_in<NotPublished>(other.publish(topic, "12345678901")), SizeIs(1));
}

TEST(Publish, without_a_key_is_refused_when_it_must_be_signed) {
    auto config = test_config();
    config.key.reset();
    auto node = node_with_mesh(1, std::move(config));
    auto const refused = events_in<NotPublished>(node.publish(topic, "mine"));
    ASSERT_THAT(refused, SizeIs(1));
    EXPECT_EQ(refused[0].error, PublishError::signing_needs_key);
}

TEST(Publish, reaches_all_peers_of_the_topic_when_it_floods) {
    auto config = test_config();
    config.flood_publish = true;
    auto node = node_with_mesh(20, std::move(config));
    EXPECT_THAT(receivers_in(node.publish(topic, "mine")), SizeIs(20));
}

TEST(Publish, does_not_wait_for_a_mesh_that_backoff_keeps_small) {
    auto node = node_with_mesh(6);
    for (std::uint64_t peer = 1; peer <= 5; ++peer) node.receive(peer, test::prune_rpc(topic, 60));
    EXPECT_EQ(node.topic(topic).mesh.size(), 1u);
    EXPECT_THAT(receivers_in(node.publish(topic, "mine")), SizeIs(6));
}

TEST(Publish, to_nobody_is_published_all_the_same) {
    Node node;
    auto const published = events_in<Published>(node.publish(topic, "mine"));
    ASSERT_THAT(published, SizeIs(1));
    EXPECT_THAT(published[0].peers, IsEmpty());
    node.add(1);
    EXPECT_THAT(receivers_in(node.receive(1, test::iwant_rpc({published[0].id}))), SizeIs(1));
}

}  // namespace
}  // namespace libp2p::gossipsub
