// Goal: streams open, acknowledge, half-close, end and have their ids used again as the spec says
// and as Mina's nodes do it; pings and GOAWAY likewise.
// Method: frames in as bytes, events and frames out as lines of text.
#include "libp2p/yamux/test_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::yamux {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

struct YamuxStreams : testing::Test {
    Session client{Config{}, Role::client};
    Session server{Config{}, Role::server};
};

// Opening.

TEST_F(YamuxStreams, the_client_opens_odd_and_the_server_even_ids) {
    EXPECT_EQ(client.open(), 1u);
    EXPECT_EQ(client.open(), 3u);
    EXPECT_EQ(server.open(), 2u);
    EXPECT_EQ(server.open(), 4u);
}

TEST_F(YamuxStreams, syn_rides_on_the_first_data) {
    auto const id = client.open().value();
    client.write(id, shared("hello"));
    client.write(id, shared("world"));
    EXPECT_THAT(sent(client), ElementsAre("DATA|SYN 1 \"hello\"", "DATA 1 \"world\""));
}

TEST_F(YamuxStreams, a_stream_with_nothing_to_send_is_opened_by_a_window_update_of_zero) {
    EXPECT_TRUE(client.open());
    EXPECT_TRUE(client.has_output());
    EXPECT_THAT(sent(client), ElementsAre("WINDOW|SYN 1 0"));
    EXPECT_FALSE(client.has_output());
}

TEST_F(YamuxStreams, a_stream_opened_and_finished_at_once_is_one_empty_frame) {
    auto const id = client.open().value();
    client.finish(id);
    EXPECT_THAT(sent(client), ElementsAre("DATA|SYN|FIN 1 \"\""));
}

TEST_F(YamuxStreams, accepts_syn_on_either_type) {
    EXPECT_THAT(receive(server, window(flag::syn, 1) + data(flag::syn, 3, "hi")),
                ElementsAre("opened 1", "opened 3", "data 3 \"hi\""));
    EXPECT_THAT(sent(server), ElementsAre("WINDOW|ACK 1 0", "WINDOW|ACK 3 0"));
}

TEST_F(YamuxStreams, ack_rides_on_data_that_is_there_already) {
    receive(server, data(flag::syn, 1, "hi"));
    server.write(1, shared("yes"));
    EXPECT_THAT(sent(server), ElementsAre("DATA|ACK 1 \"yes\""));
}

TEST_F(YamuxStreams, ack_and_credit_share_a_frame) {
    receive(server, data(flag::syn, 1, std::string(200'000, 'x')));
    server.consume(1, 200'000, {});
    server.write(1, shared("yes"));
    EXPECT_THAT(sent(server), ElementsAre("WINDOW|ACK 1 200000", "DATA 1 \"yes\""));
}

TEST_F(YamuxStreams, accepts_ack_on_either_type_and_reports_it_once) {
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(client.open());
    sent(client);
    EXPECT_THAT(
        receive(client, window(flag::ack, 1) + data(flag::ack, 3, "hi") + window(flag::ack, 1)),
        ElementsAre("acknowledged 1", "acknowledged 3", "data 3 \"hi\""));
}

TEST_F(YamuxStreams, an_answer_without_ack_acknowledges_too) {
    EXPECT_TRUE(client.open());
    sent(client);
    EXPECT_THAT(receive(client, data(0, 1, "hi")), ElementsAre("acknowledged 1", "data 1 \"hi\""));
}

TEST_F(YamuxStreams, ack_for_a_stream_of_the_peers_own_is_ignored) {
    EXPECT_THAT(receive(server, data(flag::syn | flag::ack, 1, "a") + data(flag::ack, 1, "b")),
                ElementsAre("opened 1", "data 1 \"a\"", "data 1 \"b\""));
}

TEST_F(YamuxStreams, ids_of_the_peer_need_not_ascend) {  // mina: the Rust node opens 7, 1, 3, 5
    EXPECT_THAT(receive(server, window(flag::syn, 7) + window(flag::syn, 1) + window(flag::syn, 5)),
                ElementsAre("opened 7", "opened 1", "opened 5"));
}

TEST_F(YamuxStreams, refuses_streams_beyond_the_limit_and_skips_what_follows_on_them) {
    Session session({.inbound_streams_max = 1}, Role::server);
    EXPECT_THAT(receive(session, window(flag::syn, 1) + data(flag::syn, 3, "no") +
                                     data(flag::fin, 3, "more")),
                ElementsAre("opened 1"));
    EXPECT_THAT(sent(session), ElementsAre("WINDOW|RST 3 0", "WINDOW|ACK 1 0"));
    EXPECT_EQ(session.stream_count(), 1u);
    receive(session, window(flag::rst, 1));
    EXPECT_THAT(receive(session, window(flag::syn, 5)), ElementsAre("opened 5"))
        << "a place is free again";
}

TEST_F(YamuxStreams, open_stops_at_the_backlog_until_an_acknowledgement) {
    Session session({.unacknowledged_max = 2}, Role::client);
    EXPECT_TRUE(session.open());
    EXPECT_TRUE(session.open());
    EXPECT_EQ(session.open().error(), OpenError::too_many_unacknowledged);
    sent(session);
    receive(session, window(flag::ack, 3));
    EXPECT_EQ(session.open(), 5u);
    EXPECT_EQ(session.open().error(), OpenError::too_many_unacknowledged);
    receive(session, window(flag::rst, 1));
    EXPECT_TRUE(session.open()) << "a refused stream waits for no acknowledgement";
    session.reset(5);
    EXPECT_TRUE(session.open());
}

TEST_F(YamuxStreams, open_stops_at_the_limit_of_streams) {
    Session session({.outbound_streams_max = 1}, Role::client);
    receive(session, window(flag::syn, 2));
    EXPECT_EQ(session.open(), 1u) << "the peer's do not count";
    EXPECT_EQ(session.open().error(), OpenError::too_many_streams);
    session.reset(1);
    EXPECT_EQ(session.open(), 3u);
}

// Finishing.

TEST_F(YamuxStreams, fin_after_the_last_body_byte) {
    EXPECT_THAT(receive(server, data(flag::syn | flag::fin, 1, "all")),
                ElementsAre("opened 1", "data 1 \"all\"", "finished 1"));
    EXPECT_TRUE(server.is_open(1));
}

TEST_F(YamuxStreams, fin_waits_for_a_body_that_comes_in_pieces) {
    auto const bytes = data(flag::syn | flag::fin, 1, "abc");
    EXPECT_THAT(receive(server, {bytes.begin(), bytes.end() - 2}),
                ElementsAre("opened 1", "data 1 \"a\""));
    EXPECT_THAT(receive(server, {bytes.end() - 2, bytes.end() - 1}), ElementsAre("data 1 \"b\""));
    EXPECT_THAT(receive(server, {bytes.end() - 1, bytes.end()}),
                ElementsAre("data 1 \"c\"", "finished 1"));
}

TEST_F(YamuxStreams, fin_is_accepted_on_either_type) {  // the Go helper sends it on WINDOW
    receive(server, window(flag::syn, 1) + window(flag::syn, 3));
    EXPECT_THAT(receive(server, window(flag::fin, 1) + data(flag::fin, 3)),
                ElementsAre("finished 1", "finished 3"));
}

TEST_F(YamuxStreams,
       fin_is_sent_on_data_of_its_own_behind_what_is_queued) {  // mina: the Rust node sees no other
    receive(server, data(flag::syn, 1, "hi"));
    server.write(1, shared("bye"));
    server.finish(1);
    server.write(1, shared("too late"));
    EXPECT_THAT(sent(server), ElementsAre("DATA|ACK 1 \"bye\"", "DATA|FIN 1 \"\""));
    receive(server, window(flag::syn, 3));
    sent(server);
    server.finish(3);
    server.finish(3);
    EXPECT_THAT(sent(server), ElementsAre("DATA|FIN 3 \"\""));
    EXPECT_FALSE(server.has_output());
}

TEST_F(YamuxStreams, closes_when_the_peers_fin_comes_second) {
    receive(server, window(flag::syn, 1));
    server.finish(1);
    sent(server);
    EXPECT_TRUE(server.is_open(1)) << "half-closed: the peer may still send";
    EXPECT_THAT(receive(server, data(0, 1, "rest")), ElementsAre("data 1 \"rest\""));
    EXPECT_THAT(receive(server, data(flag::fin, 1, "end")),
                ElementsAre("data 1 \"end\"", "finished 1", "closed 1"));
    EXPECT_FALSE(server.is_open(1));
    EXPECT_EQ(server.stream_count(), 0u);
}

TEST_F(YamuxStreams, closes_when_our_fin_goes_second_and_says_so_with_the_next_event) {
    receive(server, data(flag::syn | flag::fin, 1));
    server.write(1, shared("answer"));
    server.finish(1);
    EXPECT_THAT(drain(server), IsEmpty());
    EXPECT_THAT(sent(server), ElementsAre("DATA|ACK 1 \"answer\"", "DATA|FIN 1 \"\""));
    EXPECT_FALSE(server.is_open(1));
    EXPECT_THAT(drain(server), ElementsAre("closed 1"));
    EXPECT_THAT(drain(server), IsEmpty());
}

TEST_F(YamuxStreams, writes_on_after_the_peers_fin) {
    receive(server, data(flag::syn | flag::fin, 1, "question"));
    for (int i = 0; i < 3; ++i) server.write(1, shared("part"));
    EXPECT_THAT(sent(server),
                ElementsAre("DATA|ACK 1 \"part\"", "DATA 1 \"part\"", "DATA 1 \"part\""));
}

TEST_F(YamuxStreams, grants_credit_after_our_fin_and_none_after_theirs) {
    std::string const half(131'072, 'x');
    receive(server, window(flag::syn, 1));
    server.finish(1);
    sent(server);
    receive(server, data(0, 1, half));
    server.consume(1, half.size(), {});
    EXPECT_THAT(sent(server), ElementsAre("WINDOW 1 131072"));
    receive(server, data(flag::syn | flag::fin, 3, half));
    server.consume(3, half.size(), {});
    EXPECT_THAT(sent(server), ElementsAre("WINDOW|ACK 3 0"));
}

TEST_F(YamuxStreams, data_after_fin_is_skipped) {
    receive(server, data(flag::syn | flag::fin, 1));
    EXPECT_THAT(
        receive(server, data(0, 1, "more") + data(flag::fin, 1, "again") + window(flag::fin, 1)),
        IsEmpty());
}

// Resetting.

TEST_F(YamuxStreams, rst_is_accepted_on_either_type) {
    receive(server, window(flag::syn, 1) + window(flag::syn, 3));
    EXPECT_THAT(receive(server, window(flag::rst, 1) + data(flag::rst, 3)),
                ElementsAre("reset 1 code 0", "reset 3 code 0"));
    EXPECT_EQ(server.stream_count(), 0u);
}

TEST_F(YamuxStreams, the_code_of_a_rst_is_no_credit) {  // go-yamux v5
    EXPECT_TRUE(client.open());
    sent(client);
    EXPECT_THAT(receive(client, window(flag::rst, 1, 0xffff'ffff)),
                ElementsAre("reset 1 code 4294967295"));
}

TEST_F(YamuxStreams, the_body_of_a_rst_is_skipped) {
    receive(server, window(flag::syn, 1));
    EXPECT_THAT(receive(server, data(flag::rst | flag::fin, 1, "junk") + ping(7)),
                ElementsAre("reset 1 code 0"));
    EXPECT_THAT(sent(server), ElementsAre("PING|ACK 7"));
}

TEST_F(YamuxStreams, our_reset_drops_what_is_queued) {
    receive(server, window(flag::syn, 1));
    sent(server);
    server.write(1, shared("never"));
    server.reset(1);
    EXPECT_EQ(server.queued_bytes(1), 0u);
    EXPECT_THAT(sent(server), ElementsAre("WINDOW|RST 1 0"));
}

TEST_F(YamuxStreams, nothing_more_is_said_of_a_stream_that_was_reset) {
    receive(server, data(flag::syn | flag::fin, 1) + data(flag::syn | flag::fin, 3));
    server.finish(1);
    server.finish(3);
    sent(server);
    server.reset(1);
    EXPECT_THAT(drain(server), ElementsAre("closed 3"));
    EXPECT_FALSE(server.has_output());
}

TEST_F(YamuxStreams, our_reset_before_syn_was_sent_says_nothing) {
    auto const id = client.open().value();
    client.write(id, shared("never"));
    client.reset(id);
    EXPECT_FALSE(client.has_output());
    EXPECT_THAT(sent(client), IsEmpty());
}

TEST_F(YamuxStreams, frames_for_streams_that_are_gone_are_skipped_and_never_answered) {
    receive(server, window(flag::syn, 1));
    server.reset(1);
    sent(server);
    EXPECT_THAT(receive(server, data(0, 1, "late") + data(flag::fin, 1) + window(flag::rst, 1) +
                                    window(0, 1, 9)),
                IsEmpty());
    EXPECT_THAT(receive(server, data(0, 99, "never known") + data(flag::ack, 2, "nor this")),
                IsEmpty());
    EXPECT_FALSE(server.has_output());
}

TEST_F(YamuxStreams, a_reset_in_the_middle_of_a_body_skips_the_rest) {
    auto const bytes = data(flag::syn | flag::fin, 1, "abcdef");
    EXPECT_THAT(receive(server, {bytes.begin(), bytes.end() - 3}),
                ElementsAre("opened 1", "data 1 \"abc\""));
    server.reset(1);
    EXPECT_THAT(receive(server, base::ByteString(bytes.end() - 3, bytes.end()) +
                                    data(flag::syn, 3, "next")),
                ElementsAre("opened 3", "data 3 \"next\""));
}

TEST_F(YamuxStreams, frames_for_a_stream_not_announced_yet_are_for_none) {
    EXPECT_TRUE(client.open());
    EXPECT_THAT(
        receive(client, window(flag::ack, 1, 0xffff'ffff) + window(flag::rst, 1) + data(0, 1, "x")),
        IsEmpty());
    EXPECT_TRUE(client.is_open(1));
}

TEST_F(YamuxStreams, syn_with_rst_begins_nothing) {
    EXPECT_THAT(
        receive(server, window(flag::syn | flag::rst, 1) + data(flag::syn | flag::rst, 3, "x")),
        IsEmpty());
    EXPECT_FALSE(server.has_output());
}

// Using ids again.

TEST_F(YamuxStreams, an_id_is_free_again_when_both_have_finished) {
    receive(server, data(flag::syn | flag::fin, 5, "one"));
    server.finish(5);
    sent(server);
    EXPECT_THAT(receive(server, data(flag::syn, 5, "two")),
                ElementsAre("closed 5", "opened 5", "data 5 \"two\""));
    EXPECT_THAT(sent(server), ElementsAre("WINDOW|ACK 5 0"));
}

TEST_F(YamuxStreams,
       an_id_is_taken_again_when_the_peer_alone_has_finished) {  // mina: the Rust node's Kademlia
    receive(server, data(flag::syn | flag::fin, 5, "one"));
    server.write(5, shared("answer that nobody waits for"));
    EXPECT_THAT(receive(server, data(flag::syn, 5, "two")),
                ElementsAre("closed 5", "opened 5", "data 5 \"two\""));
    EXPECT_EQ(server.stream_count(), 1u);
    EXPECT_THAT(sent(server), ElementsAre("WINDOW|ACK 5 0"));
}

TEST_F(YamuxStreams, a_reset_still_waiting_does_not_hit_the_next_user_of_the_id) {
    receive(server, data(flag::syn | flag::fin, 5, "one"));
    server.reset(5);
    EXPECT_THAT(receive(server, data(flag::syn, 5, "two")),
                ElementsAre("opened 5", "data 5 \"two\""));
    EXPECT_THAT(sent(server), ElementsAre("WINDOW|ACK 5 0"));
}

TEST_F(YamuxStreams, a_window_begins_anew_with_the_next_user_of_the_id) {
    receive(server, data(flag::syn | flag::fin, 5, std::string(262'144, 'x')));
    EXPECT_THAT(receive(server, data(flag::syn, 5, std::string(262'144, 'y'))),
                ElementsAre("closed 5", "opened 5", "data 5 (262144)"));
}

TEST_F(YamuxStreams, an_id_in_use_is_refused) {
    receive(server, window(flag::syn, 1));
    server.finish(1);
    sent(server);
    EXPECT_THAT(receive(server, window(flag::syn, 1)), ElementsAre("error: impossible stream id"));
}

// Ping.

TEST_F(YamuxStreams, answers_a_ping_with_its_value) {
    EXPECT_THAT(receive(server, ping(0xcafe)), IsEmpty());
    EXPECT_TRUE(server.has_output());
    EXPECT_THAT(sent(server), ElementsAre("PING|ACK 51966"));
    EXPECT_FALSE(server.has_output());
}

TEST_F(YamuxStreams, answers_the_latest_of_several_pings) {
    receive(server, ping(1) + ping(2) + ping(3));
    EXPECT_THAT(sent(server), ElementsAre("PING|ACK 3"));
}

TEST_F(YamuxStreams, measures_round_trips_one_ping_at_a_time) {
    EXPECT_FALSE(client.ping_sent_at());
    client.ping({1000});
    client.ping({2000});
    EXPECT_EQ(client.ping_sent_at(), base::Instant{1000});
    EXPECT_THAT(sent(client), ElementsAre("PING|SYN 1"));
    EXPECT_THAT(sent(client), IsEmpty());
    EXPECT_THAT(receive(client, pong(1), {1800}), ElementsAre("ponged 800"));
    EXPECT_FALSE(client.ping_sent_at());
    EXPECT_EQ(client.round_trip(), base::Duration(800));
    client.ping({3000});
    EXPECT_THAT(sent(client), ElementsAre("PING|SYN 2"));
    EXPECT_THAT(receive(client, pong(2), {5400}), ElementsAre("ponged 2400"));
    EXPECT_EQ(client.round_trip(), base::Duration(1000));
}

TEST_F(YamuxStreams, refuses_a_pong_that_was_not_asked_for) {
    EXPECT_THAT(receive(client, pong(1)), ElementsAre("error: pong without ping"));
}

TEST_F(YamuxStreams, refuses_a_pong_before_the_ping_was_sent) {
    client.ping({});
    EXPECT_THAT(receive(client, pong(1)), ElementsAre("error: pong without ping"));
}

TEST_F(YamuxStreams, refuses_a_pong_of_another_value_and_a_second_one) {
    client.ping({});
    sent(client);
    EXPECT_THAT(receive(client, pong(1) + pong(1)),
                ElementsAre("ponged 0", "error: pong without ping"));
    server.ping({});
    sent(server);
    EXPECT_THAT(receive(server, pong(2)), ElementsAre("error: pong without ping"));
}

// Going away.

TEST_F(YamuxStreams, go_away_stops_new_streams_in_both_directions_and_spares_the_old) {
    receive(server, window(flag::syn, 1));
    sent(server);
    server.go_away(GoAwayCode::normal);
    EXPECT_EQ(server.open().error(), OpenError::going_away);
    server.write(1, shared("last words"));
    EXPECT_THAT(sent(server), ElementsAre("GOAWAY 0", "DATA 1 \"last words\""));
    EXPECT_THAT(receive(server, data(flag::syn, 3, "too late") + data(0, 1, "still here")),
                ElementsAre("data 1 \"still here\""));
    EXPECT_THAT(sent(server), ElementsAre("WINDOW|RST 3 0"));
}

TEST_F(YamuxStreams, a_fault_may_follow_an_orderly_end_but_not_the_reverse) {
    client.go_away(GoAwayCode::normal);
    client.go_away(GoAwayCode::normal);
    EXPECT_THAT(sent(client), ElementsAre("GOAWAY 0"));
    client.go_away(GoAwayCode::internal_error);
    client.go_away(GoAwayCode::normal);
    EXPECT_THAT(sent(client), ElementsAre("GOAWAY 2"));
    EXPECT_FALSE(client.has_output());
}

TEST_F(YamuxStreams, the_peers_go_away_is_reported_once_with_any_code_and_data_may_follow) {
    receive(client, window(flag::syn, 2));
    EXPECT_THAT(receive(client, go_away(0xffff'ffff) + go_away(0) + data(0, 2, "still")),
                ElementsAre("went away 4294967295", "data 2 \"still\""));
    EXPECT_EQ(client.open().error(), OpenError::going_away);
}

// Bytes.

TEST_F(YamuxStreams, headers_may_come_byte_by_byte) {
    auto const bytes = data(flag::syn, 1, "ab") + window(flag::fin, 1) + ping(3);
    Lines lines;
    for (auto const byte : bytes) {
        for (auto const& line : receive(server, {byte})) lines.push_back(line);
    }
    EXPECT_THAT(lines, ElementsAre("opened 1", "data 1 \"a\"", "data 1 \"b\"", "finished 1"));
}

TEST_F(YamuxStreams, a_session_may_be_moved) {
    receive(server, data(flag::syn, 1, "hi"));
    Session moved = std::move(server);
    moved.write(1, shared("yes"));
    EXPECT_THAT(sent(moved), ElementsAre("DATA|ACK 1 \"yes\""));
}

}  // namespace
}  // namespace libp2p::yamux
