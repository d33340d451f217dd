// Goal: peers are asked and answered as the rules say, within bounds, whatever they send.
// Method: one machine fed with facts, its orders compared as text; two machines over streams that fragment and coalesce
// at random; a snapshot of what each fact does in each phase of a query.
#include "libp2p/identify/identify_fixture.h"
#include "libp2p/wire/protobuf.h"

#include <gtest/gtest.h>

namespace libp2p::identify {
namespace {

using namespace test;
using Pair = libp2p::test::StreamPair<State, Action, Out>;

Reason query_failure(Node const& node) {
    auto const* failed = node.only<IdentifyFailed>();
    EXPECT_NE(failed, nullptr);
    return failed == nullptr ? Reason::closed : failed->reason;
}

TEST(Identify, asks_a_peer_once_and_reports_what_it_says) {
    Node node;
    EXPECT_EQ(node.act(connected(peer, 1)), "open 1 /ipfs/id/1.0.0");
    EXPECT_EQ(node.act(connected(peer, 1)), "");
    EXPECT_EQ(node.act(outbound(5)), "");
    EXPECT_EQ(node.data(5, message()), "");
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(node.act(finished(5)), "finish 5");
    auto const* found = node.only<Identified>();
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->peer, peer);
    EXPECT_EQ(found->info.agent, "minap2p/1");
    EXPECT_EQ(found->info.protocol_version, "ipfs/0.1.0");
    EXPECT_EQ(found->info.protocols, self_of(1).protocols);
    EXPECT_EQ(found->info.listen_addresses, self_of(1).listen_addresses);
    EXPECT_EQ(found->info.observed, address("/ip4/4.4.4.4/tcp/4"));
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    EXPECT_TRUE(node.state.channels.empty());
}

TEST(Identify, answers_a_query_with_one_message_and_its_end) {
    Node node;
    node.act(PeerConnected{peer, PeerId::of(key_of(1)),
                           address("/ip4/5.6.7.8/tcp/1234").with_peer_id(PeerId::of(key_of(1))),
                           Direction::inbound});
    auto const expected = encode(self_of(9), address("/ip4/5.6.7.8/tcp/1234"), false);
    EXPECT_EQ(node.act(inbound(4, id_name)), "write 4 " + std::to_string(expected.size()) + ", finish 4");
    EXPECT_TRUE(base::equal(node.written(), expected));
    node.act(closed(4, stream::CloseReason::complete, {}));
    EXPECT_TRUE(node.state.channels.empty());
    EXPECT_EQ(node.state.peers.at(peer).query, Query::opening);
}

TEST(Identify, resets_a_query_that_sends_data) {
    Node node;
    node.act(connected(peer, 1));
    node.act(inbound(4, id_name));
    EXPECT_EQ(node.data(4, base::as_bytes("x")), "reset 4");
    EXPECT_EQ(node.data(4, base::as_bytes("x")), "");
}

TEST(Identify, bounds_the_answers_that_a_peer_leaves_open) {
    Node node;
    node.act(connected(peer, 1));
    for (std::uint64_t i = 0; i < 8; ++i)
        EXPECT_NE(node.act(inbound(2 + 2 * i, id_name)).find("write"), std::string::npos);
    EXPECT_EQ(node.act(inbound(100, id_name)), "reset 100");
    node.act(closed(2, stream::CloseReason::complete, {}));
    EXPECT_NE(node.act(inbound(102, id_name)).find("write"), std::string::npos);
}

TEST(Identify, merges_the_messages_of_a_stream_in_any_fragmentation) {
    base::ByteString first;
    protobuf::append_bytes_field(first, 3, base::as_bytes("/a"));
    protobuf::append_bytes_field(first, 6, base::as_bytes("one"));
    base::ByteString second;
    protobuf::append_bytes_field(second, 3, base::as_bytes("/b"));
    protobuf::append_bytes_field(second, 6, base::as_bytes("two"));
    auto bytes = framed(first);
    base::append(bytes, framed(second));
    base::append(bytes, framed({}));
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        auto node = reading();
        node.data(5, base::ByteView(bytes).first(cut));
        node.data(5, base::ByteView(bytes).subspan(cut));
        node.act(finished(5));
        auto const* found = node.only<Identified>();
        ASSERT_NE(found, nullptr) << cut;
        EXPECT_EQ(found->info.agent, "two");
        EXPECT_EQ(found->info.protocols, (std::vector<std::string>{"/a", "/b"}));
    }
}

TEST(Identify, takes_a_silent_peer_at_its_word_after_a_whole_message) {
    auto node = reading();
    node.data(5, message());
    EXPECT_EQ(next_deadline(node.state), node.now + 2s);
    node.now = node.now + 2s;
    EXPECT_EQ(node.act(Tick{}), "finish 5");
    EXPECT_NE(node.only<Identified>(), nullptr);
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    EXPECT_EQ(node.data(5, message()), "reset 5");

    auto lost = reading();
    lost.data(5, message());
    lost.act(closed(5, stream::CloseReason::reset));
    EXPECT_NE(lost.only<Identified>(), nullptr);
}

TEST(Identify, times_out_without_a_reset) {
    Node node;
    node.act(connected(peer, 1));
    EXPECT_EQ(next_deadline(node.state), node.now + 10s);
    node.now = node.now + 10s;
    EXPECT_EQ(node.act(Tick{}), "");
    EXPECT_EQ(query_failure(node), Reason::timed_out);
    EXPECT_EQ(node.act(outbound(5)), "finish 5");
    EXPECT_EQ(node.data(5, message()), "reset 5");

    auto slow = reading();
    slow.data(5, base::ByteView(message()).first(20));
    slow.now = slow.now + 10s;
    EXPECT_EQ(slow.act(Tick{}), "finish 5");
    EXPECT_EQ(query_failure(slow), Reason::timed_out);
    EXPECT_EQ(slow.act(closed(5, stream::CloseReason::complete)), "");
    EXPECT_TRUE(slow.state.channels.empty());
    EXPECT_EQ(slow.state.peers.at(peer).reads, 0U);
}

TEST(Identify, says_why_a_query_failed) {
    for (std::uint64_t const channel : {0U, 5U}) {
        Node node;
        node.act(connected(peer, 1));
        node.act(closed(channel, stream::CloseReason::negotiation_failed));
        EXPECT_EQ(query_failure(node), Reason::not_supported);
    }
    auto lazy = reading();
    lazy.act(closed(5, stream::CloseReason::negotiation_failed));
    EXPECT_EQ(query_failure(lazy), Reason::not_supported);
    auto lost = reading();
    lost.act(closed(5, stream::CloseReason::connection_lost));
    EXPECT_EQ(query_failure(lost), Reason::closed);
    auto empty = reading();
    EXPECT_EQ(empty.act(finished(5)), "finish 5");
    EXPECT_EQ(query_failure(empty), Reason::no_message);
    auto half = reading();
    half.data(5, base::ByteView(message()).first(20));
    half.act(finished(5));
    EXPECT_EQ(query_failure(half), Reason::no_message);
}

TEST(Identify, refuses_what_breaks_a_limit) {
    auto const reason_of = [](base::ByteString const& bytes) {
        auto node = reading();
        EXPECT_EQ(node.data(5, bytes), "reset 5");
        EXPECT_EQ(next_deadline(node.state), base::Instant::never());
        return query_failure(node);
    };
    base::ByteString too_long;
    base::append_varint(too_long, message_bytes_max + 1);
    EXPECT_EQ(reason_of(too_long), Reason::message_too_long);
    EXPECT_EQ(reason_of(base::ByteString(11, 0xff)), Reason::malformed);
    EXPECT_EQ(reason_of(base::ByteString(11, 0x00)), Reason::too_many_messages);  // eleven empty messages
    base::ByteString foreign;
    protobuf::append_bytes_field(foreign, 1, key_of(2).encode());
    EXPECT_EQ(reason_of(framed(foreign)), Reason::key_mismatch);
    EXPECT_EQ(reason_of(framed(base::as_bytes("\x0b"))), Reason::malformed);
}

TEST(Identify, accepts_a_message_of_the_largest_size) {
    base::ByteString body;
    protobuf::append_bytes_field(body, 6, base::as_bytes("a"));
    protobuf::append_bytes_header(body, 50, message_bytes_max - 3 - 4);
    body.resize(message_bytes_max);
    auto node = reading();
    EXPECT_EQ(node.data(5, framed(body)), "");
    node.act(finished(5));
    EXPECT_NE(node.only<Identified>(), nullptr);
}

// The chunk flood that go-libp2p closed in cc27c1d83: protocols without end, over many messages.
TEST(Identify, adv_identify_protocol_flood_ends_at_1024) {
    base::ByteString body;
    for (int i = 0; i < 2000; ++i) protobuf::append_bytes_field(body, 3, base::as_bytes("pp"));
    auto node = reading();
    base::ByteString one(framed(base::ByteView(body).first(4 * 200)));
    std::string orders;
    for (int i = 0; i < 6 && orders.empty(); ++i) orders = node.data(5, one);
    EXPECT_EQ(orders, "reset 5");
    EXPECT_EQ(query_failure(node), Reason::too_many_protocols);
    EXPECT_TRUE(node.state.channels.empty());
}

TEST(Identify, adv_identify_announced_length_allocates_nothing) {
    auto node = reading();
    base::ByteString lying;
    base::append_varint(lying, message_bytes_max);
    node.data(5, lying);
    EXPECT_EQ(node.state.channels.at(ChannelId{5}).buffer.held_bytes(), 0U);
    node.data(5, base::as_bytes("x"));
    EXPECT_EQ(node.state.channels.at(ChannelId{5}).buffer.held_bytes(), 1U);
}

TEST(Identify, forgets_a_peer_that_disconnects) {
    auto node = identified();
    node.act(inbound(4, id_name));
    node.act(inbound(6, push_name));
    node.act(SelfChanged{changed_self(1)});
    node.act(PeerDisconnected{peer});
    EXPECT_TRUE(node.state.peers.empty());
    EXPECT_TRUE(node.state.channels.empty());
    EXPECT_EQ(node.state.timers.size(), 0U);
    EXPECT_EQ(node.act(closed(4, stream::CloseReason::connection_lost, {})), "");
    EXPECT_EQ(node.act(outbound(7, push_request)), "finish 7");
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(node.act(connected(peer, 1)), "open 1 /ipfs/id/1.0.0");
}

TEST(Identify, two_nodes_identify_and_push_over_fragmenting_streams) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        Pair pair(seed);
        pair.chunk_bytes_max = 300;
        pair.act(0, SelfChanged{self_of(1)});
        pair.act(1, SelfChanged{self_of(2)});
        pair.act(0, connected(PeerKey{1}, 2));
        pair.act(1, connected(PeerKey{2}, 1));
        ASSERT_TRUE(pair.run());
        auto changed = self_of(1);
        changed.agent = "changed 1";
        pair.act(0, SelfChanged{changed});
        ASSERT_TRUE(pair.run());
        ASSERT_EQ(pair.events[0].size(), 1U);
        ASSERT_EQ(pair.events[1].size(), 2U);
        EXPECT_EQ(std::get<Identified>(pair.events[0][0]).info.agent, "minap2p/2");
        EXPECT_EQ(std::get<Identified>(pair.events[1][0]).info.agent, "minap2p/1");
        EXPECT_EQ(std::get<Identified>(pair.events[1][1]).info.agent, "changed 1");
        EXPECT_TRUE(pair.sides[0].state.channels.empty());
        EXPECT_TRUE(pair.sides[1].state.channels.empty());
    }
}

Node in_phase(std::string_view phase) {
    Node node;
    node.act(connected(peer, 1));
    if (phase == "opening") return node;
    node.act(outbound(5));
    if (phase == "reading") return node;
    node.data(5, message());
    if (phase == "told") return node;
    if (phase == "failed") node.data(5, base::ByteString(11, 0xff));
    if (phase == "done") node.act(finished(5));
    return node;
}

std::string events_text(Out const& out) {
    std::string text;
    for (auto const& event : out.events) {
        if (auto const* failed = std::get_if<IdentifyFailed>(&event))
            text += "failed: " + std::string(to_string(failed->reason));
        if (std::holds_alternative<Identified>(event)) text += "identified";
    }
    return text;
}

TEST(Identify, transitions_of_a_query_are_as_drawn) {
    std::string matrix;
    for (std::string_view const phase : {"opening", "reading", "told", "done", "failed"}) {
        for (std::string_view const fact :
             {"Opened", "message", "noise", "Finished", "Closed", "late Tick"}) {
            auto node = in_phase(phase);
            std::string orders;
            if (fact == "Opened") orders = node.act(outbound(5));
            if (fact == "message") orders = node.data(5, message());
            if (fact == "noise") orders = node.data(5, base::ByteString(11, 0xff));
            if (fact == "Finished") orders = node.act(finished(5));
            if (fact == "Closed") orders = node.act(closed(5, stream::CloseReason::reset));
            if (fact == "late Tick") {
                node.now = node.now + 60s;
                orders = node.act(Tick{});
            }
            matrix += std::string(phase) + " | " + std::string(fact) + " | " +
                      std::string(to_string(node.state.peers.at(peer).query)) + " | " + orders + " | " +
                      events_text(node.out) + "\n";
        }
    }
    EXPECT_EQ(matrix, R"(opening | Opened | reading |  | 
opening | message | opening |  | 
opening | noise | opening |  | 
opening | Finished | opening |  | 
opening | Closed | failed |  | failed: stream closed
opening | late Tick | failed |  | failed: timed out
reading | Opened | reading |  | 
reading | message | reading |  | 
reading | noise | failed | reset 5 | failed: malformed message
reading | Finished | failed | finish 5 | failed: no message
reading | Closed | failed |  | failed: stream closed
reading | late Tick | failed | finish 5 | failed: timed out
told | Opened | reading |  | 
told | message | reading |  | 
told | noise | failed | reset 5 | failed: malformed message
told | Finished | done | finish 5 | identified
told | Closed | done |  | identified
told | late Tick | done | finish 5 | identified
done | Opened | done | finish 5 | 
done | message | done |  | 
done | noise | done |  | 
done | Finished | done |  | 
done | Closed | done |  | 
done | late Tick | done |  | 
failed | Opened | failed | finish 5 | 
failed | message | failed |  | 
failed | noise | failed |  | 
failed | Finished | failed |  | 
failed | Closed | failed |  | 
failed | late Tick | failed |  | 
)");
}

TEST(Identify, describes_its_state) {
    auto node = identified();
    node.act(inbound(6, push_name));
    base::TextDescriber text;
    describe(node.state, text);
    for (auto const* const part : {"push read", "done", "minap2p/1"}) {
        EXPECT_NE(text.text().find(part), std::string::npos) << text.text();
    }
}

}  // namespace
}  // namespace libp2p::identify
