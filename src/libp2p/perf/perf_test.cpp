// Goal: transfers count and time what the spec says, with bounded queues, whatever a peer does.
// Method: one machine fed with facts, its orders compared as text; two machines over streams that fragment and coalesce
// at random; a snapshot of what each fact does in each phase of a transfer.
#include "libp2p/perf/perf.h"
#include "libp2p/ping/stream_pair.h"

#include <gtest/gtest.h>

namespace libp2p::perf {
namespace {

using namespace std::chrono_literals;
using Node = test::Node<State, Action, Out>;
using Pair = test::StreamPair<State, Action, Out>;

constexpr PeerKey peer{1};
constexpr auto name = "/perf/1.0.0";
constexpr auto full_queue = "write 5 262028, write 5 262028";

stream::Opened outbound(std::uint64_t channel, std::uint64_t request) {
    return {ChannelId{channel}, peer, Direction::outbound, RequestId{request}, name};
}
stream::Opened inbound(std::uint64_t channel) {
    return {ChannelId{channel}, peer, Direction::inbound, {}, name};
}
stream::Finished finished(std::uint64_t channel) { return {ChannelId{channel}}; }
stream::Writable writable(std::uint64_t channel) { return {ChannelId{channel}}; }
stream::Closed closed(std::uint64_t channel, std::uint64_t request, stream::CloseReason reason) {
    return {ChannelId{channel}, peer, RequestId{request}, reason};
}
Start start(std::uint64_t up, std::uint64_t down, std::uint64_t request = 7) {
    return {peer, up, down, RequestId{request}};
}
base::ByteString zeros(std::size_t count) { return base::ByteString(count); }

Reason failure(Node const& node) {
    auto const* failed = node.only<Failed>();
    EXPECT_NE(failed, nullptr);
    return failed == nullptr ? Reason::too_many : failed->reason;
}

TEST(Pump, cuts_writes_that_fill_noise_messages) {
    EXPECT_EQ(block_bytes % frame_body_bytes, 0U);
    EXPECT_EQ(frame_body_bytes + 12 + 16, 65'535U);
    auto const block = make_block();
    std::vector<Effect> effects;
    Pump pump{.left = block_bytes + 10};
    pump.write(ChannelId{3}, queue_bytes_max, block, effects);
    EXPECT_EQ(test::orders_text(effects), "write 3 262028, write 3 10");
    EXPECT_EQ(pump.left, 0U);
    EXPECT_EQ(pump.written, block_bytes + 10);
    auto const& first = std::get<stream::Write>(effects[0]).bytes;
    EXPECT_EQ(first.view().data(), block.view().data());  // shared, not copied
}

// spec: perf#protocol
TEST(Perf, sends_the_wanted_number_then_the_upload_then_its_end) {
    Node node;
    EXPECT_EQ(node.act(start(1000, 0x0102030405060708)), "open 1 /perf/1.0.0");
    EXPECT_EQ(node.act(outbound(5, 7)), "write 5 8, write 5 1000, finish 5");
    EXPECT_TRUE(base::equal(node.written(0), base::ByteString{1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_TRUE(base::equal(node.written(1), zeros(1000)));

    Node nothing;
    nothing.act(start(0, 0));
    EXPECT_EQ(nothing.act(outbound(5, 7)), "write 5 8, finish 5");
    nothing.act(finished(5));
    EXPECT_NE(nothing.only<Done>(), nullptr);
}

TEST(Perf, tops_up_a_bounded_queue) {
    Node node;
    node.act(start(1'000'000, 0));
    EXPECT_EQ(node.act(outbound(5, 7)), std::string("write 5 8, ") + full_queue);
    EXPECT_EQ(node.act(writable(5)), "write 5 262028");
    EXPECT_EQ(node.act(writable(5)), "write 5 213916, finish 5");
    EXPECT_EQ(node.act(writable(5)), "");
}

TEST(Perf, times_upload_and_download_apart) {
    Node node;
    node.act(start(10, 300));
    node.now = node.now + 1s;
    node.act(outbound(5, 7));
    node.now = node.now + 2s;
    node.act(writable(5));
    node.now = node.now + 3s;
    node.data(5, zeros(100));
    node.now = node.now + 4s;
    node.data(5, zeros(200));
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(node.act(finished(5)), "");
    auto const* done = node.only<Done>();
    ASSERT_NE(done, nullptr);
    EXPECT_EQ(done->request, RequestId{7});
    EXPECT_EQ(done->up, base::Duration(2s));
    EXPECT_EQ(done->down, base::Duration(7s));
    EXPECT_EQ(done->total, base::Duration(9s));
    EXPECT_EQ(done->sent_bytes, 10U);
    EXPECT_EQ(done->received_bytes, 300U);
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    EXPECT_TRUE(node.state.channels.empty());
}

TEST(Perf, ends_the_upload_at_the_first_byte_of_the_answer_at_the_latest) {
    Node node;
    node.act(start(10, 300));
    node.act(outbound(5, 7));
    node.now = node.now + 3s;
    node.data(5, zeros(300));
    node.now = node.now + 1s;
    node.act(finished(5));
    ASSERT_NE(node.only<Done>(), nullptr);
    EXPECT_EQ(node.only<Done>()->up, base::Duration(3s));
    EXPECT_EQ(node.only<Done>()->down, base::Duration(1s));
}

TEST(Perf, shows_how_far_a_transfer_is) {
    Node node;
    EXPECT_FALSE(progress(node.state, RequestId{7}).has_value());
    node.act(start(1'000'000, 50));
    EXPECT_EQ(progress(node.state, RequestId{7})->started, base::Instant::never());
    node.act(outbound(5, 7));
    node.data(5, zeros(20));
    auto const at = progress(node.state, RequestId{7});
    ASSERT_TRUE(at.has_value());
    EXPECT_EQ(at->started, node.now);
    EXPECT_EQ(at->written_bytes, queue_bytes_max);
    EXPECT_EQ(at->received_bytes, 20U);
}

TEST(Perf, fails_on_an_answer_of_another_size) {
    Node longer;
    longer.act(start(0, 10));
    longer.act(outbound(5, 7));
    EXPECT_EQ(longer.data(5, zeros(11)), "reset 5");
    EXPECT_EQ(failure(longer), Reason::answer_too_long);
    EXPECT_EQ(longer.data(5, zeros(11)), "");

    Node shorter;
    shorter.act(start(0, 10));
    shorter.act(outbound(5, 7));
    shorter.data(5, zeros(9));
    EXPECT_EQ(shorter.act(finished(5)), "reset 5");
    EXPECT_EQ(failure(shorter), Reason::answer_too_short);

    Node early;  // the answer is over while we still upload
    early.act(start(10'000'000, 0));
    early.act(outbound(5, 7));
    EXPECT_EQ(early.act(finished(5)), "reset 5");
    EXPECT_EQ(failure(early), Reason::answer_too_short);
}

TEST(Perf, says_why_a_transfer_failed) {
    for (std::uint64_t const channel : {0U, 5U}) {
        Node node;
        node.act(start(1, 1));
        node.act(closed(channel, 7, stream::CloseReason::negotiation_failed));
        EXPECT_EQ(failure(node), Reason::not_supported);
    }
    Node lost;
    lost.act(start(1, 1));
    lost.act(outbound(5, 7));
    lost.act(closed(5, 7, stream::CloseReason::connection_lost));
    EXPECT_EQ(failure(lost), Reason::closed);
    EXPECT_TRUE(lost.state.transfers.empty());
    EXPECT_EQ(lost.state.timers.size(), 0U);
}

TEST(Perf, times_out_when_it_does_not_open_or_stalls) {
    Node unopened;
    unopened.act(start(1, 1));
    unopened.now = unopened.now + 15s;
    EXPECT_EQ(unopened.act(Tick{}), "");
    EXPECT_EQ(failure(unopened), Reason::timed_out);
    EXPECT_EQ(unopened.act(outbound(5, 7)), "reset 5");

    Node stalled;
    stalled.act(start(0, 100));
    stalled.act(outbound(5, 7));
    stalled.now = stalled.now + 59s;
    stalled.data(5, zeros(1));
    stalled.now = stalled.now + 1s;
    EXPECT_EQ(stalled.act(Tick{}), "");  // there was progress
    EXPECT_TRUE(stalled.out.events.empty());
    EXPECT_EQ(next_deadline(stalled.state), stalled.now + 59s);
    stalled.now = stalled.now + 59s;
    EXPECT_EQ(stalled.act(Tick{}), "reset 5");
    EXPECT_EQ(failure(stalled), Reason::timed_out);
}

TEST(Perf, bounds_the_transfers_at_once) {
    Node node;
    for (std::uint64_t i = 1; i <= 64; ++i) EXPECT_NE(node.act(start(1, 1, i)), "");
    EXPECT_EQ(node.act(start(1, 1, 65)), "");
    EXPECT_EQ(failure(node), Reason::too_many);
}

TEST(Perf, tells_transfers_to_one_peer_apart) {
    Node node;
    node.act(start(10, 0, 1));
    node.act(start(20, 0, 2));
    EXPECT_EQ(node.act(outbound(6, 2)), "write 6 8, write 6 20, finish 6");
    EXPECT_EQ(node.act(outbound(5, 1)), "write 5 8, write 5 10, finish 5");
    node.act(finished(6));
    EXPECT_EQ(node.only<Done>()->request, RequestId{2});
    node.act(closed(6, 1, stream::CloseReason::complete));  // of a stream already forgotten
    EXPECT_TRUE(node.out.events.empty());
}

TEST(PerfServer, answers_after_the_upload_with_the_asked_number) {
    Node node;
    EXPECT_EQ(node.act(inbound(5)), "");
    EXPECT_EQ(node.data(5, base::ByteString{0, 0, 0, 0, 0}), "");
    EXPECT_EQ(node.data(5, base::ByteString{0, 1, 2, 9, 9, 9}), "");
    EXPECT_EQ(node.state.served.at(ChannelId{5}).received, 3U);
    EXPECT_EQ(node.data(5, zeros(100)), "");
    EXPECT_EQ(node.act(finished(5)), "write 5 258, finish 5");
    EXPECT_TRUE(node.state.served.empty());
    EXPECT_EQ(node.state.timers.size(), 0U);
}

TEST(PerfServer, takes_every_number_and_keeps_its_queue_bounded) {
    Node zero;
    zero.act(inbound(5));
    zero.data(5, zeros(8));
    EXPECT_EQ(zero.act(finished(5)), "finish 5");

    Node endless;
    endless.act(inbound(5));
    endless.data(5, base::ByteString(8, 0xff));
    EXPECT_EQ(endless.act(writable(5)), "");  // not before the end of the upload
    EXPECT_EQ(endless.act(finished(5)), full_queue);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(endless.act(writable(5)), "write 5 262028");
    EXPECT_EQ(endless.act(closed(5, 0, stream::CloseReason::reset)), "");
    EXPECT_TRUE(endless.state.served.empty());
}

TEST(PerfServer, resets_a_stream_that_ends_within_the_number) {
    Node node;
    node.act(inbound(5));
    node.data(5, zeros(7));
    EXPECT_EQ(node.act(finished(5)), "reset 5");
    EXPECT_TRUE(node.state.served.empty());
}

TEST(PerfServer, resets_a_stalled_stream) {
    Node node;
    node.act(inbound(5));
    node.now = node.now + 50s;
    node.data(5, zeros(1));
    node.now = node.now + 10s;
    EXPECT_EQ(node.act(Tick{}), "");
    node.now = node.now + 50s;
    EXPECT_EQ(node.act(Tick{}), "reset 5");
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
}

TEST(PerfServer, bounds_the_served_streams) {
    Node node;
    node.state.config.served_max = 3;
    for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(node.act(inbound(i)), "");
    EXPECT_EQ(node.act(inbound(4)), "reset 4");
    node.act(closed(1, 0, stream::CloseReason::connection_lost));
    EXPECT_EQ(node.act(inbound(5)), "");
}

TEST(Perf, two_nodes_transfer_over_fragmenting_streams) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        auto rng = test::seeded(seed + 1000);
        Pair pair(seed);
        pair.chunk_bytes_max = 100'000;
        std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> asked;
        for (std::uint64_t i = 1; i <= 4; ++i) {
            asked[i] = {rng.below(2) * rng.below(1'500'000), rng.below(2) * rng.below(1'500'000)};
            pair.act(0, Start{PeerKey{1}, asked[i].first, asked[i].second, RequestId{i}});
        }
        ASSERT_TRUE(pair.run());
        ASSERT_EQ(pair.events[0].size(), 4U);
        for (auto const& event : pair.events[0]) {
            auto const* done = std::get_if<Done>(&event);
            ASSERT_NE(done, nullptr);
            EXPECT_EQ(done->sent_bytes, asked[done->request.value].first);
            EXPECT_EQ(done->received_bytes, asked[done->request.value].second);
            EXPECT_EQ(done->up + done->down, done->total);
        }
        EXPECT_LE(pair.queue_bytes_peak, queue_bytes_max + 8);
        EXPECT_TRUE(pair.sides[0].state.transfers.empty());
        EXPECT_TRUE(pair.sides[1].state.served.empty());
    }
}

Node in_phase(std::string_view phase) {
    Node node;
    node.act(start(phase == "uploading" ? 600'000 : 10, 2));
    if (phase == "opening") return node;
    node.act(outbound(5, 7));
    if (phase == "downloading") node.data(5, zeros(1));
    if (phase == "answered") node.data(5, zeros(2));
    return node;
}

std::string events_text(Out const& out) {
    std::string text;
    for (auto const& event : out.events) {
        auto const* failed = std::get_if<Failed>(&event);
        text += failed == nullptr ? "done" : "failed: " + std::string(to_string(failed->reason));
    }
    return text;
}

TEST(Perf, transitions_of_a_transfer_are_as_drawn) {
    std::string matrix;
    for (std::string_view const phase : {"opening", "uploading", "draining", "downloading", "answered"}) {
        for (std::string_view const fact :
             {"Opened", "Writable", "Data", "Finished", "Closed", "late Tick"}) {
            auto node = in_phase(phase);
            std::string orders;
            if (fact == "Opened") orders = node.act(outbound(5, 7));
            if (fact == "Writable") orders = node.act(writable(5));
            if (fact == "Data") orders = node.data(5, zeros(1));
            if (fact == "Finished") orders = node.act(finished(5));
            if (fact == "Closed") orders = node.act(closed(5, 7, stream::CloseReason::reset));
            if (fact == "late Tick") {
                node.now = node.now + 60s;
                orders = node.act(Tick{});
            }
            auto const& transfers = node.state.transfers;
            matrix += std::string(phase) + " | " + std::string(fact) + " | " +
                      std::string(transfers.empty() ? "none" : to_string(transfers.begin()->second.phase)) +
                      " | " + orders + " | " + events_text(node.out) + "\n";
        }
    }
    EXPECT_EQ(matrix, R"(opening | Opened | draining | write 5 8, write 5 10, finish 5 | 
opening | Writable | opening |  | 
opening | Data | opening |  | 
opening | Finished | opening |  | 
opening | Closed | none |  | failed: stream closed
opening | late Tick | none |  | failed: timed out
uploading | Opened | uploading |  | 
uploading | Writable | draining | write 5 75944, finish 5 | 
uploading | Data | uploading |  | 
uploading | Finished | none | reset 5 | failed: answer too short
uploading | Closed | none |  | failed: stream closed
uploading | late Tick | none | reset 5 | failed: timed out
draining | Opened | draining |  | 
draining | Writable | downloading |  | 
draining | Data | downloading |  | 
draining | Finished | none | reset 5 | failed: answer too short
draining | Closed | none |  | failed: stream closed
draining | late Tick | none | reset 5 | failed: timed out
downloading | Opened | downloading |  | 
downloading | Writable | downloading |  | 
downloading | Data | downloading |  | 
downloading | Finished | none | reset 5 | failed: answer too short
downloading | Closed | none |  | failed: stream closed
downloading | late Tick | none | reset 5 | failed: timed out
answered | Opened | downloading |  | 
answered | Writable | downloading |  | 
answered | Data | none | reset 5 | failed: answer too long
answered | Finished | none |  | done
answered | Closed | none |  | failed: stream closed
answered | late Tick | none | reset 5 | failed: timed out
)");
}

TEST(Perf, describes_its_state) {
    Node node;
    node.act(start(1, 1));
    node.act(inbound(6));
    base::TextDescriber text;
    describe(node.state, text);
    for (auto const* const part : {"opening", "served"}) {
        EXPECT_NE(text.text().find(part), std::string::npos) << text.text();
    }
}

}  // namespace
}  // namespace libp2p::perf
