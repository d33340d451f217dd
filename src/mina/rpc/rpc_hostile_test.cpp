// Goal: whatever a peer does wrong is counted, costs little and ends where it should. Method: one test for each fault,
// the machine's bounds in each.
#include "mina/rpc/rpc_fixture.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace mina::rpc::test {
namespace {

using namespace std::chrono_literals;

base::ByteString hex(std::string_view digits) { return *base::from_hex(digits); }

TEST(RpcHostile, handshakes_that_are_none_end_the_stream) {
    for (auto const* const bytes : {"02fd5250430002", "01fd52504300", "00", "02fd525043000100"}) {
        Node node;
        node.act(ready(Dialect::ocaml));
        node.act(inbound(6));
        EXPECT_EQ(node.data(6, framed(hex(bytes))), "reset 6") << bytes;
        EXPECT_EQ(node.events(), "misbehaved bad handshake 1");
    }
    Node node;
    node.act(ready(Dialect::rust));
    node.act(inbound(6));
    EXPECT_EQ(node.data(6, hex("0001000000000000")), "finish 6");  // 256 bytes; never a reset for a Rust node
    EXPECT_EQ(node.events(), "misbehaved bad handshake 1");
    node.act(inbound(7));
    EXPECT_EQ(node.data(7, query("get_best_tip", 2, 1)), "finish 7");  // none at all
    EXPECT_EQ(node.events(), "misbehaved bad handshake 2");
}

TEST(RpcHostile, frames_that_lie_end_the_stream) {
    struct Case {
        char const* bytes;
        char const* events;
    };
    for (auto const& [bytes, events] :
         {Case{"0000000000000000", "misbehaved empty frame 1"}, Case{"ffffffffffffff7f", "misbehaved frame too long 1"},
          Case{"000000000000004001", "misbehaved frame too long 1"},
          Case{"01100000000000000100", "misbehaved frame too long 1"},
          Case{"020000000000000000", "misbehaved frame too long 1"},        // a heartbeat with a trailing byte
          Case{"010000000000000007", "misbehaved malformed message 1"},
          Case{"0700000000000000020100fe010041", "misbehaved malformed message 1"},
          // Queries: trailing byte, a tag longer than the frame, a count of 2^62, an id not in its shortest form.
          Case{"080000000000000001016101010100ff", "misbehaved malformed message 1"},
          Case{"070000000000000001306101010100", "misbehaved malformed message 1"},
          Case{"0f00000000000000010161010100fcffffffffffffff3f", "misbehaved malformed message 1"},
          Case{"0900000000000000010161010afe01000100", "misbehaved malformed message 1"},
          // An error with a constructor that there is not.
          Case{"0400000000000000020101063c", "misbehaved malformed message 1"}}) {
        auto node = asked_by(Dialect::ocaml);
        EXPECT_EQ(node.data(6, hex(bytes)), "reset 6") << bytes;
        EXPECT_EQ(node.events(), events) << bytes;
        EXPECT_EQ(node.data(6, heartbeat_frame()), "");
        EXPECT_TRUE(node.out.events.empty());
    }
}

TEST(RpcHostile, a_bad_frame_fails_the_asks_of_its_stream) {
    auto node = with_ocaml();
    node.act(ask(7, Method::answer_sync_ledger_query));
    node.act(ask(8, Method::answer_sync_ledger_query));
    EXPECT_EQ(node.data(5, hex("0000000000000000")), "reset 5");
    EXPECT_EQ(node.events(), "misbehaved empty frame 1, failed 7 peer broke the protocol, "
                             "failed 8 peer broke the protocol");
}

TEST(RpcHostile, answers_not_asked_for_end_the_stream) {
    auto const ends = [](Node& node, std::uint64_t channel, base::ByteString const& bytes) {
        auto const orders = node.data(channel, bytes);
        EXPECT_NE(orders.find("reset " + std::to_string(channel)), std::string::npos) << orders;
        EXPECT_EQ(node.faults(Fault::unasked_answer), 1U);
    };
    auto never = with_ocaml();
    ends(never, 5, answer(2, "x"));
    auto twice = with_ocaml();
    twice.act(ask(7));
    twice.data(5, answer(2, "x"));
    ends(twice, 5, answer(2, "x"));
    auto other = with_ocaml();
    other.act(ask(7));
    ends(other, 5, answer(3, "x"));
    auto negative = with_ocaml();
    negative.act(ask(7));
    ends(negative, 5, answer(-2, "x"));
    auto error = with_ocaml();
    ends(error, 5, base::to_byte_string(failure_frame(2, "x", false).view()));
    auto elsewhere = with_ocaml();
    elsewhere.act(ask(7));
    elsewhere.act(inbound(6));
    elsewhere.data(6, handshake_frame());
    ends(elsewhere, 6, answer(2, "x"));
    EXPECT_EQ(elsewhere.state.streams.size(), 1U);
}

TEST(RpcHostile, an_answer_longer_than_its_method_allows_ends_the_stream) {
    auto node = with_ocaml();
    node.act(ask(7, Method::get_some_initial_peers));
    EXPECT_EQ(node.data(5, answer_head(2, 1024 * 1024 + 1)), "reset 5");
    EXPECT_EQ(node.events(), "misbehaved answer too long 1, failed 7 peer broke the protocol");
    auto exact = with_ocaml();
    exact.act(ask(7, Method::get_some_initial_peers));
    EXPECT_EQ(exact.data(5, answer_head(2, 1024 * 1024)), "");
    EXPECT_EQ(exact.events(), "begun 7 get_some_initial_peers v1 1048576");
}

TEST(RpcHostile, menus_that_lie_end_the_stream_and_fail_what_needs_them) {
    auto huge = menu_value({{"a", 1}});
    huge.resize(16 * 1024 + 1);
    for (auto const& menu : {menu_value({{"a", 1}, {"a", 1}}), menu_value({{"a", -1}}), base::ByteString{0x05, 0x00},
                             base::ByteString{}, huge}) {
        Node node;
        node.act(ready(Dialect::ocaml));
        node.act(ask(7));
        node.act(outbound(5, 1));
        node.data(5, handshake_frame());
        EXPECT_TRUE(node.data(5, answer(1, menu)).starts_with("reset 5"));
        auto const is_huge = menu.size() > 16 * 1024;
        EXPECT_EQ(node.events(), std::string("misbehaved ") + (is_huge ? "answer too long" : "bad menu") +
                                     " 1, failed 7 no menu");
        EXPECT_EQ(node.state.peers.at(peer).menu, MenuState::unknown);
    }
}

TEST(RpcHostile, a_menu_that_offers_what_is_not_there_is_counted_and_believed_no_more) {
    auto node = with_ocaml();
    node.act(ask(7));
    node.data(5, unimplemented_frame(2, "get_best_tip", 2, Dialect::ocaml));
    EXPECT_EQ(node.events(), "misbehaved lying menu 1, failed 7 unimplemented by the peer");
    node.act(ask(8));
    EXPECT_EQ(node.events(), "failed 8 method not served by the peer");
}

TEST(RpcHostile, a_flood_of_heartbeats_ends_the_stream) {
    auto node = asked_by(Dialect::ocaml);
    base::ByteString beats;
    for (int i = 0; i < 32; ++i) base::append(beats, heartbeat_frame().view());
    EXPECT_EQ(node.data(6, beats), "");
    node.now = node.now + 10s;
    EXPECT_EQ(node.data(6, beats), "");  // after a long pause many may come at once
    EXPECT_EQ(node.data(6, beats), "reset 6");
    EXPECT_EQ(node.events(), "misbehaved heartbeat flood 1");
}

TEST(RpcHostile, a_stream_too_many_is_refused) {
    Node node;
    node.state.config.inbound_max = 10;
    node.act(ready(Dialect::ocaml));
    for (std::uint64_t channel = 1; channel <= 10; ++channel) {
        EXPECT_EQ(node.act(inbound(channel)), "write " + std::to_string(channel) + " 15");
    }
    EXPECT_EQ(node.act(inbound(11)), "reset 11");
    EXPECT_EQ(node.events(), "misbehaved too many streams 1");
    EXPECT_EQ(node.act(inbound(12, PeerKey{2})), "write 12 15");  // another peer's
    node.act(closed(3, 0));
    EXPECT_EQ(node.act(inbound(13)), "write 13 15");
    Node rust;
    rust.state.config.inbound_max = 10;
    rust.act(ready(Dialect::rust));
    for (std::uint64_t channel = 1; channel <= 10; ++channel) rust.act(inbound(channel));
    EXPECT_EQ(rust.act(inbound(11)), "finish 11");
}

// mina: OCaml's node opens a stream for each query, and leaves it open when it has its answer.
TEST(RpcHostile, a_stream_that_is_done_with_makes_room) {
    Node node;
    node.act(ready(Dialect::ocaml));
    std::uint64_t const inbound_max = node.state.config.inbound_max;
    for (std::uint64_t channel = 1; channel <= inbound_max; ++channel) {
        node.act(inbound(channel));
        node.data(channel, handshake_frame());
        node.data(channel, query("__Versioned_rpc.Menu", 1, 1));
        node.now = node.now + 1ms;
    }
    node.data(1, query("get_best_tip", 2, 2));
    node.data(2, base::ByteView(query("get_best_tip", 2, 2)).first(20));
    node.data(3, heartbeat_frame());
    EXPECT_EQ(node.act(inbound(1000)), "reset 4, write 1000 15");
    EXPECT_EQ(node.events(), "");
    EXPECT_EQ(node.state.streams.size(), inbound_max);
}

TEST(RpcHostile, an_id_in_use_ends_the_stream) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_best_tip", 2, 1));
    EXPECT_EQ(node.data(6, query("get_ancestry", 2, 1)), "reset 6");
    EXPECT_EQ(node.events(), "misbehaved query id in use 1, dropped 1");
}

TEST(RpcHostile, a_257th_question_at_once_ends_the_stream) {
    auto node = asked_by(Dialect::ocaml);
    for (int i = 1; i <= 256; ++i) node.data(6, query("answer_sync_ledger_query", 3, i, num_accounts));
    EXPECT_EQ(node.state.questions.size(), 256U);
    EXPECT_TRUE(node.data(6, query("answer_sync_ledger_query", 3, 257, num_accounts)).starts_with("reset 6"));
    EXPECT_EQ(node.faults(Fault::too_many_questions), 1U);
    EXPECT_TRUE(node.state.questions.empty());
}

TEST(RpcHostile, the_questions_of_a_peer_are_bounded_over_its_streams) {
    auto node = asked_by(Dialect::ocaml);
    node.state.config.peer_questions_max = 3;
    node.act(inbound(7));
    node.data(7, handshake_frame());
    for (int i = 1; i <= 2; ++i) node.data(6, query("answer_sync_ledger_query", 3, i, num_accounts));
    node.data(7, query("answer_sync_ledger_query", 3, 1, num_accounts));
    EXPECT_EQ(node.data(7, query("answer_sync_ledger_query", 3, 2, num_accounts)), "reset 7");
    EXPECT_EQ(node.state.peers.at(peer).questions, 2U);
}

TEST(RpcHostile, questions_of_a_peer_that_does_not_read_end_the_stream) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_best_tip", 2, 0));
    node.act(Answer{QuestionId{1}, Payload{{base::SharedBytes::take(base::ByteString(1'000'000))}}});
    int answered = 0;
    while (!node.state.streams.empty() && answered < 1000) node.data(6, query("nothing", 1, ++answered));
    EXPECT_EQ(answered, 256);
    EXPECT_EQ(node.faults(Fault::too_many_questions), 1U);
    EXPECT_EQ(node.state.peers.at(peer).held_bytes, 0U);
}

TEST(RpcHostile, a_query_on_a_stream_of_ours_is_refused) {
    auto node = with_ocaml();
    node.data(5, query("get_best_tip", 2, 1));
    EXPECT_EQ(node.events(), "misbehaved query on a stream of ours 1");
    auto const refusal = unimplemented_frame(1, "get_best_tip", 2, Dialect::ocaml);
    EXPECT_EQ(node.written_to(5), base::to_byte_string(refusal.view()));
}

TEST(RpcHostile, faults_that_persist_lead_to_a_ban_and_old_ones_do_not) {
    auto const break_it = [](Node& node, std::uint64_t channel) {
        node.act(inbound(channel));
        node.data(channel, hex("0000000000000000"));
        return node.only<Misbehaved>()->is_ban_wanted;
    };
    Node node;
    node.act(ready(Dialect::ocaml));
    EXPECT_FALSE(break_it(node, 1));
    EXPECT_FALSE(break_it(node, 2));
    EXPECT_TRUE(break_it(node, 3));
    EXPECT_EQ(node.events(), "misbehaved empty frame 3 ban");
    node.now = node.now + 5min;
    EXPECT_FALSE(break_it(node, 4));
    for (std::size_t i = 0; i < fault_count; ++i) {
        auto const fault = static_cast<Fault>(i);
        EXPECT_NE(to_string(fault), "?");
        auto const is_slow = fault == Fault::silent || fault == Fault::stalled;
        EXPECT_EQ(faults_max(fault) == 0, is_slow || fault == Fault::over_budget_of_host);
    }
}

TEST(RpcHostile, streams_of_a_peer_that_never_says_who_it_is_leave_nothing_behind) {
    Node node;
    for (std::uint64_t i = 1; i <= 5000; ++i) {
        PeerKey const key{i};
        node.act(inbound(i, key));
        node.act(stream::Closed{ChannelId{i}, key, {}, stream::CloseReason::reset});
    }
    EXPECT_TRUE(node.state.peers.empty() && node.state.streams.empty());
    EXPECT_EQ(node.state.peer_accounts.size(), 2048U);
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
}

}  // namespace
}  // namespace mina::rpc::test
