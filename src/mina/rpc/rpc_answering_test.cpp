// Goal: peers' questions reach the application and its answers the peers, or the protocol's own errors do. Method: one
// machine asked by a peer, orders and events as text, the bytes of what it writes.
#include "mina/rpc/rpc_fixture.h"

#include <gtest/gtest.h>

namespace mina::rpc::test {
namespace {

using namespace std::chrono_literals;

Answer payload(std::uint64_t question, std::vector<std::string_view> pieces) {
    Payload value;
    for (auto const piece : pieces) value.pieces.push_back(base::SharedBytes::copy_of(base::as_bytes(piece)));
    return {QuestionId{question}, value};
}

messages::RpcErrorKind error_kind(base::ByteString const& frame) {
    auto const message = messages::read_rpc_message(base::ByteView(frame).subspan(8));
    return std::get<messages::RpcResponse>(message.value()).error.value().kind;
}

TEST(RpcAnswering, passes_a_question_on_and_its_answer_back) {
    Node node;
    EXPECT_EQ(node.act(inbound(6)), "write 6 15");  // before anybody has said who the peer is
    EXPECT_EQ(node.data(6, handshake_frame()), "");
    EXPECT_EQ(node.data(6, query("get_transition_chain", 2, 300, hashes(2))), "");
    EXPECT_EQ(node.events(), "question 1 get_transition_chain v2 65");
    EXPECT_EQ(node.only<QuestionReceived>()->query, base::SharedBytes::copy_of(hashes(2)));
    EXPECT_EQ(node.act(payload(1, {"blo", "cks"})), "write 6 20");
    EXPECT_EQ(node.written_to(6), answer(300, "blocks"));
    EXPECT_EQ(node.act(payload(1, {"again"})), "");
}

TEST(RpcAnswering, serves_the_menu) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("__Versioned_rpc.Menu", 1, 0x4a));
    EXPECT_EQ(node.events(), "");
    auto const menu = encode_menu(menu_of(node.state.config.served, messages::Format::berkeley));
    EXPECT_EQ(node.written_to(6), answer(0x4a, menu));
    EXPECT_EQ(decode_menu(menu)->size(), 10U);
}

TEST(RpcAnswering, answers_many_questions_in_any_order) {
    auto node = asked_by(Dialect::ocaml);
    auto both = query("get_best_tip", 2, 1);
    base::append(both, query("get_transition_chain", 2, 2, hashes(2)));
    node.data(6, both);
    EXPECT_EQ(node.events(), "question 1 get_best_tip v2 1, question 2 get_transition_chain v2 65");
    node.act(payload(2, {"b"}));
    EXPECT_EQ(node.written_to(6), answer(2, "b"));
    node.act(payload(1, {"a"}));
    EXPECT_EQ(node.written_to(6), answer(1, "a"));
}

TEST(RpcAnswering, says_nothing_found_as_each_method_does) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_best_tip", 2, 1));
    node.act(Answer{QuestionId{1}, NoAnswer{}});
    EXPECT_EQ(node.written_to(6), answer(1, std::string_view("\0", 1)));
    node.data(6, query("answer_sync_ledger_query", 3, 2, num_accounts));
    node.act(Answer{QuestionId{2}, NoAnswer{}});
    EXPECT_EQ(node.written_to(6), answer(2, "\1\13\"not found\""));
    node.data(6, query("get_best_tip", 2, 3));
    node.act(Answer{QuestionId{3}, FailedAnswer{std::string(1000, 'x')}});
    EXPECT_EQ(error_kind(node.written_to(6)), messages::RpcErrorKind::uncaught_exn);
    node.data(6, query("get_best_tip", 2, 4));
    node.act(Answer{QuestionId{4}, Payload{}});
    EXPECT_EQ(node.written_to(6), answer(4, ""));
}

TEST(RpcAnswering, answers_unknown_methods_and_versions_with_unimplemented) {
    struct Case {
        std::string_view tag;
        std::int64_t version;
        std::string_view fault;
    };
    constexpr std::string_view unserved = "misbehaved method or version not served 1";
    for (auto const& [tag, version, fault] :
         {Case{"get_everything", 1, "misbehaved unknown method or version 1"}, Case{"get_best_tip", 3, unserved},
          Case{"get_best_tip", 0, unserved}, Case{"get_node_status", 2, unserved},
          Case{"__Versioned_rpc.Menu", 2, unserved}}) {
        auto node = asked_by(Dialect::ocaml);
        node.data(6, query(tag, version, 9));
        EXPECT_EQ(node.written_to(6),
                  base::to_byte_string(unimplemented_frame(9, tag, version, Dialect::ocaml).view()));
        EXPECT_EQ(node.events(), fault);
        EXPECT_EQ(node.state.streams.size(), 1U);
    }
}

TEST(RpcAnswering, tells_a_rust_node_nothing_that_it_would_take_for_an_error) {
    auto node = asked_by(Dialect::rust);
    node.data(6, query("get_everything", 1, 1));
    EXPECT_EQ(node.written_to(6), base::ByteString());
    EXPECT_EQ(node.events(), "misbehaved unknown method or version 1");
    node.data(6, query("get_best_tip", 3, 2));
    EXPECT_EQ(node.written_to(6), answer(2, std::string_view("\0", 1)));
    node.data(6, query("answer_sync_ledger_query", 3, 3, num_accounts));
    node.act(Answer{QuestionId{1}, NoAnswer{}});
    EXPECT_EQ(node.written_to(6), base::ByteString());
    for (int i = 4; i <= 18; ++i) {
        node.data(6, query("get_best_tip", 2, i));
        node.act(Answer{QuestionId{static_cast<std::uint64_t>(i - 2)}, FailedAnswer{"no"}});
        EXPECT_EQ(node.written_to(6), answer(i, std::string_view("\0", 1))) << i;
    }
    node.data(6, query("get_best_tip", 2, 19));  // over budget
    EXPECT_EQ(node.written_to(6), answer(19, std::string_view("\0", 1)));
}

TEST(RpcAnswering, refuses_what_is_over_budget_and_wants_a_ban_when_it_persists) {
    auto node = asked_by(Dialect::ocaml);
    for (int i = 1; i <= 15; ++i) {
        node.data(6, query("get_best_tip", 2, i));
        EXPECT_EQ(node.only<QuestionReceived>()->question.value, static_cast<std::uint64_t>(i));
        node.act(Answer{QuestionId{static_cast<std::uint64_t>(i)}, NoAnswer{}});
    }
    for (int i = 16; i < 16 + 256; ++i) {
        node.data(6, query("get_best_tip", 2, i));
        EXPECT_EQ(error_kind(node.written_to(6)), messages::RpcErrorKind::uncaught_exn);
        EXPECT_EQ(node.only<Misbehaved>()->is_ban_wanted, i == 16 + 255) << i;
    }
    EXPECT_EQ(node.events(), "misbehaved over budget 256 ban");
    node.data(6, query("get_transition_chain", 2, 999, hashes(1)));  // each method has its own
    EXPECT_NE(node.only<QuestionReceived>(), nullptr);
    // Neither a new stream nor a new connection gives a new budget, and five minutes do.
    node.act(PeerGone{peer});
    node.act(ready(Dialect::ocaml));
    node.act(inbound(7));
    node.data(7, handshake_frame());
    node.data(7, query("get_best_tip", 2, 1));
    EXPECT_EQ(node.events(), "misbehaved over budget 257 ban");
    node.now = node.now + 5min;
    node.data(7, query("get_best_tip", 2, 1));
    EXPECT_NE(node.only<QuestionReceived>(), nullptr);
}

TEST(RpcAnswering, counts_hashes_against_the_budget) {
    auto node = asked_by(Dialect::ocaml);
    for (int i = 1; i <= 15; ++i) {
        node.data(6, query("get_transition_chain", 2, i, hashes(20)));
        node.act(Answer{QuestionId{static_cast<std::uint64_t>(i)}, NoAnswer{}});
    }
    node.data(6, query("get_transition_chain", 2, 16, hashes(1)));
    EXPECT_EQ(node.events(), "misbehaved over budget 1");
}

TEST(RpcAnswering, counts_the_peers_of_one_host_together) {
    Node node;
    constexpr HostId host{8};
    for (std::uint64_t i = 1; i <= 4; ++i) {
        node.act(ready(Dialect::ocaml, PeerKey{i}, host));
        node.act(inbound(i, PeerKey{i}));
        node.data(i, handshake_frame());
        for (int j = 0; j < 5; ++j) {
            node.data(i, query("get_best_tip", 2, j));
            EXPECT_EQ(node.only<Misbehaved>() != nullptr, i == 4) << i;
        }
    }
    node.act(ready(Dialect::ocaml, PeerKey{9}, HostId{9}));
    node.act(inbound(9, PeerKey{9}));
    node.data(9, handshake_frame());
    node.data(9, query("get_best_tip", 2, 1));
    EXPECT_NE(node.only<QuestionReceived>(), nullptr);
}

TEST(RpcAnswering, blames_nobody_for_what_others_have_spent_of_its_host) {
    Node node;
    constexpr HostId host{8};
    auto const greet = [&](std::uint64_t i) {
        node.act(PeerSeen{PeerKey{i}, host});  // and never says who it is
        node.act(inbound(i, PeerKey{i}));
        node.data(i, handshake_frame());
    };
    for (std::uint64_t i = 1; i <= 2; ++i) greet(i);
    for (int j = 0; j < 15; ++j) node.data(1, query("get_best_tip", 2, j));
    for (int j = 0; j < 15; ++j) node.data(2, query("get_best_tip", 2, j));
    EXPECT_EQ(node.events(), "misbehaved over the budget of its host 15");
    node.data(2, query("get_best_tip", 2, 15));  // and its own is spent now
    EXPECT_EQ(node.events(), "misbehaved over budget 1");
    node.act(closed(2, 0));
    EXPECT_EQ(node.state.peers.size(), 2U);
    for (std::uint64_t i = 1; i <= 2; ++i) node.act(PeerGone{PeerKey{i}});
    EXPECT_TRUE(node.state.peers.empty() && node.state.streams.empty());
}

TEST(RpcAnswering, takes_a_batch_of_a_hundred_questions) {
    auto node = asked_by(Dialect::ocaml);
    base::ByteString batch;
    for (int i = 1; i <= 100; ++i) base::append(batch, query("answer_sync_ledger_query", 3, i, num_accounts));
    node.data(6, batch);
    EXPECT_EQ(node.state.questions.size(), 100U);
    EXPECT_EQ(node.state.peers.at(peer).questions, 100U);
    for (std::uint64_t i = 1; i <= 100; ++i) node.act(Answer{QuestionId{i}, NoAnswer{}});
    EXPECT_EQ(node.state.peers.at(peer).questions, 0U);
}

TEST(RpcAnswering, refuses_what_cannot_be_a_query) {
    auto node = asked_by(Dialect::ocaml);
    auto broken = hashes(2);
    broken.pop_back();
    node.data(6, query("get_transition_chain", 2, 1, broken));
    EXPECT_EQ(node.events(), "misbehaved bad query 1");
    EXPECT_EQ(error_kind(node.written_to(6)), messages::RpcErrorKind::bin_io_exn);
    node.data(6, query("get_best_tip", 2, 2, base::ByteString(2)));
    EXPECT_EQ(node.events(), "misbehaved bad query 2");
}

TEST(RpcAnswering, answers_itself_when_the_application_does_not) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_best_tip", 2, 1));
    for (int i = 0; i < 11; ++i) {
        node.tick(10s);
        node.data(6, heartbeat_frame());
    }
    node.tick(10s);
    EXPECT_EQ(node.events(), "dropped 1");
    EXPECT_EQ(node.act(Answer{QuestionId{1}, NoAnswer{}}), "");
}

TEST(RpcAnswering, drops_questions_with_their_stream) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_best_tip", 2, 1));
    node.act(closed(6, 0));
    EXPECT_EQ(node.events(), "dropped 1");
    EXPECT_EQ(node.act(Answer{QuestionId{1}, NoAnswer{}}), "");
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
}

TEST(RpcAnswering, answers_before_it_finishes_a_stream_that_the_peer_has_finished) {
    auto node = asked_by(Dialect::rust);
    node.data(6, query("get_best_tip", 2, 1));
    EXPECT_EQ(node.act(stream::Finished{ChannelId{6}}), "");
    EXPECT_EQ(node.act(payload(1, {"tip"})), "write 6 15, finish 6");
    EXPECT_TRUE(node.state.streams.empty());
    auto idle = asked_by(Dialect::ocaml);
    EXPECT_EQ(idle.act(stream::Finished{ChannelId{6}}), "finish 6");
}

TEST(RpcAnswering, writes_a_long_answer_as_the_stream_takes_it) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_staged_ledger_aux_and_pending_coinbases_at_hash", 2, 1, base::ByteString(32)));
    Payload value;
    auto const piece = base::SharedBytes::take(base::ByteString(700'000, 1));
    for (int i = 0; i < 3; ++i) value.pieces.push_back(piece);
    EXPECT_EQ(node.act(Answer{QuestionId{1}, value}), "write 6 16, write 6 524257, tell writable 6");
    node.data(6, query("get_best_tip", 2, 2));
    EXPECT_EQ(node.act(payload(2, {"tip"})), "");  // behind it
    auto const room = std::to_string(512 * 1024 - 128 * 1024);
    EXPECT_EQ(node.act(stream::Writable{ChannelId{6}}), "write 6 175743, write 6 217473, tell writable 6");
    EXPECT_EQ(node.act(stream::Writable{ChannelId{6}}), "write 6 " + room + ", tell writable 6");
    EXPECT_EQ(node.tick(10s), "");  // a heartbeat waits for the end of the frame
    node.act(stream::Writable{ChannelId{6}});
    node.act(stream::Writable{ChannelId{6}});
    EXPECT_EQ(node.orders_of_last(), "write 6 " + room + ", tell writable 6");
    EXPECT_EQ(node.act(stream::Writable{ChannelId{6}}), "write 6 2879, write 6 9, write 6 15");
    EXPECT_EQ(node.state.peers.at(peer).held_bytes, 0U);
}

TEST(RpcAnswering, writes_a_small_answer_at_once) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_best_tip", 2, 1));
    std::string const half(512, 'x');
    EXPECT_EQ(node.act(payload(1, {half, half})), "write 6 1038");
    EXPECT_EQ(node.written_to(6), answer(1, half + half));
    node.data(6, query("get_best_tip", 2, 2));
    EXPECT_EQ(node.act(payload(2, {half, half, "x"})), "write 6 14, write 6 512, write 6 512, write 6 1");
    EXPECT_EQ(node.written_to(6), answer(2, half + half + "x"));
}

TEST(RpcAnswering, gives_up_on_a_peer_that_does_not_read) {
    auto node = asked_by(Dialect::ocaml);
    node.data(6, query("get_best_tip", 2, 1));
    node.act(Answer{QuestionId{1}, Payload{{base::SharedBytes::take(base::ByteString(1'000'000))}}});
    for (int i = 0; i < 11; ++i) {
        EXPECT_EQ(node.tick(10s), "");
        node.data(6, heartbeat_frame());
    }
    EXPECT_EQ(node.tick(10s), "reset 6");
    EXPECT_EQ(node.events(), "misbehaved stalled 1");
    EXPECT_EQ(node.state.peers.at(peer).held_bytes, 0U);
}

TEST(RpcAnswering, holds_a_bounded_amount_of_answers_for_a_peer) {
    auto node = asked_by(Dialect::ocaml);
    node.state.config.answer_bytes_held_max = 1'000'000;
    for (int i = 1; i <= 3; ++i) node.data(6, query("get_best_tip", 2, i));
    auto const large = base::SharedBytes::take(base::ByteString(2'000'000));
    node.act(Answer{QuestionId{1}, Payload{{large}}});  // one may be larger
    auto const held = node.state.peers.at(peer).held_bytes;
    node.act(Answer{QuestionId{2}, Payload{{large}}});
    EXPECT_LT(node.state.peers.at(peer).held_bytes, held + 200);
    for (int i = 0; i < 20; ++i) node.act(stream::Writable{ChannelId{6}});
    node.act(Answer{QuestionId{3}, Payload{{large}}});
    EXPECT_GT(node.state.peers.at(peer).held_bytes, 1'000'000U);
}

// mina: a longer answer leaves the Rust node's stream dead without a word.
TEST(RpcAnswering, tells_a_rust_node_nothing_rather_than_too_much) {
    auto node = asked_by(Dialect::rust);
    node.data(6, query("get_some_initial_peers", 1, 1));
    node.act(Answer{QuestionId{1}, Payload{{base::SharedBytes::take(base::ByteString(32 * 1024 + 1))}}});
    EXPECT_EQ(node.written_to(6), answer(1, std::string_view("\0", 1)));
    node.data(6, query("get_some_initial_peers", 1, 2));
    node.act(Answer{QuestionId{2}, Payload{{base::SharedBytes::take(base::ByteString(32 * 1024))}}});
    EXPECT_EQ(node.written_to(6).size(), 8U + 6 + 32 * 1024);
}

TEST(RpcAnswering, beats_every_ten_seconds_on_every_stream) {
    auto node = asked_by(Dialect::rust);
    node.now = node.now + 3s;
    node.act(inbound(7));
    node.data(7, handshake_frame());
    EXPECT_EQ(next_deadline(node.state), node.now + 7s);
    std::string all;
    for (int i = 0; i < 5; ++i) {
        node.now = next_deadline(node.state);
        all += std::to_string(node.now.nanoseconds / 1'000'000'000) + "s " + node.act(Tick{}) + "; ";
        node.data(6, heartbeat_frame());
        node.data(7, heartbeat_frame());
    }
    EXPECT_EQ(all, "11s write 6 9; 14s write 7 9; 21s write 6 9; 24s write 7 9; 31s write 6 9; ");
}

TEST(RpcAnswering, leaves_a_stream_that_is_silent) {
    auto node = asked_by(Dialect::ocaml);
    for (int i = 0; i < 5; ++i) node.tick(10s);
    EXPECT_EQ(node.state.streams.size(), 1U);
    EXPECT_EQ(node.tick(10s), "reset 6");
    EXPECT_EQ(node.events(), "");  // mina: OCaml's node falls silent when it has its answer
    Node before;
    before.act(ready(Dialect::ocaml));
    before.act(inbound(6));
    for (int i = 0; i < 2; ++i) before.tick(10s);
    EXPECT_EQ(before.tick(10s), "reset 6");
    EXPECT_EQ(before.events(), "misbehaved silent 1");
    auto ours = with_rust();
    for (int i = 0; i < 11; ++i) EXPECT_EQ(ours.tick(10s), "write 5 9");
    EXPECT_EQ(ours.tick(10s), "finish 5");
}

}  // namespace
}  // namespace mina::rpc::test
