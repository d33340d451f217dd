// Goal: pushes are read cheaply and within bounds, and ours reach the peers that want them, no more often than allowed.
// Method: one machine fed with facts, its orders compared as text.
#include "libp2p/identify/identify_fixture.h"
#include "libp2p/wire/protobuf.h"

#include <gtest/gtest.h>

namespace libp2p::identify {
namespace {

using namespace test;

TEST(IdentifyPush, replaces_only_what_it_says_and_reports_only_changes) {
    auto node = identified();
    EXPECT_EQ(node.act(inbound(4, push_name)), "");
    base::ByteString partial;
    protobuf::append_bytes_field(partial, 6, base::as_bytes("renamed"));
    node.data(4, framed(partial));
    EXPECT_EQ(node.act(finished(4)), "finish 4");
    auto const* changed = node.only<Identified>();
    ASSERT_NE(changed, nullptr);
    EXPECT_EQ(changed->info.agent, "renamed");
    EXPECT_EQ(changed->info.protocols, self_of(1).protocols);

    // mina: the Go node may push the same every five seconds for ever.
    node.act(inbound(6, push_name));
    node.data(6, framed(partial));
    EXPECT_EQ(node.act(finished(6)), "finish 6");
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_TRUE(node.state.channels.empty());
}

TEST(IdentifyPush, that_breaks_a_rule_is_refused_and_changes_nothing) {
    auto node = identified();
    auto const before = node.state.peers.at(peer).info;
    node.act(inbound(4, push_name));
    base::ByteString foreign;
    protobuf::append_bytes_field(foreign, 6, base::as_bytes("renamed"));
    protobuf::append_bytes_field(foreign, 1, key_of(2).encode());
    EXPECT_EQ(node.data(4, framed(foreign)), "reset 4");
    auto const* refused = node.only<PushRefused>();
    ASSERT_NE(refused, nullptr);
    EXPECT_EQ(refused->reason, Reason::key_mismatch);
    EXPECT_EQ(node.state.peers.at(peer).info, before);
    EXPECT_EQ(node.state.peers.at(peer).reads, 0U);

    node.act(inbound(6, push_name));
    node.act(finished(6));
    ASSERT_NE(node.only<PushRefused>(), nullptr);
    EXPECT_EQ(node.only<PushRefused>()->reason, Reason::no_message);
}

TEST(IdentifyPush, adv_identify_push_flood_is_dropped_and_counted) {
    auto node = identified();
    for (std::uint64_t i = 0; i < 8; ++i) {
        EXPECT_EQ(node.act(inbound(10 + i, push_name)), "");
        node.data(10 + i, message());
        node.act(finished(10 + i));
    }
    EXPECT_EQ(node.act(inbound(30, push_name)), "reset 30");
    EXPECT_EQ(node.state.peers.at(peer).pushes_dropped, 1U);
    node.now = node.now + 1s;
    EXPECT_EQ(node.act(inbound(31, push_name)), "");
}

TEST(IdentifyPush, bounds_the_pushes_that_a_peer_sends_slowly) {
    auto node = identified();
    for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(node.act(inbound(10 + i, push_name)), "");
    EXPECT_EQ(node.act(inbound(20, push_name)), "reset 20");
    node.now = node.now + 10s;
    EXPECT_EQ(node.act(Tick{}), "finish 10, finish 11, finish 12, finish 13");
    EXPECT_EQ(node.act(inbound(21, push_name)), "reset 21");  // the abandoned ones still count
    node.act(closed(10, stream::CloseReason::complete, {}));
    EXPECT_EQ(node.act(inbound(22, push_name)), "");
}

TEST(IdentifyPush, takes_a_silent_peer_at_its_word) {
    auto node = identified();
    node.act(inbound(4, push_name));
    base::ByteString partial;
    protobuf::append_bytes_field(partial, 6, base::as_bytes("renamed"));
    node.data(4, framed(partial));
    node.now = node.now + 2s;
    EXPECT_EQ(node.act(Tick{}), "finish 4");
    EXPECT_NE(node.only<Identified>(), nullptr);
}

TEST(IdentifyPush, goes_to_peers_that_announce_it_when_we_change) {
    auto node = identified();
    EXPECT_EQ(node.act(SelfChanged{self_of(9)}), "");  // the same
    EXPECT_EQ(node.act(SelfChanged{changed_self(1)}), "open 1 /ipfs/id/push/1.0.0");
    EXPECT_EQ(node.act(SelfChanged{changed_self(2)}), "");
    auto const expected = encode(changed_self(2), address("/ip4/5.6.7.8/tcp/1234"), false);
    EXPECT_EQ(node.act(outbound(7, push_request)),
              "write 7 " + std::to_string(expected.size()) + ", finish 7");
    EXPECT_TRUE(base::equal(node.written(), expected));
    EXPECT_EQ(node.act(closed(7, stream::CloseReason::complete, push_request)), "");
    EXPECT_TRUE(node.state.channels.empty());
}

TEST(IdentifyPush, is_debounced) {
    auto node = identified();
    node.act(SelfChanged{changed_self(1)});
    node.act(outbound(7, push_request));
    EXPECT_EQ(node.act(SelfChanged{changed_self(2)}), "");
    EXPECT_EQ(node.act(SelfChanged{changed_self(3)}), "");
    EXPECT_EQ(next_deadline(node.state), node.now + 5s);
    node.now = node.now + 5s;
    EXPECT_EQ(node.act(Tick{}), "open 1 /ipfs/id/push/1.0.0");
    node.act(outbound(9, push_request));
    EXPECT_TRUE(
        base::equal(node.written(), encode(changed_self(3), address("/ip4/5.6.7.8/tcp/1234"), false)));
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
}

TEST(IdentifyPush, is_not_needed_after_an_answer_and_waits_for_the_announcement) {
    Node node;
    node.act(connected(peer, 1));
    EXPECT_EQ(node.act(SelfChanged{changed_self(1)}), "");
    node.act(inbound(4, id_name));  // hears the newest
    node.act(outbound(5));
    node.data(5, message());
    EXPECT_EQ(node.act(finished(5)), "finish 5");

    Node late;
    late.act(connected(peer, 1));
    late.act(inbound(4, id_name));
    late.act(SelfChanged{changed_self(1)});
    late.act(outbound(5));
    late.data(5, message());
    EXPECT_EQ(late.act(finished(5)), "finish 5, open 1 /ipfs/id/push/1.0.0");
}

TEST(IdentifyPush, stops_when_the_peer_does_not_take_it) {
    for (bool const lazy : {false, true}) {
        auto node = identified();
        node.act(SelfChanged{changed_self(1)});
        if (lazy) node.act(outbound(7, push_request));
        EXPECT_EQ(node.act(closed(lazy ? 7 : 0, stream::CloseReason::negotiation_failed, push_request)), "");
        node.now = node.now + 60s;
        EXPECT_EQ(node.act(SelfChanged{changed_self(2)}), "");
        EXPECT_EQ(node.act(Tick{}), "");
    }
}

TEST(IdentifyPush, is_tried_again_when_the_stream_could_not_be_opened) {
    auto node = identified();
    node.act(SelfChanged{changed_self(1)});
    EXPECT_EQ(node.act(closed(0, stream::CloseReason::timed_out, push_request)), "");
    node.now = node.now + 5s;
    EXPECT_EQ(node.act(Tick{}), "open 1 /ipfs/id/push/1.0.0");
}

TEST(IdentifyPush, waits_while_a_peer_closes_none_of_ours) {
    auto node = identified();
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(node.act(SelfChanged{changed_self(i)}), "open 1 /ipfs/id/push/1.0.0");
        node.act(outbound(100 + static_cast<std::uint64_t>(i), push_request));
        node.now = node.now + 5s;
    }
    EXPECT_EQ(node.act(SelfChanged{changed_self(9)}), "");
    EXPECT_EQ(node.act(closed(100, stream::CloseReason::complete, push_request)),
              "open 1 /ipfs/id/push/1.0.0");
}

}  // namespace
}  // namespace libp2p::identify
