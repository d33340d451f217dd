// Goal: what is sent comes back and is compared; measurements count and time what they say; queues stay bounded.
// Method: one machine fed with facts, its orders compared as text; two machines over streams that fragment and coalesce
// at random; a snapshot of what each fact does in each phase of an Echo.
#include "libp2p/echo/echo.h"
#include "libp2p/ping/stream_pair.h"

#include <gtest/gtest.h>

namespace libp2p::echo {
namespace {

using namespace std::chrono_literals;
using Node = test::Node<State, Action, Out>;
using Pair = test::StreamPair<State, Action, Out>;

constexpr PeerKey peer{1};
constexpr auto name = "/echo/1.0.0";
constexpr RequestId request{7};

stream::Opened outbound(std::uint64_t channel) {
    return {ChannelId{channel}, peer, Direction::outbound, request, name};
}
stream::Opened inbound(std::uint64_t channel) {
    return {ChannelId{channel}, peer, Direction::inbound, {}, name};
}
stream::Finished finished(std::uint64_t channel) { return {ChannelId{channel}}; }
stream::Writable writable(std::uint64_t channel) { return {ChannelId{channel}}; }
stream::Closed closed(std::uint64_t channel, stream::CloseReason reason) {
    return {ChannelId{channel}, peer, request, reason};
}
Echo echo(std::uint64_t bytes) { return {peer, name, bytes, request}; }
RoundTrips round_trips(std::uint64_t bytes, std::uint64_t rounds) {
    return {peer, name, bytes, rounds, request};
}
Rate rate(std::uint64_t bytes, std::uint64_t requests, std::uint64_t outstanding, std::uint64_t streams) {
    return {peer, name, bytes, requests, outstanding, streams, false, request};
}
Rate rate_of_streams(std::uint64_t bytes, std::uint64_t requests, std::uint64_t outstanding) {
    return {peer, name, bytes, requests, outstanding, 1, true, request};
}

/// The pattern by its definition.
base::ByteString pattern(std::size_t count, std::size_t offset = 0) {
    base::ByteString bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::uint8_t>(((i + offset) * 31) ^ ((i + offset) >> 8));
    }
    return bytes;
}
Reason failure(Node const& node) {
    auto const* failed = node.only<EchoFailed>();
    EXPECT_NE(failed, nullptr);
    return failed == nullptr ? Reason::too_many : failed->reason;
}
bool echoed_same(Node const& node) {
    auto const* echoed = node.only<Echoed>();
    EXPECT_NE(echoed, nullptr);
    return echoed != nullptr && echoed->same;
}
std::size_t count_of(std::string const& text, std::string_view word) {
    std::size_t count = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
    return count;
}

TEST(Pattern, is_the_same_cut_anywhere) {
    auto const shared = make_pattern();
    for (std::uint64_t const offset : {0ULL, 1ULL, 65'535ULL, 65'536ULL, 100'000ULL, 1'000'001ULL}) {
        for (std::size_t const count : {0UL, 1UL, 255UL, 65'507UL}) {
            auto const expected = pattern(count, static_cast<std::size_t>(offset));
            EXPECT_TRUE(base::equal(pattern_at(shared, offset, count).view(), expected))
                << offset << " " << count;
        }
    }
    auto bytes = pattern(300'000, 77);
    EXPECT_TRUE(is_pattern(shared, 77, bytes));
    EXPECT_FALSE(is_pattern(shared, 78, bytes));
    bytes.back() ^= 1;
    EXPECT_FALSE(is_pattern(shared, 77, bytes));
}

TEST(EchoServer, sends_every_byte_back_and_ends_with_the_client) {
    Node node;
    EXPECT_EQ(node.act(inbound(4)), "");
    EXPECT_EQ(node.data(4, pattern(10)), "write 4 10");
    EXPECT_TRUE(base::equal(node.written(), pattern(10)));
    EXPECT_EQ(node.data(4, {}), "");
    EXPECT_EQ(node.act(finished(4)), "finish 4");
    EXPECT_TRUE(node.state.echoed.empty());
    EXPECT_EQ(node.data(4, pattern(10)), "");
}

TEST(EchoServer, bounds_its_streams) {
    Node node;
    node.state.config.echoed_max = 2;
    node.act(inbound(2));
    node.act(inbound(4));
    EXPECT_EQ(node.act(inbound(6)), "reset 6");
    node.act(closed(2, stream::CloseReason::reset));
    EXPECT_EQ(node.act(inbound(8)), "");
}

TEST(Echo, is_true_when_every_byte_came_back) {
    Node node;
    EXPECT_EQ(node.act(echo(1000)), "open 1 /echo/1.0.0");
    node.now = node.now + 1s;
    EXPECT_EQ(node.act(outbound(5)), "write 5 1000, finish 5");
    EXPECT_TRUE(base::equal(node.written(), pattern(1000)));
    node.now = node.now + 2s;
    node.data(5, pattern(999));
    node.data(5, pattern(1, 999));
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(node.act(finished(5)), "");
    EXPECT_TRUE(echoed_same(node));
    EXPECT_EQ(node.only<Echoed>()->duration, base::Duration(2s));
    EXPECT_EQ(node.only<Echoed>()->request, request);
    EXPECT_TRUE(node.state.runs.empty());
    EXPECT_TRUE(node.state.channels.empty());
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());

    Node nothing;
    nothing.act(echo(0));
    EXPECT_EQ(nothing.act(outbound(5)), "finish 5");
    nothing.act(finished(5));
    EXPECT_TRUE(echoed_same(nothing));
}

TEST(Echo, is_false_when_other_or_fewer_or_more_bytes_came_back) {
    auto const answered = [](base::ByteString const& bytes, bool ends) {
        Node node;
        node.act(echo(1000));
        node.act(outbound(5));
        node.data(5, bytes);
        if (ends) node.act(finished(5));
        EXPECT_TRUE(node.state.runs.empty());
        return echoed_same(node);
    };
    auto wrong = pattern(1000);
    wrong[500] ^= 1;
    EXPECT_FALSE(answered(wrong, false));
    EXPECT_FALSE(answered(pattern(1001), false));
    EXPECT_FALSE(answered(pattern(999), true));
    EXPECT_TRUE(answered(pattern(1000), true));

    Node early;  // the server ends before we have sent all
    early.act(echo(10'000'000));
    early.act(outbound(5));
    EXPECT_EQ(early.act(finished(5)), "reset 5");
    EXPECT_FALSE(echoed_same(early));
}

// Both ends would wait for ever if a client queued as much as stops its peer.
TEST(Echo, queues_a_bounded_number_of_bytes) {
    Node node;
    node.act(echo(10'000'000));
    auto orders = node.act(outbound(5));
    EXPECT_EQ(count_of(orders, "write 5 65507"), 8U);
    EXPECT_EQ(count_of(orders, ","), 7U);
    EXPECT_EQ(count_of(node.act(writable(5)), "write 5 65507"), 4U);
    // 786,084 are sent. What comes back makes room only when less than the bound is on the way.
    EXPECT_EQ(node.data(5, pattern(262'027)), "");
    EXPECT_EQ(node.data(5, pattern(1, 262'027)), "");
    EXPECT_EQ(node.data(5, pattern(10, 262'028)), "write 5 10");
}

TEST(Echo, says_why_it_failed) {
    for (std::uint64_t const channel : {0U, 5U}) {
        Node node;
        node.act(echo(1));
        node.act(closed(channel, stream::CloseReason::negotiation_failed));
        EXPECT_EQ(failure(node), Reason::not_supported);
    }
    Node lost;
    lost.act(echo(1));
    lost.act(outbound(5));
    lost.act(closed(5, stream::CloseReason::connection_lost));
    EXPECT_EQ(failure(lost), Reason::closed);

    Node stalled;
    stalled.act(echo(2));
    stalled.act(outbound(5));
    stalled.now = stalled.now + 20s;
    stalled.data(5, pattern(1));
    stalled.now = stalled.now + 10s;
    EXPECT_EQ(stalled.act(Tick{}), "");
    EXPECT_EQ(next_deadline(stalled.state), stalled.now + 20s);
    stalled.now = stalled.now + 20s;
    EXPECT_EQ(stalled.act(Tick{}), "reset 5");
    EXPECT_EQ(failure(stalled), Reason::timed_out);

    Node unopened;
    unopened.act(echo(2));
    unopened.now = unopened.now + 30s;
    EXPECT_EQ(unopened.act(Tick{}), "");
    EXPECT_EQ(failure(unopened), Reason::timed_out);
    EXPECT_EQ(unopened.act(outbound(5)), "reset 5");
}

TEST(Echo, bounds_the_runs) {
    Node node;
    for (int i = 0; i < 64; ++i) EXPECT_NE(node.act(echo(1)), "");
    EXPECT_EQ(node.act(echo(1)), "");
    EXPECT_EQ(failure(node), Reason::too_many);
}

TEST(RoundTripTimes, are_of_the_rounds_after_the_warm_up) {
    Node node;
    node.act(round_trips(10, 200));
    EXPECT_EQ(node.act(outbound(5)), "write 5 10");
    for (std::size_t i = 0; i < 300; ++i) {
        // 100 slow rounds to warm up, then 1 µs, 2 µs, … 200 µs.
        node.now = node.now +
                   (i < 100 ? base::Duration(1s) : base::Duration(1us) * static_cast<std::int64_t>(i - 99));
        EXPECT_EQ(node.data(5, pattern(4)), "");
        auto const last = i == 299;
        EXPECT_EQ(node.data(5, pattern(6)), last ? "finish 5" : "write 5 10");
    }
    auto const* done = node.only<RoundTripsDone>();
    ASSERT_NE(done, nullptr);
    EXPECT_EQ(done->median, base::Duration(101us));
    EXPECT_EQ(done->p99, base::Duration(199us));
    EXPECT_EQ(done->total, base::Duration(20'100us));
    EXPECT_TRUE(node.state.runs.empty());
}

TEST(RoundTripTimes, of_one_round) {
    Node node;
    node.act(round_trips(1, 1));
    node.act(outbound(5));
    node.data(5, pattern(1));
    node.now = node.now + 5ms;
    node.data(5, pattern(1));
    ASSERT_NE(node.only<RoundTripsDone>(), nullptr);
    EXPECT_EQ(node.only<RoundTripsDone>()->median, base::Duration(5ms));
    EXPECT_EQ(node.only<RoundTripsDone>()->p99, base::Duration(5ms));
}

TEST(RateOfRequests, keeps_its_window_full_on_each_stream) {
    Node node;
    EXPECT_EQ(node.act(rate(10, 21, 6, 2)), "open 1 /echo/1.0.0, open 1 /echo/1.0.0");
    EXPECT_EQ(node.act(outbound(5)), "write 5 10, write 5 10, write 5 10");
    EXPECT_EQ(node.act(outbound(6)), "write 6 10, write 6 10, write 6 10");
    EXPECT_EQ(node.data(5, pattern(25)), "write 5 10, write 5 10");
    EXPECT_EQ(node.data(5, pattern(5)), "write 5 10");
    for (int i = 0; i < 6; ++i) node.data(5, pattern(10));
    node.now = node.now + 3s;
    EXPECT_EQ(node.data(5, pattern(10)), "finish 5");  // ten each: the remainder is left out
    EXPECT_TRUE(node.out.events.empty());
    for (int i = 0; i < 9; ++i) node.data(6, pattern(10));
    EXPECT_EQ(node.data(6, pattern(10)), "finish 6");
    auto const* done = node.only<RateMeasured>();
    ASSERT_NE(done, nullptr);
    EXPECT_EQ(done->requests, 20U);
    EXPECT_EQ(done->total, base::Duration(3s));
}

TEST(RateOfRequests, opens_a_stream_for_each_with_so_many_at_a_time) {
    Node node;
    EXPECT_EQ(node.act(rate_of_streams(10, 3, 2)), "open 1 /echo/1.0.0, open 1 /echo/1.0.0");
    EXPECT_EQ(node.act(outbound(5)), "write 5 10, finish 5");
    EXPECT_EQ(node.act(outbound(6)), "write 6 10, finish 6");
    node.data(6, pattern(10));
    EXPECT_EQ(node.act(finished(6)), "open 1 /echo/1.0.0");
    EXPECT_EQ(node.act(closed(6, stream::CloseReason::complete)), "");
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(node.act(outbound(7)), "write 7 10, finish 7");
    node.data(5, pattern(10));
    EXPECT_EQ(node.act(finished(5)), "");
    node.data(7, pattern(10));
    node.act(finished(7));
    ASSERT_NE(node.only<RateMeasured>(), nullptr);
    EXPECT_EQ(node.only<RateMeasured>()->requests, 3U);
}

TEST(RateOfRequests, fails_as_a_whole) {
    Node closes;
    closes.act(rate(10, 20, 4, 2));
    closes.act(outbound(5));
    closes.act(outbound(6));
    EXPECT_EQ(closes.act(closed(5, stream::CloseReason::reset)), "reset 6");
    EXPECT_EQ(failure(closes), Reason::closed);
    EXPECT_TRUE(closes.state.channels.empty());

    Node ends;
    ends.act(rate(10, 20, 4, 1));
    ends.act(outbound(5));
    EXPECT_EQ(ends.act(finished(5)), "reset 5");
    EXPECT_EQ(failure(ends), Reason::closed);

    Node more;
    more.act(rate(10, 20, 1, 1));
    more.act(outbound(5));
    EXPECT_EQ(more.data(5, pattern(11)), "reset 5");
    EXPECT_EQ(failure(more), Reason::wrong_size);

    Node fewer;
    fewer.act(rate_of_streams(10, 3, 1));
    fewer.act(outbound(5));
    fewer.data(5, pattern(9));
    EXPECT_EQ(fewer.act(finished(5)), "reset 5");
    EXPECT_EQ(failure(fewer), Reason::wrong_size);
}

TEST(Echo, refuses_numbers_out_of_range) {
    auto const refused = [](Action const& action) {
        Node node;
        return node.act(action).empty() && failure(node) == Reason::invalid_request &&
               node.state.runs.empty();
    };
    EXPECT_TRUE(refused(round_trips(0, 1)));
    EXPECT_TRUE(refused(round_trips(1, 0)));
    EXPECT_TRUE(refused(round_trips(1, 1'000'001)));
    EXPECT_TRUE(refused(round_trips((1ULL << 30) + 1, 1)));
    EXPECT_TRUE(refused(rate(1, 0, 1, 1)));
    EXPECT_TRUE(refused(rate(0, 1, 1, 1)));
    EXPECT_TRUE(refused(rate(1, 1, 1, 2)));  // less than one a stream
    EXPECT_TRUE(refused(rate(1, 1ULL << 33, 1, 1)));
    EXPECT_TRUE(refused(rate(1, 5000, 1, 1025)));
    EXPECT_TRUE(refused(rate_of_streams(1, 5000, 1025)));
    Node node;
    EXPECT_NE(node.act(rate(1, 1, 0, 0)), "");  // none means one, as with the test peers
    EXPECT_NE(node.act(rate_of_streams(0, 1, 1)), "");
}

TEST(Echo, two_nodes_echo_and_measure_over_fragmenting_streams) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        auto rng = test::seeded(seed + 1000);
        Pair pair(seed);
        pair.chunk_bytes_max = 100'000;
        PeerKey const other{1};
        pair.act(0, Echo{other, name, rng.below(1'500'000), RequestId{1}});
        pair.act(0, RoundTrips{other, name, 1 + rng.below(1000), 1 + rng.below(50), RequestId{2}});
        pair.act(0, Rate{other, name, 1 + rng.below(1000), 100, 8, 4, false, RequestId{3}});
        pair.act(0, Rate{other, name, rng.below(1000), 30, 4, 1, true, RequestId{4}});
        ASSERT_TRUE(pair.run());
        ASSERT_EQ(pair.events[0].size(), 4U);
        for (auto const& event : pair.events[0]) {
            EXPECT_FALSE(std::holds_alternative<EchoFailed>(event));
            if (auto const* echoed = std::get_if<Echoed>(&event)) {
                EXPECT_TRUE(echoed->same);
            }
            if (auto const* measured = std::get_if<RateMeasured>(&event)) {
                EXPECT_EQ(measured->requests, measured->request.value == 3 ? 100U : 30U);
            }
        }
        EXPECT_EQ(pair.streams_opened(), 1U + 1U + 4U + 30U);
        EXPECT_LE(pair.queue_bytes_peak, queue_bytes_max + refill_bytes);
        EXPECT_TRUE(pair.sides[0].state.channels.empty());
        EXPECT_TRUE(pair.sides[1].state.echoed.empty());
    }
}

Node in_phase(std::string_view phase) {
    Node node;
    node.act(echo(phase == "sending" ? 600'000 : 10));
    if (phase == "opening") return node;
    node.act(outbound(5));
    if (phase == "answered") node.data(5, pattern(10));
    return node;
}

TEST(Echo, transitions_are_as_drawn) {
    std::string matrix;
    for (std::string_view const phase : {"opening", "sending", "sent", "answered"}) {
        for (std::string_view const fact :
             {"Opened", "Writable", "Data", "noise", "Finished", "Closed", "late Tick"}) {
            auto node = in_phase(phase);
            std::string orders;
            if (fact == "Opened") orders = node.act(outbound(5));
            if (fact == "Writable") orders = node.act(writable(5));
            if (fact == "Data") orders = node.data(5, pattern(1));
            if (fact == "noise") orders = node.data(5, base::ByteString(1, 0xee));
            if (fact == "Finished") orders = node.act(finished(5));
            if (fact == "Closed") orders = node.act(closed(5, stream::CloseReason::reset));
            if (fact == "late Tick") {
                node.now = node.now + 60s;
                orders = node.act(Tick{});
            }
            std::string events;
            if (auto const* echoed = node.only<Echoed>()) events = echoed->same ? "same" : "not the same";
            if (auto const* failed = node.only<EchoFailed>()) events = to_string(failed->reason);
            matrix += std::string(phase) + " | " + std::string(fact) + " | " +
                      (node.state.runs.empty() ? "none" : "at work") + " | " + orders + " | " + events + "\n";
        }
    }
    EXPECT_EQ(matrix, R"(opening | Opened | at work | write 5 10, finish 5 | 
opening | Writable | at work |  | 
opening | Data | at work |  | 
opening | noise | at work |  | 
opening | Finished | at work |  | 
opening | Closed | none |  | stream closed
opening | late Tick | none |  | timed out
sending | Opened | at work |  | 
sending | Writable | at work | write 5 65507, write 5 10437, finish 5 | 
sending | Data | at work | write 5 1 | 
sending | noise | none | reset 5 | not the same
sending | Finished | none | reset 5 | not the same
sending | Closed | none |  | stream closed
sending | late Tick | none | reset 5 | timed out
sent | Opened | at work |  | 
sent | Writable | at work |  | 
sent | Data | at work |  | 
sent | noise | none | reset 5 | not the same
sent | Finished | none |  | not the same
sent | Closed | none |  | stream closed
sent | late Tick | none | reset 5 | timed out
answered | Opened | at work |  | 
answered | Writable | at work |  | 
answered | Data | none | reset 5 | not the same
answered | noise | none | reset 5 | not the same
answered | Finished | none |  | same
answered | Closed | none |  | stream closed
answered | late Tick | none | reset 5 | timed out
)");
}

TEST(Echo, describes_its_state) {
    Node node;
    node.act(echo(1));
    node.act(inbound(6));
    base::TextDescriber text;
    describe(node.state, text);
    for (auto const* const part : {"run", "echoed"}) {
        EXPECT_NE(text.text().find(part), std::string::npos) << text.text();
    }
}

}  // namespace
}  // namespace libp2p::echo
