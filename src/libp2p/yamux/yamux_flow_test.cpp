// Goal: credit goes out in good time and not more often, windows and budgets hold, writes keep
// their frames, and no stream waits long for another.
// Method: single sessions, frames as lines of text.
#include "libp2p/yamux/test_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::yamux {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

/// A server with stream 1, 3, ... opened by the peer and acknowledged.
Session server_with(std::size_t streams, Config const& config = {}) {
    Session session(config, Role::server);
    for (std::size_t i = 0; i < streams; ++i)
        receive(session, window(flag::syn, static_cast<StreamId>(2 * i + 1)));
    sent(session);
    return session;
}

std::string const half(131'072, 'x');

// Receiving.

TEST(YamuxCredit, is_returned_when_half_of_the_window_is_consumed) {
    auto session = server_with(1);
    receive(session, data(0, 1, half));
    session.consume(1, 131'071, {});
    EXPECT_FALSE(session.has_output());
    session.consume(1, 1, {});
    EXPECT_THAT(sent(session), ElementsAre("WINDOW 1 131072"));
    EXPECT_FALSE(session.has_output());
}

TEST(YamuxCredit, many_reads_make_one_update_for_each_gather) {
    auto session = server_with(1);
    receive(session, data(0, 1, half));
    receive(session, data(0, 1, half));
    for (int i = 0; i < 256; ++i) session.consume(1, 1024, {});
    EXPECT_THAT(sent(session), ElementsAre("WINDOW 1 262144"));
}

TEST(YamuxCredit, more_consumed_than_given_counts_as_all) {
    auto session = server_with(1);
    receive(session, data(0, 1, half));
    session.consume(1, 1'000'000'000, {});
    EXPECT_THAT(sent(session), ElementsAre("WINDOW 1 131072"));
}

TEST(YamuxCredit, is_not_sent_when_the_peer_has_finished_meanwhile) {
    auto session = server_with(1);
    receive(session, data(0, 1, half));
    session.consume(1, half.size(), {});
    EXPECT_TRUE(session.has_output());
    receive(session, data(flag::fin, 1));
    EXPECT_FALSE(session.has_output());
    EXPECT_THAT(sent(session), IsEmpty());
}

TEST(YamuxCredit, for_a_stream_that_is_gone_is_nothing) {
    auto session = server_with(1);
    session.consume(99, 1000, {});
    session.write(99, shared("x"));
    session.finish(99);
    session.reset(99);
    EXPECT_FALSE(session.has_output());
    EXPECT_EQ(session.receive_window(99), 0u);
    EXPECT_EQ(session.queued_bytes(99), 0u);
    EXPECT_FALSE(session.is_open(99));
}

/// Lets the peer send as fast as the window allows, for `round_trips` of 10 ms in four reads each.
void stream_at_full_speed(Session& session, StreamId id, int round_trips, base::Instant& now) {
    std::uint64_t credit = initial_window_bytes;
    for (int i = 0; i < 4 * round_trips; ++i) {
        auto const body = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(credit, session.receive_window(id) / 4));
        credit -= body;
        ASSERT_THAT(receive(session, data(0, id, std::string(body, 'x')), now),
                    testing::SizeIs(body == 0 ? 0 : 1));
        session.consume(id, body, now);
        for (auto const& frame : split(gather_bytes(session))) credit += frame.header.length;
        now = now + 2500us;
    }
}

/// Measures a round trip of 10 ms.
void measure(Session& session, base::Instant& now) {
    session.ping(now);
    sent(session);
    now = now + 10ms;
    receive(session, pong(1), now);
}

TEST(YamuxWindow, grows_to_its_limit_and_no_further) {
    base::Instant now;
    auto session = server_with(1, {.window_bytes_max = 1'000'000});
    measure(session, now);
    stream_at_full_speed(session, 1, 30, now);
    EXPECT_EQ(session.receive_window(1), 1'000'000u);
}

TEST(YamuxWindow, does_not_grow_before_a_round_trip_was_measured) {
    base::Instant now;
    auto session = server_with(1);
    stream_at_full_speed(session, 1, 30, now);
    EXPECT_EQ(session.receive_window(1), initial_window_bytes);
}

TEST(YamuxWindow, growth_is_charged_to_both_budgets_and_given_back_however_the_stream_ends) {
    for (int const end : {0, 1, 2, 3, 4}) {
        base::MemoryBudget process(100'000'000);
        {
            base::Instant now;
            auto session =
                server_with(1, {.window_bytes_max = 4 * 1024 * 1024, .window_growth = &process});
            measure(session, now);
            stream_at_full_speed(session, 1, 30, now);
            EXPECT_EQ(process.used(), session.receive_window(1) - initial_window_bytes);
            EXPECT_EQ(session.receive_window(1), 4u * 1024 * 1024);
            if (end == 0) session.reset(1);
            if (end == 1) receive(session, window(flag::rst, 1), now);
            if (end == 2) {
                session.finish(1);
                sent(session);
                receive(session, window(flag::fin, 1), now);
            }
            if (end == 3) {  // the id is used again
                receive(session, data(flag::fin, 1), now);
                receive(session, window(flag::syn, 1), now);
            }
            EXPECT_EQ(process.used() == 0, end != 4) << end;
            if (end == 4) {
                Session moved(Config{}, Role::client);
                moved = std::move(session);
                EXPECT_NE(process.used(), 0u);
            }
        }
        EXPECT_EQ(process.used(), 0u) << end;
    }
}

TEST(YamuxWindow, the_budget_of_the_connection_bounds_all_streams_together) {
    base::Instant now;
    auto session = server_with(2, {.connection_window_growth_max = 1'000'000});
    measure(session, now);
    stream_at_full_speed(session, 1, 20, now);
    stream_at_full_speed(session, 3, 20, now);
    EXPECT_EQ(session.receive_window(1), 4 * initial_window_bytes);
    EXPECT_EQ(session.receive_window(3), initial_window_bytes);
    session.reset(1);
    sent(session);
    stream_at_full_speed(session, 3, 20, now);
    EXPECT_EQ(session.receive_window(3), 4 * initial_window_bytes);
}

TEST(YamuxWindow, a_refusal_by_the_process_leaves_the_connections_budget_as_it_was) {
    base::MemoryBudget process(initial_window_bytes);
    base::Instant now;
    auto session = server_with(
        1, {.connection_window_growth_max = 3 * initial_window_bytes, .window_growth = &process});
    measure(session, now);
    stream_at_full_speed(session, 1, 30, now);
    EXPECT_EQ(session.receive_window(1), 2 * initial_window_bytes);
    EXPECT_TRUE(process.try_reserve(0));
    session.reset(1);
    EXPECT_EQ(process.used(), 0u);
}

// Sending.

TEST(YamuxSending, one_write_is_one_frame) {
    auto session = server_with(1);
    session.write(1, shared("a"));
    session.write(1, shared(""));
    session.write(1, zeros(65'507));
    session.write(1, shared("b"));
    EXPECT_EQ(session.queued_bytes(1), 65'509u);
    EXPECT_THAT(sent(session), ElementsAre("DATA 1 \"a\"", "DATA 1 (65507)", "DATA 1 \"b\""));
    EXPECT_EQ(session.queued_bytes(1), 0u);
}

TEST(YamuxSending, a_large_write_fills_records) {
    auto session = server_with(1);
    session.write(1, zeros(200'000));
    EXPECT_THAT(sent_once(session), ElementsAre("DATA 1 (65507)"));
    EXPECT_THAT(sent(session), ElementsAre("DATA 1 (65507)", "DATA 1 (65507)", "DATA 1 (3479)"));
}

TEST(YamuxSending, never_exceeds_what_it_may_gather) {
    for (std::size_t const limit : {0u, 11u, 12u, 1035u, 1036u, 5000u, 65'519u, 200'000u}) {
        auto session = server_with(3);
        for (StreamId const id : {1u, 3u, 5u}) session.write(id, zeros(70'000));
        session.ping({});
        Gather gathered;
        bool const moved = session.gather(limit, gathered);
        EXPECT_EQ(moved, limit >= header_bytes);
        EXPECT_LE(gathered.size_bytes(), limit);
        EXPECT_EQ(bytes_of(gathered).size(), gathered.size_bytes());
    }
}

TEST(YamuxSending, cuts_a_frame_short_only_for_a_kilobyte_or_more) {
    auto session = server_with(1);
    session.write(1, zeros(2000));
    EXPECT_THAT(sent_once(session, 1035), IsEmpty());
    EXPECT_THAT(sent_once(session, 1036), ElementsAre("DATA 1 (1024)"));
    EXPECT_THAT(sent_once(session, 1036), ElementsAre("DATA 1 (976)"));
}

TEST(YamuxSending, leaves_a_write_whole_for_the_next_record) {
    auto session = server_with(1);
    session.write(1, zeros(20'000));
    session.write(1, zeros(52'000));
    EXPECT_THAT(sent_once(session), ElementsAre("DATA 1 (20000)"));
    EXPECT_THAT(sent_once(session), ElementsAre("DATA 1 (52000)"));
}

// mina: the Rust node loses a message in three parts.
TEST(YamuxSending, a_write_that_fits_a_frame_is_cut_once_at_most_while_others_wait) {
    auto session = server_with(2);
    session.write(1, zeros(1'000'000));
    session.write(3, zeros(52'521));
    int parts = 0;
    for (auto const& line : sent(session)) parts += line.starts_with("DATA 3") ? 1 : 0;
    EXPECT_EQ(parts, 2);
}

TEST(YamuxSending, a_bulk_stream_takes_smaller_frames_while_another_waits) {
    auto session = server_with(2);
    session.write(1, zeros(200'000));
    session.write(3, zeros(100));
    EXPECT_THAT(sent_once(session),
                ElementsAre("DATA 1 (16384)", "DATA 3 (100)", "DATA 1 (48999)"));
}

TEST(YamuxSending, an_echo_waits_for_one_frame_of_a_bulk_stream_at_most) {
    auto session = server_with(2);
    for (int i = 0; i < 200; ++i) receive(session, window(0, 1, 1'000'000));
    session.write(1, zeros(50'000'000));
    for (int i = 0; i < 500; ++i) {
        session.write(3, shared("echo"));
        auto const lines = sent_once(session);
        auto const at = std::find(lines.begin(), lines.end(), "DATA 3 \"echo\"") - lines.begin();
        EXPECT_LE(at, 1) << testing::PrintToString(lines);
    }
}

TEST(YamuxSending, many_bulk_streams_share_alike) {
    auto session = server_with(10);
    for (StreamId id = 1; id < 20; id += 2) session.write(id, zeros(250'000));
    std::size_t bytes[20] = {};
    for (int i = 0; i < 20; ++i) {
        for (auto const& frame : split(gather_bytes(session)))
            bytes[frame.header.stream] += frame.body.size();
    }
    std::size_t least = bytes[1];
    std::size_t most = bytes[1];
    for (StreamId id = 1; id < 20; id += 2) {
        least = std::min(least, bytes[id]);
        most = std::max(most, bytes[id]);
    }
    EXPECT_LE(most - least, 2u * 16'384);
}

TEST(YamuxSending, stops_at_the_peers_window_and_goes_on_with_an_update) {
    auto session = server_with(2);
    session.write(1, zeros(300'000));
    session.finish(1);
    session.write(3, shared("other"));
    std::size_t bytes = 0;
    while (true) {
        auto const frames = split(gather_bytes(session));
        if (frames.empty()) break;
        for (auto const& frame : frames) bytes += frame.body.size();
    }
    EXPECT_EQ(bytes, 262'144u + 5);
    EXPECT_FALSE(session.has_output()) << "a blocked stream has no output";
    EXPECT_THAT(receive(session, window(0, 1, 1)), IsEmpty());
    EXPECT_THAT(sent(session), ElementsAre("DATA 1 \"" + std::string(1, '\0') + "\""))
        << "even one byte is used";
    receive(session, window(0, 1, 100'000));
    EXPECT_THAT(sent(session), ElementsAre("DATA 1 (37855)", "DATA|FIN 1 \"\""));
}

TEST(YamuxSending, the_increment_on_syn_and_ack_counts) {
    Session session(Config{}, Role::client);
    auto const id = session.open().value();
    session.write(id, zeros(300'000));
    while (!sent_once(session).empty()) {
    }
    receive(session, window(flag::ack, id, 100'000));
    EXPECT_THAT(sent(session), ElementsAre("DATA 1 (37856)"));
    receive(session, window(flag::syn, 2, 100'000));
    session.write(2, zeros(1'000'000));
    std::size_t bytes = 0;
    while (true) {
        auto const frames = split(gather_bytes(session));
        if (frames.empty()) break;
        for (auto const& frame : frames) bytes += frame.body.size();
    }
    EXPECT_EQ(bytes, 362'144u);
}

TEST(YamuxSending, control_frames_go_first) {
    auto session = server_with(3);
    session.write(3, shared("data"));
    session.reset(1);
    session.ping({});
    receive(session, ping(9) + data(0, 5, half));
    session.consume(5, half.size(), {});
    session.go_away(GoAwayCode::normal);
    EXPECT_THAT(sent(session), ElementsAre("PING|ACK 9", "PING|SYN 1", "WINDOW|RST 1 0", "GOAWAY 0",
                                           "WINDOW 5 131072", "DATA 3 \"data\""));
}

TEST(YamuxSending, a_gather_holds_128_frames_and_the_next_takes_the_rest) {
    auto session = server_with(1);
    for (int i = 0; i < 300; ++i) session.write(1, shared("x"));
    EXPECT_EQ(sent_once(session).size(), 128u);
    EXPECT_EQ(sent_once(session).size(), 128u);
    EXPECT_EQ(sent_once(session).size(), 44u);
}

TEST(YamuxSending, appends_to_a_gather_and_says_when_nothing_moved) {
    auto session = server_with(1);
    Gather gathered;
    EXPECT_FALSE(session.gather(record_bytes, gathered));
    EXPECT_TRUE(gathered.empty());
    session.write(1, shared("a"));
    EXPECT_TRUE(session.gather(record_bytes, gathered));
    session.write(1, shared("b"));
    EXPECT_TRUE(session.gather(record_bytes, gathered));
    EXPECT_EQ(bytes_of(gathered), data(0, 1, "a") + data(0, 1, "b"));
    gathered.clear();
    EXPECT_TRUE(gathered.empty());
    EXPECT_EQ(gathered.size_bytes(), 0u);
}

TEST(YamuxSending, gathered_bytes_outlive_the_stream) {
    auto session = server_with(1);
    session.write(1, shared("kept alive by the gather"));
    Gather gathered;
    session.gather(record_bytes, gathered);
    session.reset(1);
    EXPECT_EQ(bytes_of(gathered), data(0, 1, "kept alive by the gather"));
}

// Low water.

TEST(YamuxWritable, is_reported_once_for_each_fall) {
    auto session = server_with(1);
    session.write(1, zeros(Session::low_water_bytes));
    sent(session);
    EXPECT_THAT(session.take_writable(), IsEmpty()) << "it never rose above";
    receive(session, window(0, 1, 10'000'000));
    for (int i = 0; i < 2; ++i) {
        session.write(1, zeros(Session::low_water_bytes + 1));
        EXPECT_THAT(session.take_writable(), IsEmpty());
        sent_once(session);
        sent(session);
        EXPECT_THAT(session.take_writable(), ElementsAre(1));
        EXPECT_THAT(session.take_writable(), IsEmpty());
    }
}

TEST(YamuxWritable, is_not_reported_for_a_stream_that_rose_again_or_is_gone) {
    auto session = server_with(3);
    for (StreamId const id : {1u, 3u, 5u}) {
        session.write(id, zeros(140'000));
        session.write(id, zeros(1000));
    }
    sent(session);
    session.write(1, zeros(200'000));
    session.reset(3);
    EXPECT_THAT(session.take_writable(), ElementsAre(5));
    receive(session, window(0, 1, 1'000'000));
    sent(session);
    EXPECT_THAT(session.take_writable(), ElementsAre(1));
}

}  // namespace
}  // namespace libp2p::yamux
