// Goal: an ask goes where and when the peer takes it, and ends exactly once. Method: one machine fed with facts, its
// orders and events compared as text.
#include "mina/rpc/rpc_fixture.h"

#include <gtest/gtest.h>

namespace mina::rpc::test {
namespace {

using namespace std::chrono_literals;

TEST(RpcAsking, asks_for_the_menu_first_and_then_in_the_version_it_offers) {
    Node node;
    EXPECT_EQ(node.act(ready(Dialect::ocaml)), "");
    EXPECT_EQ(node.act(ask(7)), "open 1 coda/rpcs/0.0.1");
    EXPECT_EQ(node.act(outbound(5, 1)), "write 5 15");
    EXPECT_EQ(node.data(5, handshake_frame()), "write 5 34");
    EXPECT_EQ(node.written_to(5), query("__Versioned_rpc.Menu", 1, 1));
    EXPECT_EQ(node.data(5, answer(1, menu_value())), "write 5 26");
    EXPECT_EQ(node.events(), "menu 4");
    EXPECT_EQ(node.written_to(5), query("get_best_tip", 2, 2));
    EXPECT_EQ(node.data(5, answer(2, "tip")), "");
    EXPECT_EQ(node.events(), "begun 7 get_best_tip v2 3, chunk 7 3, ended 7");
    EXPECT_EQ(node.received[RequestId{7}], "tip");
    EXPECT_EQ(node.act(ask(8)), "write 5 26");  // the menu is asked for once
    EXPECT_EQ(node.written_to(5), query("get_best_tip", 2, 3));
}

TEST(RpcAsking, takes_the_highest_version_that_both_have) {
    Node node;
    node.state.config.format = messages::Format::mesa;
    node.act(ready(Dialect::ocaml));
    node.act(ask(7, Method::answer_sync_ledger_query));
    node.act(ask(8));
    node.act(ask(9, Method::get_ancestry));
    node.act(outbound(5, 1));
    node.data(5, handshake_frame());
    node.data(5, answer(1, menu_value({{"answer_sync_ledger_query", 4}, {"answer_sync_ledger_query", 5},
                                       {"answer_sync_ledger_query", 6}, {"get_best_tip", 2}})));
    EXPECT_EQ(node.events(), "menu 4, failed 8 version not offered by the peer, "
                             "failed 9 method not served by the peer");
    EXPECT_EQ(node.written_to(5), query("answer_sync_ledger_query", 5, 2));
}

TEST(RpcAsking, sends_a_version_that_is_named_without_the_menu) {
    Node node;
    node.act(ready(Dialect::ocaml));
    auto order = ask(7);
    order.version = 9;
    node.act(order);
    node.act(outbound(5, 1));
    node.data(5, handshake_frame());
    EXPECT_EQ(node.written_to(5), query("get_best_tip", 9, 1));
    EXPECT_EQ(node.data(5, unimplemented_frame(1, "get_best_tip", 9, Dialect::ocaml)), "");
    EXPECT_EQ(node.events(), "failed 7 unimplemented by the peer");
}

TEST(RpcAsking, has_many_queries_on_a_stream_and_their_answers_in_any_order) {
    auto node = with_ocaml();
    for (std::uint64_t i = 1; i <= 64; ++i) {
        EXPECT_EQ(node.act(ask(i, Method::answer_sync_ledger_query)), "write 5 38") << i;
    }
    EXPECT_EQ(node.act(ask(65, Method::answer_sync_ledger_query)), "open 1 coda/rpcs/0.0.1");
    EXPECT_EQ(node.act(ask(66, Method::answer_sync_ledger_query)), "");  // one stream is on its way
    node.data(5, answer(65, "last"));
    EXPECT_EQ(node.received[RequestId{64}], "last");
    node.data(5, answer(2, "first"));
    EXPECT_EQ(node.received[RequestId{1}], "first");
    EXPECT_EQ(node.events(), "begun 1 answer_sync_ledger_query v3 5, chunk 1 5, ended 1");
    EXPECT_EQ(node.state.peers.at(peer).waiting.size(), 0U);
}

TEST(RpcAsking, gives_a_long_answer_a_stream_of_its_own) {
    auto node = with_ocaml();
    EXPECT_EQ(node.act(ask(7)), "write 5 26");
    EXPECT_EQ(node.act(ask(8)), "open 1 coda/rpcs/0.0.1");
    EXPECT_EQ(node.act(ask(9, Method::answer_sync_ledger_query)), "open 1 coda/rpcs/0.0.1");
    node.act(outbound(15, 2));
    EXPECT_EQ(node.data(15, handshake_frame()), "write 15 26");
    node.act(outbound(17, 3));
    EXPECT_EQ(node.data(17, handshake_frame()), "write 17 38");
    for (std::uint64_t i = 10; i < 15; ++i) EXPECT_EQ(node.act(ask(i)), "open 1 coda/rpcs/0.0.1") << i;
    EXPECT_EQ(node.act(ask(15)), "");  // eight streams
    node.data(5, answer(2, "tip"));
    EXPECT_EQ(node.orders_of_last(), "write 5 26");
}

TEST(RpcAsking, resets_a_stream_unused_for_ten_seconds) {
    auto node = with_ocaml();
    EXPECT_EQ(node.act(ask(7)), "write 5 26");
    EXPECT_EQ(node.tick(9s), "");
    node.data(5, answer(2, "tip"));
    EXPECT_EQ(node.tick(9s), "write 5 9");
    EXPECT_EQ(node.tick(1s), "reset 5");
    EXPECT_TRUE(node.state.streams.empty());
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    EXPECT_EQ(node.act(ask(8)), "open 1 coda/rpcs/0.0.1");
}

TEST(RpcAsking, fails_when_no_answer_begins_in_time) {
    auto node = with_ocaml();
    node.act(ask(7));
    for (int i = 0; i < 5; ++i) {
        node.tick(10s);
        node.data(5, heartbeat_frame());
    }
    EXPECT_EQ(node.tick(9s), "");
    EXPECT_EQ(node.tick(1s), "write 5 9, reset 5");
    EXPECT_EQ(node.events(), "failed 7 timed out");
}

TEST(RpcAsking, passes_over_a_late_answer_on_a_stream_that_others_use) {
    auto node = with_ocaml();
    auto late = ask(7, Method::answer_sync_ledger_query);
    node.act(late);
    node.tick(5s);
    node.act(ask(8, Method::answer_sync_ledger_query));
    node.tick(5s);
    EXPECT_EQ(node.events(), "failed 7 timed out");
    EXPECT_EQ(node.data(5, answer(2, "late")), "");
    EXPECT_EQ(node.events(), "");
    node.data(5, answer(3, "good"));
    EXPECT_EQ(node.events(), "begun 8 answer_sync_ledger_query v3 4, chunk 8 4, ended 8");
}

TEST(RpcAsking, gives_a_long_answer_time_by_its_size_but_no_pause) {
    auto node = with_ocaml();
    node.act(ask(7));
    node.data(5, answer_head(2, 30'000'000));
    for (int i = 0; i < 20; ++i) {
        node.tick(29s);
        node.data(5, base::ByteString(10));
    }
    EXPECT_EQ(node.events(), "chunk 7 10");
    EXPECT_EQ(node.state.streams.size(), 1U);
    node.tick(29s);
    EXPECT_EQ(node.events(), "");
    EXPECT_EQ(node.tick(1s), "reset 5");
    EXPECT_EQ(node.events(), "misbehaved stalled 1, failed 7 timed out");
    // 60 s and 30,000,000 bytes at 32 KiB/s.
    EXPECT_EQ(node.act(ask(8)), "open 1 coda/rpcs/0.0.1");
    node.act(outbound(6, 2));
    node.data(6, handshake_frame());
    node.data(6, answer_head(1, 30'000'000));
    int steps = 0;
    while (!node.state.streams.empty() && steps < 1000) {
        node.tick(5s);
        if (!node.state.streams.empty()) node.data(6, base::ByteString(10));
        ++steps;
    }
    EXPECT_EQ(steps, (60 + 915) / 5);
}

TEST(RpcAsking, is_cancelled_while_waiting_and_while_asked) {
    auto node = with_ocaml();
    node.act(ask(7));
    node.act(ask(8));
    node.act(Cancel{RequestId{8}});
    EXPECT_EQ(node.events(), "failed 8 cancelled");
    node.data(5, answer_head(2, 100));
    EXPECT_EQ(node.act(Cancel{RequestId{7}}), "reset 5");
    EXPECT_EQ(node.events(), "failed 7 cancelled");
    EXPECT_EQ(node.act(Cancel{RequestId{7}}), "");
    EXPECT_EQ(node.events(), "");

    auto shared = with_ocaml();
    shared.act(ask(7, Method::answer_sync_ledger_query));
    shared.act(ask(8, Method::answer_sync_ledger_query));
    EXPECT_EQ(shared.act(Cancel{RequestId{7}}), "");
    EXPECT_EQ(shared.events(), "failed 7 cancelled");
    shared.data(5, answer(2, "unwanted"));
    EXPECT_EQ(shared.events(), "");
    shared.data(5, answer(3, "wanted"));
    EXPECT_EQ(shared.received[RequestId{8}], "wanted");
}

TEST(RpcAsking, never_exceeds_the_peers_budget) {
    auto node = with_ocaml();
    for (std::uint64_t i = 1; i <= 15; ++i) {
        node.act(ask(i));
        node.data(5, answer(static_cast<std::int64_t>(i) + 1, "tip"));
    }
    node.act(ask(16));
    EXPECT_EQ(node.events(), "failed 16 peer's budget");
    auto patient = ask(17);
    patient.patience = 6min;
    node.act(patient);
    EXPECT_EQ(node.events(), "");
    // The peer counts 300 s from when a query comes, which may be later than we sent it.
    auto const due = node.now + 310s;
    while (node.now < due - 10s) node.tick(10s);
    EXPECT_EQ(node.state.peers.at(peer).waiting.size(), 1U);
    EXPECT_EQ(node.tick(9s), "");
    EXPECT_EQ(node.tick(1s), "open 1 coda/rpcs/0.0.1");
    // A new connection does not give a new budget.
    node.act(PeerGone{peer});
    EXPECT_EQ(node.events(), "failed 17 stream closed");
}

TEST(RpcAsking, counts_hashes_against_the_budget_of_transition_chains) {
    auto node = with_ocaml();
    std::int64_t id = 2;
    for (std::uint64_t i = 1; i <= 15; ++i) {
        node.act(ask(i, Method::get_transition_chain, hashes(20)));
        node.data(5, answer(id++, "blocks"));
    }
    node.act(ask(20, Method::get_transition_chain, hashes(1)));
    EXPECT_EQ(node.events(), "failed 20 peer's budget");
    auto broken = hashes(2);
    broken.pop_back();
    node.act(ask(21, Method::get_transition_chain, broken));
    EXPECT_EQ(node.events(), "failed 21 query unfit for the method or the peer");
    node.act(ask(22, Method::get_transition_chain, hashes(32)));
    EXPECT_EQ(node.events(), "failed 22 query unfit for the method or the peer");
}

TEST(RpcAsking, keeps_a_bounded_queue) {
    Node node;
    node.act(ready(Dialect::ocaml));
    for (std::uint64_t i = 1; i <= 255; ++i) node.act(ask(i, Method::answer_sync_ledger_query));
    EXPECT_EQ(node.events(), "");  // and our own for the menu
    node.act(ask(256, Method::answer_sync_ledger_query));
    EXPECT_EQ(node.events(), "failed 256 too many calls at once");
}

TEST(RpcAsking, fails_when_its_turn_does_not_come) {
    Node node;
    node.act(ready(Dialect::ocaml));
    auto order = ask(7);
    order.patience = 5s;
    node.act(order);
    node.tick(5s);
    EXPECT_EQ(node.events(), "failed 7 timed out");
    node.act(ask(8));
    node.tick(55s);  // the menu has a minute
    EXPECT_EQ(node.events(), "failed 8 no menu");
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    auto impatient = ask(9);
    impatient.patience = 0s;
    node.act(impatient);
    EXPECT_EQ(node.events(), "failed 9 timed out");
    auto open = with_ocaml();
    impatient.request = RequestId{10};
    EXPECT_EQ(open.act(impatient), "write 5 26");
}

TEST(RpcAsking, fails_when_the_peer_is_not_there_or_speaks_no_rpc) {
    Node node;
    node.act(ask(7));
    EXPECT_EQ(node.events(), "failed 7 peer not ready");
    node.act(inbound(6));
    node.act(ask(8));
    EXPECT_EQ(node.events(), "failed 8 peer not ready");
    PeerReady silent;
    silent.peer = peer;
    node.act(silent);
    node.act(ask(9));
    EXPECT_EQ(node.events(), "failed 9 peer speaks no rpc");
}

TEST(RpcAsking, fails_when_streams_cannot_be_opened) {
    for (std::uint64_t const channel : {0U, 5U}) {
        Node node;
        node.act(ready(Dialect::ocaml));
        node.act(ask(7));
        node.act(closed(channel, 1, stream::CloseReason::negotiation_failed));
        EXPECT_EQ(node.events(), "failed 7 peer speaks no rpc");
        node.act(ask(8));
        EXPECT_EQ(node.events(), "failed 8 peer speaks no rpc");
    }
    Node node;
    node.act(ready(Dialect::ocaml));
    node.act(ask(7));
    EXPECT_EQ(node.act(closed(0, 1, stream::CloseReason::reset)), "");
    EXPECT_EQ(node.events(), "failed 7 stream closed");
    EXPECT_EQ(node.act(ask(8)), "");  // not at once again
    EXPECT_EQ(node.tick(1s), "open 1 coda/rpcs/0.0.1");
    Node lazy;
    lazy.act(ready(Dialect::ocaml));
    lazy.act(ask(7));
    lazy.act(outbound(5, 1));
    lazy.act(closed(5, 1, stream::CloseReason::negotiation_failed));
    EXPECT_EQ(lazy.events(), "failed 7 peer speaks no rpc");
}

TEST(RpcAsking, fails_with_its_stream_and_its_connection) {
    auto node = with_ocaml();
    node.act(ask(7));
    node.act(closed(5, 1));
    EXPECT_EQ(node.events(), "failed 7 stream closed");
    auto gone = with_ocaml();
    gone.act(ask(7));
    gone.act(ask(8));
    EXPECT_EQ(gone.act(PeerGone{peer}), "");
    EXPECT_EQ(gone.events(), "failed 8 stream closed, failed 7 stream closed");
    EXPECT_TRUE(gone.state.peers.empty() && gone.state.streams.empty() && gone.state.openings.empty());
    EXPECT_EQ(next_deadline(gone.state), base::Instant::never());
    EXPECT_EQ(gone.act(outbound(6, 2)), "finish 6");  // what was being opened
    auto half = with_ocaml();
    half.act(ask(7));
    EXPECT_EQ(half.act(stream::Finished{ChannelId{5}}), "reset 5");
    EXPECT_EQ(half.events(), "failed 7 stream closed");
}

TEST(RpcAsking, fails_with_the_peers_errors) {
    auto node = with_ocaml();
    node.act(ask(7));
    node.data(5, failure_frame(2, "peer exceeded capacity", false));
    EXPECT_EQ(node.events(), "failed 7 error of the peer");
    node.act(ask(8));
    node.data(5, failure_frame(3, "unreadable", true));
    EXPECT_EQ(node.events(), "failed 8 error of the peer");
    EXPECT_EQ(node.state.streams.size(), 1U);
}

TEST(RpcAsking, waits_for_the_handshake_and_gives_up_on_one_that_does_not_come) {
    Node node;
    node.act(ready(Dialect::ocaml));
    node.act(ask(7, Method::menu));
    node.act(outbound(5, 1));
    EXPECT_EQ(node.tick(20s), "write 5 9");
    EXPECT_EQ(node.tick(10s), "reset 5, open 1 coda/rpcs/0.0.1");  // its patience is not at an end
    EXPECT_EQ(node.events(), "misbehaved silent 1");
    EXPECT_EQ(node.tick(30s), "");
    EXPECT_EQ(node.events(), "failed 7 timed out");
}

// A Rust node takes one query at a time on one stream, no menu, and no reset.

TEST(RpcAskingRust, keeps_one_stream_and_one_query_on_it) {
    auto node = with_rust();
    EXPECT_EQ(node.act(ask(7)), "write 5 26");
    EXPECT_EQ(node.act(ask(8)), "");
    EXPECT_EQ(node.act(ask(9, Method::answer_sync_ledger_query)), "");
    EXPECT_EQ(node.data(5, answer(2, "tip")), "write 5 26");
    EXPECT_EQ(node.data(5, answer(3, "tip")), "write 5 38");
    EXPECT_EQ(node.written_to(5), query("answer_sync_ledger_query", 3, 4));
    node.data(5, answer(4, "tip"));
    for (int i = 0; i < 30; ++i) {
        EXPECT_EQ(node.tick(10s), "write 5 9");  // it stays, with heartbeats
        node.data(5, heartbeat_frame());
    }
}

TEST(RpcAskingRust, is_not_asked_what_it_would_not_take) {
    auto node = with_rust();
    node.act(ask(7, Method::menu));
    EXPECT_EQ(node.events(), "failed 7 method not served by the peer");
    node.act(ask(8, Method::get_ancestry));
    EXPECT_EQ(node.events(), "failed 8 method not served by the peer");
    node.act(ask(9, Method::get_transition_chain, hashes(2)));
    EXPECT_EQ(node.events(), "failed 9 query unfit for the method or the peer");
    auto other = ask(10);
    other.version = 3;
    node.act(other);
    EXPECT_EQ(node.events(), "failed 10 version not offered by the peer");
    node.state.config.protocol = name;
    EXPECT_EQ(node.act(ask(11, Method::get_transition_chain, hashes(1))), "write 5 66");
}

TEST(RpcAskingRust, is_left_by_finish_when_it_does_not_answer) {
    auto node = with_rust();
    std::uint64_t channel = 5;
    for (std::uint64_t opening = 1; opening <= 4; ++opening) {
        node.act(ask(7, Method::answer_sync_ledger_query));
        EXPECT_EQ(node.events(), "");
        auto const orders = node.tick(10s);
        EXPECT_TRUE(orders.ends_with("finish " + std::to_string(channel))) << orders;
        EXPECT_EQ(node.events(), "failed 7 timed out");
        if (opening == 4) break;
        EXPECT_EQ(node.act(ask(8, Method::get_some_initial_peers)), "open 1 coda/rpcs/0.0.1");
        node.act(outbound(++channel, opening + 1));
        node.data(channel, handshake_frame());
        node.data(channel, answer(1, "peers"));
        EXPECT_EQ(node.events(), "begun 8 get_some_initial_peers v1 5, chunk 8 5, ended 8");
    }
    EXPECT_EQ(node.data(5, answer(2, "late")), "");
    // It never frees a stream of ours.
    EXPECT_EQ(node.act(ask(9)), "");
    EXPECT_EQ(node.events(), "failed 9 earlier queries are unanswered");
}

TEST(RpcAskingRust, keeps_a_cancelled_query_until_its_answer) {
    auto node = with_rust();
    node.act(ask(7));
    node.act(ask(8));
    EXPECT_EQ(node.act(Cancel{RequestId{7}}), "");
    EXPECT_EQ(node.events(), "failed 7 cancelled");
    EXPECT_EQ(node.data(5, answer(2, "unwanted")), "write 5 26");
    EXPECT_EQ(node.events(), "");
}

TEST(RpcAskingRust, gets_ids_below_32768) {
    auto node = with_rust();
    node.state.streams.at(ChannelId{5}).last_id = query_id_max - 1;
    node.act(ask(7));
    EXPECT_EQ(node.written_to(5), query("get_best_tip", 2, 0x7fff));
    node.data(5, answer(0x7fff, "tip"));
    node.act(ask(8));
    EXPECT_EQ(node.written_to(5), query("get_best_tip", 2, 1));
}

TEST(RpcAskingUnknown, is_dealt_with_as_rust_until_it_asks_for_a_menu) {
    Node node;
    node.act(PeerReady{peer, {}, "something", protocols, {}});
    node.act(ask(7));
    node.act(outbound(5, 1));
    node.data(5, handshake_frame());
    EXPECT_EQ(node.written_to(5), query("get_best_tip", 2, 1));
    EXPECT_EQ(node.act(ask(8, Method::get_some_initial_peers)), "");
    node.act(inbound(6));
    node.data(6, handshake_frame());
    node.data(6, query("__Versioned_rpc.Menu", 1, 1));
    EXPECT_EQ(node.state.peers.at(peer).dialect, Dialect::ocaml);
    EXPECT_TRUE(libp2p::test::orders_text(node.out.effects).ends_with("open 1 coda/rpcs/0.0.1"));
    node.act(PeerReady{peer, {}, "mina", protocols, {}});
    EXPECT_EQ(node.state.peers.at(peer).dialect, Dialect::ocaml);
}

}  // namespace
}  // namespace mina::rpc::test
