// Goal: what is sent to whom, on streams that all kinds of peers take; what answers are believed; when connections are
// ordered, and when not.
// Method: one machine, fed with facts; its orders compared as text.
#include "libp2p/kademlia/test_node.h"

#include <gtest/gtest.h>

namespace libp2p::kademlia {
namespace {

using namespace test;

base::ByteString id_key(std::uint64_t number) { return base::to_byte_string(id_number(number).bytes()); }

/// Peer 2 is connected, and asked for `key`.
struct Asking : Node {
    explicit Asking(bool finds_nodes_only = false, base::ByteString key = id_key(9)) {
        add(2, Direction::outbound, finds_nodes_only);
        orders = act(AskClosest{PeerKey{2}, std::move(key), RequestId{7}});
    }
    std::string orders;
};

TEST(KademliaRequests, one_stream_a_request_finished_after_the_answer) {
    Asking node;
    EXPECT_EQ(node.orders, "open 2");
    EXPECT_EQ(node.open(5), "write 5 FIND_NODE");
    EXPECT_TRUE(base::equal(node.written(), request_of(MessageType::find_node, id_key(9))));
    EXPECT_EQ(node.data(5, answer_with({3, 4})), "finish 5");
    auto const closest = node.only<Closest>();
    EXPECT_EQ(closest.request, RequestId{7});
    EXPECT_EQ(closest.peers.size(), 2U);
    EXPECT_EQ(node.only<PeersTold>().peers.size(), 2U);
    EXPECT_EQ(node.act(stream::Finished{ChannelId{5}}), "");
    node.close(5, 2);
    EXPECT_TRUE(node.state.requests.empty());
    EXPECT_TRUE(node.state.outgoing.empty());
    EXPECT_NE(node.state.table.find(id_number(2)), nullptr);
}

TEST(KademliaRequests, an_answer_may_come_in_pieces) {
    auto const answer = answer_with({3, 4, 5});
    for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
        Asking node;
        node.open(5);
        node.data(5, base::ByteView(answer).first(cut));
        auto const early = node.events<Closest>().size();
        node.data(5, base::ByteView(answer).subspan(cut));
        EXPECT_EQ(early + node.events<Closest>().size(), 1U);
    }
}

TEST(KademliaRequests, a_finder_is_asked_for_peer_ids_only) {
    EXPECT_EQ(Asking(true).orders, "open 2");
    for (std::size_t const size : {16U, 32U, 40U}) {
        Asking node(true, base::ByteString(size, 7));
        EXPECT_EQ(node.orders, "");
        EXPECT_EQ(node.only<QueryFailed>().failure, Failure::not_supported);
    }
}

TEST(KademliaRequests, a_finder_is_asked_find_node_for_providers) {
    Node node;
    node.add(2, Direction::outbound, true);
    EXPECT_EQ(node.act(FindProviders{id_key(9), 5, RequestId{1}}), "open 2");
    EXPECT_EQ(node.open(5), "write 5 FIND_NODE");
    EXPECT_EQ(node.data(5, answer_with({})), "finish 5");
    EXPECT_EQ(node.only<QueryFailed>().failure, Failure::not_found);
    EXPECT_EQ(node.act(FindProviders{base::ByteString(20, 1), 5, RequestId{1}}), "");
    EXPECT_EQ(node.only<QueryFailed>().failure, Failure::no_peers);
}

TEST(KademliaRequests, a_finder_is_told_nothing) {
    Node node;
    node.act(OwnAddresses{{address_number(1)}});
    node.add(2, Direction::outbound, true);
    node.act(Provide{id_key(9), RequestId{1}});
    node.open(5);
    EXPECT_EQ(node.data(5, answer_with({})), "finish 5");
    EXPECT_TRUE(node.only<Provided>().at.empty());
}

TEST(KademliaRequests, times_out_by_finish_and_ignores_what_comes_late) {
    Asking node;
    node.open(5);
    EXPECT_EQ(node.tick_after(2s), "");  // slow
    EXPECT_EQ(node.tick_after(8s), "finish 5");
    EXPECT_EQ(node.only<QueryFailed>().failure, Failure::timed_out);
    EXPECT_EQ(node.data(5, answer_with({3})), "");
    EXPECT_TRUE(node.out.events.empty());
    node.data(5, base::ByteString(answer_bytes_in_max, 0));
    EXPECT_EQ(node.only<Misbehaved>().what, Misbehaviour::too_long);
    node.close(5, 2);
    EXPECT_TRUE(node.state.requests.empty());
}

TEST(KademliaRequests, a_stream_that_opens_too_late_is_finished) {
    Asking node;
    auto const request = std::get<stream::Open>(node.out.effects.at(0)).request;
    node.tick_after(10s);
    EXPECT_EQ(node.only<QueryFailed>().failure, Failure::timed_out);
    EXPECT_EQ(node.act(stream::Opened{ChannelId{5}, PeerKey{2}, Direction::outbound, request, "/k"}), "finish 5");
    EXPECT_EQ(node.act(stream::Opened{ChannelId{6}, PeerKey{2}, Direction::outbound, request, "/k"}), "finish 6");
}

TEST(KademliaRequests, says_why_nothing_came) {
    struct Case {
        stream::CloseReason reason;
        Failure failure;
    };
    for (auto const& [reason, failure] : {Case{stream::CloseReason::negotiation_failed, Failure::not_supported},
                                          Case{stream::CloseReason::reset, Failure::connection_lost},
                                          Case{stream::CloseReason::timed_out, Failure::timed_out}}) {
        Asking open;
        open.open(5);
        open.close(5, 2, reason);
        EXPECT_EQ(open.only<QueryFailed>().failure, failure);
        EXPECT_TRUE(open.state.requests.empty());
        Asking opening;
        auto const request = std::get<stream::Open>(opening.out.effects.at(0)).request;
        opening.act(stream::Closed{{}, PeerKey{2}, request, reason});
        EXPECT_EQ(opening.only<QueryFailed>().failure, failure);
        EXPECT_TRUE(opening.state.requests.empty());
    }
    Asking ended;
    ended.open(5);
    EXPECT_EQ(ended.act(stream::Finished{ChannelId{5}}), "finish 5");
    EXPECT_EQ(ended.only<QueryFailed>().failure, Failure::bad_answer);
    Asking lost;
    lost.open(5);
    lost.act(PeerDisconnected{PeerKey{2}});
    EXPECT_EQ(lost.only<QueryFailed>().failure, Failure::connection_lost);
    EXPECT_EQ(lost.close(5, 2), "");
    Node nobody;
    nobody.act(AskClosest{PeerKey{2}, id_key(9), RequestId{7}});
    EXPECT_EQ(nobody.only<QueryFailed>().failure, Failure::connection_lost);
}

TEST(KademliaRequests, a_bad_answer_is_reported) {
    base::ByteString const too_long{0x81, 0x80, 0x04};  // announces 65,537 bytes
    for (auto const& bytes : {base::ByteString{0x01, 0x08}, too_long, answer_with({}, MessageType::ping)}) {
        Asking node;
        node.open(5);
        EXPECT_EQ(node.data(5, bytes), "finish 5");
        EXPECT_EQ(node.only<QueryFailed>().failure, Failure::bad_answer);
        EXPECT_EQ(node.only<Misbehaved>().what,
                  base::equal(bytes, too_long) ? Misbehaviour::too_long : Misbehaviour::malformed);
    }
    Asking twice;
    twice.open(5);
    twice.data(5, answer_with({3}));
    EXPECT_EQ(twice.data(5, answer_with({3})), "reset 5");
    EXPECT_EQ(twice.only<Misbehaved>().what, Misbehaviour::unasked_answer);
}

TEST(KademliaRequests, streams_to_a_peer_are_bounded_and_the_rest_waits) {
    for (auto const finds_nodes_only : {true, false}) {
        Node node;
        node.add(2, Direction::outbound, finds_nodes_only);
        std::size_t const most = finds_nodes_only ? 3 : 6;
        std::string last;
        for (std::uint64_t i = 0; i < 10; ++i) {
            auto const orders = node.act(AskClosest{PeerKey{2}, id_key(9), RequestId{i + 1}});
            EXPECT_EQ(orders, i < most ? "open 2" : "");
            if (i < most) node.open(100 + i);
        }
        EXPECT_EQ(node.data(100, answer_with({})), "finish 100");
        EXPECT_EQ(node.close(100, 2), "open 2");
    }
}

TEST(KademliaQueries, are_bounded) {
    Node node;
    node.add(2);
    for (std::uint64_t i = 0; i < 32; ++i) {
        node.act(FindClosest{id_key(9), RequestId{i + 1}});
        EXPECT_TRUE(node.out.events.empty());
    }
    node.act(FindClosest{id_key(9), RequestId{99}});
    EXPECT_EQ(node.only<QueryFailed>().failure, Failure::too_many);
    node.act(PeerDisconnected{PeerKey{2}});
    EXPECT_EQ(node.events<QueryFailed>().size(), 32U);
    EXPECT_EQ(node.state.queries_from_outside, 0U);
}

TEST(KademliaQueries, refuse_what_makes_no_sense) {
    Node node;
    node.add(2);
    for (auto const& order :
         std::vector<Action>{FindPeer{{}, RequestId{1}}, FindClosest{{}, RequestId{1}},
                             FindClosest{base::ByteString(81, 1), RequestId{1}},
                             Provide{base::ByteString(81, 1), RequestId{1}}, FindProviders{id_key(1), 0, RequestId{1}},
                             PutValue{id_key(1), {1}, RequestId{1}}, GetValue{{}, RequestId{1}}}) {
        EXPECT_EQ(node.act(order), "");
        EXPECT_EQ(node.only<QueryFailed>().failure, Failure::invalid);
    }
}

TEST(KademliaQueries, know_a_connected_peer_and_ourselves_at_once) {
    Node node;
    node.add(2);
    node.act(OwnAddresses{{address_number(1)}});
    EXPECT_EQ(node.act(FindPeer{id_number(2), RequestId{1}}), "");
    EXPECT_EQ(node.only<Found>().peer, (PeerAddresses{id_number(2), {address_number(2)}}));
    EXPECT_EQ(node.act(FindPeer{id_number(1), RequestId{1}}), "");
    EXPECT_EQ(node.only<Found>().peer, (PeerAddresses{id_number(1), {address_number(1)}}));
}

TEST(KademliaQueries, a_target_ends_early_when_two_tell_the_same_or_time_is_over) {
    for (auto const second : {true, false}) {
        Node node;
        node.add(2);
        node.add(3);
        node.act(FindPeer{id_number(9), RequestId{1}});
        std::vector<stream::Open> opens;
        for (auto const& effect : node.out.effects) opens.push_back(std::get<stream::Open>(effect));
        ASSERT_EQ(opens.size(), 2U);
        for (std::uint64_t i = 0; i < 2; ++i) {
            node.act(stream::Opened{ChannelId{10 + i}, opens[i].peer, Direction::outbound, opens[i].request, "/k"});
        }
        node.data(10, answer_with({9}));
        EXPECT_TRUE(node.events<Found>().empty());
        if (second) {
            node.data(11, answer_with({9}));
        } else {
            node.tick_after(2s);
        }
        auto const found = node.only<Found>();
        EXPECT_EQ(found.peer, (PeerAddresses{id_number(9), {address_number(9)}}));
        EXPECT_EQ(found.cost.hops, 1U);
        EXPECT_TRUE(node.state.queries.empty());
    }
}

TEST(KademliaQueries, what_most_tell_comes_first) {
    Node node;
    for (std::uint64_t i = 2; i < 5; ++i) node.add(i);
    node.act(FindPeer{id_number(9), RequestId{1}});
    auto const opens = node.out.effects;
    ASSERT_EQ(opens.size(), 3U);
    for (std::uint64_t i = 0; i < 3; ++i) {
        auto const& order = std::get<stream::Open>(opens[i]);
        node.act(stream::Opened{ChannelId{10 + i}, order.peer, Direction::outbound, order.request, "/k"});
    }
    Message lie{.type = MessageType::find_node, .closer = {{id_number(9), {address_number(500)}}}};
    node.data(10, encode(lie));
    node.data(11, answer_with({9}));
    node.data(12, answer_with({9}));
    EXPECT_EQ(node.only<Found>().peer.addresses, (std::vector{address_number(9), address_number(500)}));
}

TEST(KademliaQueries, an_answer_of_ourselves_the_teller_and_doubles_does_no_harm) {
    Node node;
    node.add(2);
    node.act(FindClosest{id_key(9), RequestId{1}});
    node.open(5);
    EXPECT_EQ(node.data(5, answer_with({1, 2, 2, 1, 2})), "finish 5");
    EXPECT_EQ(node.only<Closest>().peers.size(), 1U);
    EXPECT_EQ(node.only<Closest>().cost.asked, 1U);
}

/// Peer 2 is asked for 9, and tells of these.
struct Told : Node {
    explicit Told(std::vector<std::uint64_t> const& numbers, Config const& config = test_config()) : Node(config) {
        add(2);
        act(FindClosest{id_key(9), RequestId{1}});
        open(5);
        orders = data(5, answer_with(numbers));
    }
    std::string orders;
};

TEST(KademliaConnections, dials_whom_it_is_told_of_and_asks_when_it_is_known) {
    Told node({3});
    EXPECT_EQ(node.orders, "finish 5; connect 3");
    EXPECT_EQ(node.act(PeerConnected{PeerKey{3}, id_number(3), address_number(3), Direction::outbound}), "");
    EXPECT_EQ(node.act(PeerIdentified{PeerKey{3}, true, false, {}}), "open 3");
    EXPECT_EQ(node.open(6), "write 6 FIND_NODE");
    node.data(6, answer_with({}));
    EXPECT_EQ(node.only<Closest>().peers.size(), 2U);
    node.close(6, 3);
    EXPECT_EQ(node.tick_after(29s), "");
    EXPECT_EQ(node.tick_after(1s), "release 3");
    EXPECT_EQ(node.tick_after(60s), "");
    EXPECT_EQ(node.state.counters.releases, 1U);
}

TEST(KademliaConnections, a_client_is_not_asked) {
    Told node({3});
    node.act(PeerConnected{PeerKey{3}, id_number(3), address_number(3), Direction::outbound});
    EXPECT_EQ(node.act(PeerIdentified{PeerKey{3}, false, false, {}}), "");
    EXPECT_EQ(node.only<Closest>().peers.size(), 1U);
}

TEST(KademliaConnections, after_a_failure_a_peer_is_left_alone_for_a_while) {
    Told node({3});
    node.act(ConnectFailed{id_number(3)});
    EXPECT_EQ(node.only<Closest>().peers.size(), 1U);
    auto const ask_again = [&] {
        node.act(FindClosest{id_key(9), RequestId{1}});
        node.open(6);
        auto const orders = node.data(6, answer_with({3}));
        node.close(6, 2);
        return orders;
    };
    EXPECT_EQ(ask_again(), "finish 6");
    node.now = node.now + 5min;
    EXPECT_EQ(ask_again(), "finish 6; connect 3");
}

TEST(KademliaConnections, backoffs_are_bounded) {
    auto config = test_config();
    config.backoffs_max = 2;
    Told node({3, 4, 10, 11}, config);
    for (std::uint64_t const i : {3U, 4U, 10U, 11U}) node.act(ConnectFailed{id_number(i)});
    EXPECT_EQ(node.state.backoffs.size(), 2U);
    EXPECT_EQ(node.state.backoff_order.size(), 2U);
}

TEST(KademliaConnections, dials_are_bounded_in_number) {
    auto config = test_config();
    config.dials_max = 1;
    Told node({3, 4, 10}, config);
    EXPECT_EQ(node.state.dials, 1U);
    EXPECT_EQ(node.state.counters.dials, 1U);
    auto const first = std::get<Connect>(node.out.effects.at(1)).peer.id;
    auto const orders = node.act(ConnectFailed{first});
    EXPECT_TRUE(orders.starts_with("connect")) << orders;
    EXPECT_EQ(node.state.dials, 1U);
}

TEST(KademliaConnections, dials_to_a_group_are_bounded_in_a_minute) {
    auto config = test_config();
    config.dials_a_minute_max = 3;
    Node node(config);
    std::vector<PeerAddresses> learned;
    for (std::uint64_t i = 10; i < 20; ++i)
        learned.push_back({id_number(i), {address("/ip4/9.9.1." + std::to_string(i) + "/tcp/1")}});
    node.act(Learn{learned});
    node.act(FindClosest{id_key(9), RequestId{1}});
    EXPECT_EQ(node.state.counters.dials, 3U);
    EXPECT_GE(node.state.counters.dials_withheld, 1U);
    node.now = node.now + 1min;
    node.act(FindClosest{id_key(9), RequestId{2}});
    EXPECT_EQ(node.state.counters.dials, 6U);
}

TEST(KademliaConnections, private_addresses_are_neither_dialed_nor_reported) {
    for (auto const allowed : {false, true}) {
        auto config = test_config();
        config.private_addresses = allowed;
        Node node(config);
        node.add(2);
        node.act(FindClosest{id_key(9), RequestId{1}});
        node.open(5);
        Message answer{.type = MessageType::find_node, .closer = {{id_number(3), {address("/ip4/10.0.0.1/tcp/1")}}}};
        EXPECT_EQ(node.data(5, encode(answer)), allowed ? "finish 5; connect 3" : "finish 5");
        EXPECT_EQ(node.events<PeersTold>().size(), allowed ? 1U : 0U);
    }
}

TEST(KademliaConnections, learned_peers_are_bounded_and_asked) {
    Node node;
    std::vector<PeerAddresses> learned;
    for (std::uint64_t i = 10; i < 400; ++i) learned.push_back({id_number(i), {address_number(i)}});
    node.act(Learn{learned});
    EXPECT_EQ(node.state.known.size(), 256U);
    EXPECT_NE(node.act(FindClosest{id_key(9), RequestId{1}}), "");
}

TEST(KademliaConnections, a_forgotten_peer_is_asked_no_more) {
    Node node;
    node.add_member(2);
    node.add(2);
    node.act(Forget{id_number(2)});
    EXPECT_EQ(node.state.table.size(), 0U);
    node.act(PeerIdentified{PeerKey{2}, true, false, {address_number(2)}});
    node.act(FindClosest{id_key(9), RequestId{1}});
    EXPECT_EQ(node.only<QueryFailed>().failure, Failure::no_peers);
    node.act(PeerDisconnected{PeerKey{2}});
    Told told({2});
    EXPECT_EQ(told.orders, "finish 5");
}

}  // namespace
}  // namespace libp2p::kademlia
