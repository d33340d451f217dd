// Goal: what a hostile peer sends ends the connection or costs it nothing, in bounded memory.
// Method: the inputs of the published advisories, byte-exact, and a table of every refusal.
#include "libp2p/yamux/test_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::yamux {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

struct YamuxHostile : testing::Test {
    Session server{Config{}, Role::server};
};

// rust-yamux before 0.13.2: replies to a peer that never reads queued without bound.
TEST_F(YamuxHostile, adv_CVE_2024_32984_pings_that_are_never_read) {
    for (std::uint32_t i = 0; i < 1024; ++i) EXPECT_THAT(receive(server, ping(i)), IsEmpty());
    EXPECT_THAT(receive(server, ping(1024)), ElementsAre("error: flood of control frames"));
}

TEST_F(YamuxHostile, adv_CVE_2024_32984_many_pings_that_are_read_are_no_flood) {
    for (std::uint32_t i = 0; i < 5000; ++i) {
        EXPECT_THAT(receive(server, ping(i)), IsEmpty());
        EXPECT_EQ(sent_once(server).size(), 1u);
    }
}

TEST_F(YamuxHostile, adv_CVE_2024_32984_streams_whose_replies_are_never_read) {
    Session session({.inbound_streams_max = 10, .control_frames_max = 100}, Role::server);
    for (std::uint32_t i = 0; i < 100; ++i) {
        auto const lines = receive(session, window(flag::syn, 2 * i + 1));
        EXPECT_EQ(lines.size(), i < 10 ? 1u : 0u);
    }
    EXPECT_THAT(receive(session, window(flag::syn, 999)),
                ElementsAre("error: flood of control frames"));
}

TEST_F(YamuxHostile, adv_CVE_2024_32984_streams_that_the_application_resets_count_as_replies) {
    Session session({.control_frames_max = 100}, Role::server);
    for (std::uint32_t i = 0; i < 100; ++i) {
        EXPECT_EQ(receive(session, window(flag::syn, 2 * i + 1)).size(), 1u);
        session.reset(2 * i + 1);
    }
    EXPECT_THAT(receive(session, window(flag::syn, 999)),
                ElementsAre("error: flood of control frames"));
}

TEST_F(YamuxHostile, many_streams_refused_one_after_the_other_are_no_flood) {
    Session session({.inbound_streams_max = 0, .control_frames_max = 10}, Role::server);
    for (std::uint32_t i = 0; i < 100; ++i) {
        EXPECT_THAT(receive(session, window(flag::syn, 2 * i + 1)), IsEmpty());
        EXPECT_EQ(sent(session).size(), 1u);
    }
}

TEST_F(YamuxHostile, our_own_resets_are_not_the_peers_flood) {
    Session session({.unacknowledged_max = 1000, .control_frames_max = 10}, Role::client);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(session.open());
    sent(session);
    for (StreamId id = 1; id < 200; id += 2) session.reset(id);
    EXPECT_THAT(receive(session, window(flag::syn, 2)), ElementsAre("opened 2"));
}

TEST_F(YamuxHostile, streams_opened_and_reset_at_once_are_a_flood) {
    Session session({.control_frames_max = 100}, Role::server);
    for (int i = 0; i < 100; ++i) {
        EXPECT_THAT(receive(session, window(flag::syn, 1) + window(flag::rst, 1)),
                    ElementsAre("opened 1", "reset 1 code 0"));
    }
    EXPECT_THAT(receive(session, window(flag::syn, 1) + window(flag::rst, 1)),
                ElementsAre("opened 1", "error: flood of control frames"));
}

TEST_F(YamuxHostile, streams_opened_and_reset_now_and_then_are_none) {
    Session session({.control_frames_max = 100}, Role::server);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(receive(session, window(flag::syn, 1) + window(flag::rst, 1),
                          base::Instant{} + i * 20ms)
                      .size(),
                  2u);
    }
}

// rust-yamux 0.13.0 to 0.13.8: an update that adds up to more than 2^32 - 1 was a panic.
TEST_F(YamuxHostile, adv_CVE_2026_31814_an_update_beyond_32_bits) {
    receive(server, window(flag::syn, 1));
    EXPECT_THAT(receive(server, window(0, 1, 0xffff'ffff - 262'144)), IsEmpty());
    EXPECT_THAT(receive(server, window(0, 1, 1)), ElementsAre("error: window beyond 2^32 - 1"));
}

TEST_F(YamuxHostile, adv_CVE_2026_31814_on_the_opening_frame) {
    EXPECT_THAT(receive(server, window(flag::syn, 1, 0xffff'ffff - 262'144 + 1)),
                ElementsAre("error: window beyond 2^32 - 1"));
    EXPECT_EQ(server.stream_count(), 0u);
}

// rust-yamux before 0.13.10: state was made before the first body was judged.
TEST_F(YamuxHostile, adv_CVE_2026_32314_a_first_body_larger_than_the_window) {
    EXPECT_THAT(receive(server, frame(FrameType::data, flag::syn, 1, 262'145)),
                ElementsAre("error: more sent than granted"));
    EXPECT_EQ(server.stream_count(), 0u);
    server.go_away(GoAwayCode::protocol_error);
    EXPECT_THAT(sent(server), ElementsAre("GOAWAY 1"));
}

TEST_F(YamuxHostile, adv_CVE_2026_32314_on_a_stream_that_would_be_refused) {
    Session session({.inbound_streams_max = 0}, Role::server);
    EXPECT_THAT(receive(session, frame(FrameType::data, flag::syn, 1, 262'145)),
                ElementsAre("error: more sent than granted"));
}

// py-libp2p: the body was allocated by its announced length. (yamux_memory_test.cpp counts the
// bytes.)
TEST_F(YamuxHostile, adv_GHSA_hmj8_5xmh_5573_an_announced_length_is_judged_at_the_header) {
    EXPECT_THAT(receive(server, frame(FrameType::data, flag::syn, 1, 0xffff'ffff)),
                ElementsAre("error: more sent than granted"));
    Session other(Config{}, Role::server);
    receive(other, data(flag::syn, 1, "ok"));
    EXPECT_THAT(receive(other, frame(FrameType::data, 0, 1, 262'143)),
                ElementsAre("error: more sent than granted"));
}

TEST_F(YamuxHostile, a_huge_body_for_an_unknown_stream_is_passed_over_as_it_comes) {
    EXPECT_THAT(receive(server, frame(FrameType::data, 0, 9, 0xffff'ffff)), IsEmpty());
    std::uint64_t left = 0xffff'ffff;
    base::ByteString const zeros_chunk(16 * 1024 * 1024);
    while (left > 0) {
        auto const count = std::min<std::uint64_t>(left, zeros_chunk.size());
        server.feed(base::ByteView(zeros_chunk).first(count), {});
        ASSERT_THAT(drain(server), IsEmpty());
        left -= count;
    }
    EXPECT_THAT(receive(server, window(flag::syn, 1)), ElementsAre("opened 1"));
}

TEST_F(YamuxHostile, the_window_is_enforced_over_many_frames) {
    receive(server, window(flag::syn, 1));
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(receive(server, data(0, 1, std::string(65'536, 'x'))).size(), 1u);
    EXPECT_THAT(receive(server, data(0, 1)), IsEmpty());
    EXPECT_THAT(receive(server, data(0, 1, "x")), ElementsAre("error: more sent than granted"));
}

TEST_F(YamuxHostile, credit_counts_from_when_it_was_granted_not_from_when_it_was_consumed) {
    receive(server, data(flag::syn, 1, std::string(262'144, 'x')));
    server.consume(1, 262'144, {});
    EXPECT_THAT(receive(server, data(0, 1, "x")), ElementsAre("error: more sent than granted"));
}

TEST_F(YamuxHostile, empty_frames_cost_no_memory_and_no_events) {
    receive(server, window(flag::syn, 1));
    base::ByteString flood;
    for (int i = 0; i < 10'000; ++i) base::append(flood, data(0, 1));
    EXPECT_THAT(receive(server, flood), IsEmpty());
}

TEST_F(YamuxHostile, every_refusal_is_final_and_only_go_away_follows) {
    struct {
        base::ByteString bytes;
        Error error;
    } const rows[] = {
        {base::ByteString{1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, Error::bad_version},
        {base::ByteString{0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, Error::bad_type},
        {base::ByteString{0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0}, Error::bad_flags},
        {window(0, 0), Error::bad_stream_id},
        {window(flag::syn, 2), Error::bad_stream_id},   // our parity
        {window(flag::syn, 11), Error::bad_stream_id},  // in use
        {data(0, 11, std::string(262'145, 'x')), Error::window_exceeded},
        {window(0, 11, 0xffff'ffff), Error::window_overflow},
        {pong(0), Error::unexpected_pong},
    };
    for (auto const& row : rows) {
        Session session(Config{}, Role::server);
        receive(session, window(flag::syn, 11));
        session.write(11, shared("unsent"));
        auto const expected = "error: " + std::string(to_string(row.error));
        EXPECT_THAT(receive(session, row.bytes + window(flag::syn, 13)), ElementsAre(expected));
        EXPECT_THAT(drain(session), ElementsAre(expected));
        EXPECT_THAT(receive(session, window(flag::syn, 15)), ElementsAre(expected));
        EXPECT_FALSE(session.has_output());
        session.go_away(GoAwayCode::protocol_error);
        EXPECT_TRUE(session.has_output());
        EXPECT_THAT(sent(session), ElementsAre("GOAWAY 1"));
        EXPECT_EQ(session.open().error(), OpenError::going_away);
    }
}

}  // namespace
}  // namespace libp2p::yamux
