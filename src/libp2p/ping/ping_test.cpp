// Goal: ping measures, answers, and stays within its bounds whatever a peer does.
// Method: one machine fed with facts, its orders compared as text; two machines over streams that fragment and coalesce
// at random; a snapshot of what each fact does in each phase.
#include "libp2p/ping/ping.h"
#include "libp2p/ping/stream_pair.h"

#include <gtest/gtest.h>

namespace libp2p::ping {
namespace {

using namespace std::chrono_literals;
using Node = test::Node<State, Action, Out>;
using Pair = test::StreamPair<State, Action, Out>;

constexpr PeerKey peer{1};
constexpr auto name = "/ipfs/ping/1.0.0";

stream::Opened outbound(std::uint64_t channel, std::uint64_t request) {
    return {ChannelId{channel}, peer, Direction::outbound, RequestId{request}, name};
}
stream::Opened inbound(std::uint64_t channel, PeerKey from = peer) {
    return {ChannelId{channel}, from, Direction::inbound, {}, name};
}
stream::Closed closed(std::uint64_t channel, std::uint64_t request, stream::CloseReason reason) {
    return {ChannelId{channel}, peer, RequestId{request}, reason};
}
Ping ping(std::uint64_t request) { return {peer, RequestId{request}}; }

/// Returns what was sent on channel 5.
base::ByteString open_and_send(Node& node) {
    node.act(ping(7));
    node.act(outbound(5, 7));
    return base::to_byte_string(node.written());
}

std::string events_text(Out const& out) {
    std::string text;
    for (auto const& event : out.events) {
        if (!text.empty()) text += ", ";
        if (auto const* pinged = std::get_if<Pinged>(&event)) {
            text += "pinged " + std::to_string(pinged->request.value);
        } else if (auto const* failed = std::get_if<PingFailed>(&event)) {
            text += "failed " + std::to_string(failed->request.value) + " " +
                    std::string(to_string(failed->reason));
        }
    }
    return text;
}

TEST(Ping, measures_from_the_write_to_the_last_byte_of_the_answer) {
    Node node;
    EXPECT_EQ(node.act(ping(7)), "open 1 /ipfs/ping/1.0.0");
    node.now = node.now + 1s;
    EXPECT_EQ(node.act(outbound(5, 7)), "write 5 32");
    auto const sent = base::to_byte_string(node.written());
    node.now = node.now + 20ms;
    EXPECT_EQ(node.data(5, base::ByteView(sent).first(31)), "");
    EXPECT_TRUE(node.out.events.empty());
    node.now = node.now + 5ms;
    EXPECT_EQ(node.data(5, base::ByteView(sent).subspan(31)), "");
    auto const* pinged = node.only<Pinged>();
    ASSERT_NE(pinged, nullptr);
    EXPECT_EQ(pinged->request, RequestId{7});
    EXPECT_EQ(pinged->round_trip, base::Duration(25ms));
}

TEST(Ping, keeps_one_stream_for_pings_one_after_the_other) {
    Node node;
    auto const first = open_and_send(node);
    EXPECT_EQ(node.act(ping(8)), "");
    EXPECT_EQ(node.act(ping(9)), "");
    EXPECT_EQ(node.data(5, first), "write 5 32");
    EXPECT_EQ(events_text(node.out), "pinged 7");
    auto const second = base::to_byte_string(node.written());
    EXPECT_NE(first, second);
    EXPECT_EQ(node.data(5, second), "write 5 32");
    EXPECT_EQ(node.data(5, base::to_byte_string(node.written())), "");
    EXPECT_EQ(node.act(ping(10)), "write 5 32");
}

TEST(Ping, finishes_a_stream_that_stays_idle) {
    Node node;
    node.data(5, open_and_send(node));
    EXPECT_EQ(next_deadline(node.state), node.now + 30s);
    node.now = node.now + 30s;
    EXPECT_EQ(node.act(Tick{}), "finish 5");
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    EXPECT_EQ(node.act(ping(8)), "open 1 /ipfs/ping/1.0.0");
}

// mina: a reset would cost the connection to Mina's Rust node, which accepts ping and never answers.
TEST(Ping, finishes_and_never_resets_when_no_answer_comes) {
    Node node;
    open_and_send(node);
    node.act(ping(8));
    node.now = node.now + 10s;
    EXPECT_EQ(node.act(Tick{}), "finish 5");
    EXPECT_EQ(events_text(node.out), "failed 7 timed out, failed 8 timed out");
    EXPECT_EQ(node.act(ping(9)), "");
    EXPECT_EQ(events_text(node.out), "failed 9 an earlier ping is unanswered");
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    node.act(closed(5, 7, stream::CloseReason::complete));
    EXPECT_EQ(node.act(ping(10)), "open 1 /ipfs/ping/1.0.0");
}

TEST(Ping, takes_a_late_answer_once_and_resets_what_follows) {
    Node node;
    auto const sent = open_and_send(node);
    node.now = node.now + 10s;
    node.act(Tick{});
    EXPECT_EQ(node.data(5, sent), "");
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(node.data(5, sent), "reset 5");
}

TEST(Ping, times_out_while_the_stream_is_opening_and_finishes_it_when_it_opens_late) {
    Node node;
    node.act(ping(7));
    node.now = node.now + 10s;
    EXPECT_EQ(node.act(Tick{}), "");
    EXPECT_EQ(events_text(node.out), "failed 7 timed out");
    EXPECT_EQ(node.act(outbound(5, 7)), "finish 5");
    EXPECT_EQ(node.act(ping(8)), "");
    EXPECT_EQ(events_text(node.out), "failed 8 an earlier ping is unanswered");
}

TEST(Ping, fails_when_the_protocol_is_not_supported) {
    for (std::uint64_t const channel : {0U, 5U}) {  // never numbered, or numbered and never opened
        Node node;
        node.act(ping(7));
        node.act(closed(channel, 7, stream::CloseReason::negotiation_failed));
        EXPECT_EQ(events_text(node.out), "failed 7 protocol not supported");
        EXPECT_TRUE(node.state.outbound.empty());
    }
    Node lazy;
    open_and_send(lazy);
    lazy.act(closed(5, 7, stream::CloseReason::negotiation_failed));
    EXPECT_EQ(events_text(lazy.out), "failed 7 protocol not supported");
}

TEST(Ping, resets_on_a_wrong_or_too_long_answer) {
    Node wrong;
    auto sent = open_and_send(wrong);
    sent[31] ^= 1;
    EXPECT_EQ(wrong.data(5, sent), "reset 5");
    EXPECT_EQ(events_text(wrong.out), "failed 7 wrong answer");
    EXPECT_EQ(next_deadline(wrong.state), base::Instant::never());

    Node longer;
    sent = open_and_send(longer);
    sent.push_back(0);
    EXPECT_EQ(longer.data(5, sent), "reset 5");

    Node unasked;
    sent = open_and_send(unasked);
    unasked.data(5, sent);
    EXPECT_EQ(unasked.data(5, sent), "reset 5");
    EXPECT_TRUE(unasked.out.events.empty());
}

TEST(Ping, bounds_the_pings_that_wait) {
    Node node;
    node.act(ping(1));
    for (std::uint64_t i = 2; i <= 17; ++i) {
        node.act(ping(i));
        EXPECT_TRUE(node.out.events.empty());
    }
    node.act(ping(18));
    EXPECT_EQ(events_text(node.out), "failed 18 too many pings at once");
}

TEST(Ping, answers_whole_blocks_in_any_fragmentation) {
    Node node;
    EXPECT_EQ(node.act(inbound(4)), "");
    base::ByteString bytes(100);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
    auto const all = base::ByteView(bytes);
    EXPECT_EQ(node.data(4, all.first(1)), "");
    EXPECT_EQ(node.data(4, all.subspan(1, 30)), "");
    EXPECT_EQ(node.data(4, all.subspan(31, 1)), "write 4 32");
    EXPECT_TRUE(base::equal(node.written(), all.first(32)));
    EXPECT_EQ(node.data(4, all.subspan(32)), "write 4 64");
    EXPECT_TRUE(base::equal(node.written(), all.subspan(32, 64)));
    EXPECT_EQ(node.act(stream::Finished{ChannelId{4}}), "finish 4");
    EXPECT_TRUE(node.state.inbound.empty());
    EXPECT_TRUE(node.state.inbound_count.empty());
    EXPECT_EQ(node.data(4, all), "");
}

// spec: ping#protocol "The listening peer SHOULD accept at most two streams per peer"
TEST(Ping, resets_a_third_stream_of_a_peer) {
    Node node;
    EXPECT_EQ(node.act(inbound(2)), "");
    EXPECT_EQ(node.act(inbound(4)), "");
    EXPECT_EQ(node.act(inbound(6)), "reset 6");
    EXPECT_EQ(node.act(inbound(8, PeerKey{2})), "");
    node.act(closed(2, 0, stream::CloseReason::reset));
    EXPECT_EQ(node.act(inbound(10)), "");
    EXPECT_EQ(node.state.inbound.size(), 3U);
}

TEST(Ping, forgets_everything_when_the_connection_is_lost) {
    Node node;
    open_and_send(node);
    node.act(inbound(4));
    node.act(closed(5, 7, stream::CloseReason::connection_lost));
    EXPECT_EQ(events_text(node.out), "failed 7 stream closed");
    node.act(closed(4, 0, stream::CloseReason::connection_lost));
    EXPECT_TRUE(node.state.outbound.empty());
    EXPECT_TRUE(node.state.pinged.empty());
    EXPECT_TRUE(node.state.inbound.empty());
    EXPECT_TRUE(node.state.inbound_count.empty());
    EXPECT_EQ(node.state.timers.size(), 0U);
}

TEST(Ping, two_nodes_ping_each_other_over_fragmenting_streams) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        Pair pair(seed);
        pair.chunk_bytes_max = 80;
        for (std::uint64_t i = 1; i <= 10; ++i) {
            pair.act(0, Ping{PeerKey{1}, RequestId{i}});
            pair.act(1, Ping{PeerKey{2}, RequestId{i}});
        }
        ASSERT_TRUE(pair.run());
        EXPECT_EQ(pair.streams_opened(), 2U);
        for (auto const& events : pair.events) {
            ASSERT_EQ(events.size(), 10U);
            for (std::size_t i = 0; i < events.size(); ++i) {
                auto const* pinged = std::get_if<Pinged>(&events[i]);
                ASSERT_NE(pinged, nullptr);
                EXPECT_EQ(pinged->request.value, i + 1);
                EXPECT_GT(pinged->round_trip.count(), 0);
            }
        }
    }
}

/// A node whose stream to the peer is in the phase; `sent` is what was written last.
Node in_phase(std::string_view phase, base::ByteString& sent) {
    Node node;
    sent.assign(block_bytes, 0);
    if (phase == "none") return node;
    node.act(ping(7));
    if (phase == "opening") return node;
    node.act(outbound(5, 7));
    sent = base::to_byte_string(node.written());
    if (phase == "awaiting") return node;
    if (phase == "idle") node.data(5, sent);
    node.now = node.now + 10s;
    if (phase == "abandoned") node.act(Tick{});
    return node;
}

TEST(Ping, transitions_are_as_drawn) {
    std::string matrix;
    for (std::string_view const phase : {"none", "opening", "awaiting", "idle", "abandoned"}) {
        for (std::string_view const fact :
             {"Ping", "Opened", "answer", "noise", "Finished", "Closed", "late Tick"}) {
            base::ByteString sent;
            auto node = in_phase(phase, sent);
            std::string orders;
            if (fact == "Ping") orders = node.act(ping(8));
            if (fact == "Opened") orders = node.act(outbound(5, 7));
            if (fact == "answer") orders = node.data(5, sent);
            if (fact == "noise") orders = node.data(5, base::ByteString(3, 0xee));
            if (fact == "Finished") orders = node.act(stream::Finished{ChannelId{5}});
            if (fact == "Closed") orders = node.act(closed(5, 7, stream::CloseReason::reset));
            if (fact == "late Tick") {
                node.now = node.now + 60s;
                orders = node.act(Tick{});
            }
            auto const* after = node.state.outbound.contains(peer) ? &node.state.outbound.at(peer) : nullptr;
            matrix += std::string(phase) + " | " + std::string(fact) + " | " +
                      std::string(after == nullptr ? "none" : to_string(after->phase)) + " | " + orders +
                      " | " + events_text(node.out) + "\n";
        }
    }
    EXPECT_EQ(matrix, R"(none | Ping | opening | open 1 /ipfs/ping/1.0.0 | 
none | Opened | none | finish 5 | 
none | answer | none |  | 
none | noise | none |  | 
none | Finished | none |  | 
none | Closed | none |  | 
none | late Tick | none |  | 
opening | Ping | opening |  | 
opening | Opened | awaiting | write 5 32 | 
opening | answer | opening |  | 
opening | noise | opening |  | 
opening | Finished | opening |  | 
opening | Closed | none |  | failed 7 stream closed
opening | late Tick | abandoned |  | failed 7 timed out
awaiting | Ping | awaiting |  | 
awaiting | Opened | awaiting |  | 
awaiting | answer | idle |  | pinged 7
awaiting | noise | none | reset 5 | failed 7 wrong answer
awaiting | Finished | none | finish 5 | failed 7 stream closed
awaiting | Closed | none |  | failed 7 stream closed
awaiting | late Tick | abandoned | finish 5 | failed 7 timed out
idle | Ping | awaiting | write 5 32 | 
idle | Opened | idle |  | 
idle | answer | none | reset 5 | 
idle | noise | none | reset 5 | 
idle | Finished | none | finish 5 | 
idle | Closed | none |  | 
idle | late Tick | none | finish 5 | 
abandoned | Ping | abandoned |  | failed 8 an earlier ping is unanswered
abandoned | Opened | abandoned |  | 
abandoned | answer | abandoned |  | 
abandoned | noise | none | reset 5 | 
abandoned | Finished | none |  | 
abandoned | Closed | none |  | 
abandoned | late Tick | abandoned |  | 
)");
}

TEST(Ping, describes_its_state) {
    Node node;
    open_and_send(node);
    node.act(inbound(4));
    base::TextDescriber text;
    describe(node.state, text);
    EXPECT_NE(text.text().find("awaiting"), std::string::npos) << text.text();
    EXPECT_NE(text.text().find("inbound"), std::string::npos) << text.text();
}

}  // namespace
}  // namespace libp2p::ping
