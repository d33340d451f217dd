// Goal: others' requests are answered as they need it, and within bounds; what is provably wrong is reported.
// Method: one machine, to which peers are connected that send requests as bytes.
#include "libp2p/kademlia/test_node.h"

#include "crypto/keys.h"

#include <gtest/gtest.h>

namespace libp2p::kademlia {
namespace {

using namespace test;

base::ByteString id_key(std::uint64_t number) { return base::to_byte_string(id_number(number).bytes()); }

/// The answer to one request of peer 2 on a new stream.
struct Asker {
    Node& node;
    std::uint64_t channel = 100;
    base::ByteString bytes{};

    Message operator()(base::ByteString const& request, std::uint64_t peer = 2) {
        node.open_inbound(++channel, peer);
        auto const orders = node.data(channel, request);
        EXPECT_TRUE(orders.starts_with("write")) << orders;
        bytes = node.written();
        node.act(stream::Finished{ChannelId{channel}});
        node.close(channel, peer);
        return *decode(body(bytes));
    }
};

std::vector<PeerId> ids_of(std::vector<PeerAddresses> const& peers) {
    std::vector<PeerId> result;
    for (auto const& peer : peers) result.push_back(peer.id);
    return result;
}

TEST(KademliaServer, finds_the_closest_but_neither_the_asker_nor_the_key) {
    Node node;
    for (std::uint64_t i = 2; i < 60; ++i) node.add_member(i);
    node.add(2);
    Asker ask{node};
    auto const answer = ask(request_of(MessageType::find_node, id_key(500)));
    EXPECT_EQ(answer.type, MessageType::find_node);
    EXPECT_TRUE(base::equal(answer.key, id_key(500)));
    std::vector<PeerId> expected;
    for (auto const* member : node.state.table.closest(key_of(id_number(500)), 30)) {
        if (member->id != id_number(2) && expected.size() < 20) expected.push_back(member->id);
    }
    EXPECT_EQ(ids_of(answer.closer), expected);
    EXPECT_LE(ask.bytes.size(), message_bytes_out_max);
}

// mina: its Go node admits nobody whose answer to this holds no peer.
TEST(KademliaServer, tells_of_itself_first_when_asked_for_itself) {
    Node node;
    node.add(2, Direction::inbound);
    Asker ask{node};
    EXPECT_EQ(ids_of(ask(request_of(MessageType::find_node, id_key(1))).closer), std::vector{id_number(1)});
    node.act(OwnAddresses{{address_number(1), address("/ip4/127.0.0.1/tcp/1")}});
    node.add_member(9);
    auto const answer = ask(request_of(MessageType::find_node, id_key(1)));
    ASSERT_EQ(ids_of(answer.closer), (std::vector{id_number(1), id_number(9)}));
    EXPECT_EQ(answer.closer[0].addresses, std::vector{address_number(1)});
}

TEST(KademliaServer, puts_a_target_first_that_it_knows_even_a_client) {
    Node node;
    node.add(2, Direction::inbound);
    node.add(3, Direction::inbound, false, false);
    for (std::uint64_t i = 10; i < 40; ++i) node.add_member(i);
    Asker ask{node};
    auto const client = ask(request_of(MessageType::find_node, id_key(3)));
    ASSERT_EQ(client.closer.size(), 20U);
    EXPECT_EQ(client.closer[0].id, id_number(3));
    auto const member = ask(request_of(MessageType::find_node, id_key(12)));
    ASSERT_EQ(member.closer.size(), 20U);
    EXPECT_EQ(member.closer[0].id, id_number(12));
    EXPECT_NE(member.closer[1].id, id_number(12));
}

TEST(KademliaServer, answers_several_requests_of_a_stream_in_any_fragmentation) {
    auto requests = request_of(MessageType::find_node, id_key(1));
    base::append(requests, request_of(MessageType::ping, {}));
    base::append(requests, request_of(MessageType::get_providers, id_key(7)));
    for (std::size_t cut = 0; cut <= requests.size(); ++cut) {
        Node node;
        node.add(2, Direction::inbound);
        node.open_inbound(5, 2);
        auto orders = node.data(5, base::ByteView(requests).first(cut));
        auto const more = node.data(5, base::ByteView(requests).subspan(cut));
        if (!orders.empty() && !more.empty()) orders += "; ";
        EXPECT_EQ(orders + more, "write 5 FIND_NODE; write 5 PING; write 5 GET_PROVIDERS") << cut;
        EXPECT_EQ(node.act(stream::Finished{ChannelId{5}}), "finish 5");
        node.close(5, 2);
        EXPECT_TRUE(node.state.inbound.empty());
        EXPECT_EQ(node.state.peers.at(PeerKey{2}).inbound_streams, 0U);
    }
}

TEST(KademliaServer, a_client_answers_nothing) {
    auto config = test_config();
    config.server = false;
    Node node(config);
    node.add(2, Direction::inbound);
    EXPECT_EQ(node.open_inbound(5, 2), "reset 5");
    node.add(3, Direction::inbound, true);
    EXPECT_EQ(node.open_inbound(6, 3), "finish 6");
}

TEST(KademliaServer, bounds_the_streams_of_a_peer) {
    Node node;
    node.add(2, Direction::inbound);
    for (std::uint64_t i = 0; i < 8; ++i) EXPECT_EQ(node.open_inbound(10 + i, 2), "");
    EXPECT_EQ(node.open_inbound(50, 2), "reset 50");
    node.close(10, 2);
    EXPECT_EQ(node.open_inbound(51, 2), "");
}

TEST(KademliaServer, ends_a_stream_beyond_the_peers_budget) {
    for (auto const finds_nodes_only : {false, true}) {
        Node node;
        node.add(2, Direction::inbound, finds_nodes_only);
        node.open_inbound(5, 2);
        for (int i = 0; i < 64; ++i) EXPECT_EQ(node.data(5, request_of(MessageType::ping, {})), "write 5 PING");
        EXPECT_EQ(node.data(5, request_of(MessageType::ping, {})), finds_nodes_only ? "finish 5" : "reset 5");
        EXPECT_EQ(node.only<Misbehaved>().what, Misbehaviour::too_many_requests);
        EXPECT_EQ(node.data(5, request_of(MessageType::ping, {})), "");
        node.now = node.now + 1s;
        node.open_inbound(6, 2);
        for (int i = 0; i < 8; ++i) EXPECT_EQ(node.data(6, request_of(MessageType::ping, {})), "write 6 PING");
        EXPECT_NE(node.data(6, request_of(MessageType::ping, {})), "write 6 PING");
        node.now = node.now + 1h;
        node.open_inbound(7, 2);
        for (int i = 0; i < 64; ++i) EXPECT_EQ(node.data(7, request_of(MessageType::ping, {})), "write 7 PING");
    }
}

TEST(KademliaServer, reports_what_is_malformed_or_too_long) {
    struct Case {
        base::ByteString bytes;
        Misbehaviour what;
    };
    base::ByteString const too_long{0x81, 0x80, 0x01};  // announces 16,385 bytes
    for (auto const& [bytes, what] :
         {Case{{0x01, 0x08}, Misbehaviour::malformed}, Case{too_long, Misbehaviour::too_long},
          Case{request_of(MessageType::find_node, {}), Misbehaviour::malformed}}) {
        Node node;
        node.add(2, Direction::inbound);
        node.open_inbound(5, 2);
        EXPECT_EQ(node.data(5, bytes), "reset 5");
        EXPECT_EQ(node.only<Misbehaved>().what, what);
        EXPECT_EQ(node.data(5, bytes), "");
    }
}

TEST(KademliaServer, ends_an_idle_stream) {
    Node node;
    node.add(2, Direction::inbound);
    node.open_inbound(5, 2);
    node.now = node.now + 60s;
    node.data(5, request_of(MessageType::ping, {}));
    EXPECT_EQ(node.tick_after(60s), "");
    EXPECT_EQ(node.tick_after(60s), "finish 5");
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
}

TEST(KademliaServer, tells_no_private_address_to_a_public_asker) {
    auto config = test_config();
    config.private_addresses = true;
    Node node(config);
    auto const home = address("/ip4/10.0.0.7/tcp/7");
    for (std::uint64_t i = 2; i < 4; ++i) {
        auto const at = i == 2 ? address_number(2) : address("/ip4/10.0.0.3/tcp/3");
        node.act(PeerConnected{PeerKey{i}, id_number(i), at, Direction::inbound});
        node.act(PeerIdentified{PeerKey{i}, true, false, {at}});
    }
    node.state.table.add(
        Member{.id = id_number(7), .key = key_of(id_number(7)), .addresses = {home, address_number(7)}}, config);
    node.state.table.add(Member{.id = id_number(8), .key = key_of(id_number(8)), .addresses = {home}}, config);
    Asker ask{node};
    auto const outside = ask(request_of(MessageType::find_node, id_key(500)), 2);
    EXPECT_EQ(ids_of(outside.closer), std::vector{id_number(7)});
    EXPECT_EQ(outside.closer[0].addresses, std::vector{address_number(7)});
    auto const inside = ask(request_of(MessageType::find_node, id_key(500)), 3);
    EXPECT_EQ(inside.closer.size(), 2U);
}

base::ByteString provide(std::uint64_t by, base::ByteView key, std::vector<Multiaddr> addresses) {
    Message message;
    message.type = MessageType::add_provider;
    message.key = key;
    message.providers = {{id_number(by), std::move(addresses)}};
    return encode(message);
}

TEST(KademliaServer, keeps_who_provides_and_answers_nothing) {
    Node node;
    node.add(2, Direction::inbound);
    node.add(3, Direction::inbound);
    node.open_inbound(5, 2);
    EXPECT_EQ(node.data(5, provide(2, id_key(70), {address_number(2), address("/ip4/127.0.0.1/tcp/1")})), "");
    EXPECT_TRUE(node.out.events.empty());
    Asker ask{node};
    auto const answer = ask(request_of(MessageType::get_providers, id_key(70)), 3);
    ASSERT_EQ(answer.providers.size(), 1U);
    EXPECT_EQ(answer.providers[0], (PeerAddresses{id_number(2), {address_number(2)}}));
    EXPECT_TRUE(ask(request_of(MessageType::get_providers, id_key(71)), 3).providers.empty());
}

TEST(KademliaServer, takes_provider_records_from_the_provider_only) {
    Node node;
    node.add(2, Direction::inbound);
    node.open_inbound(5, 2);
    node.data(5, provide(3, id_key(70), {address_number(3)}));
    EXPECT_EQ(node.only<Misbehaved>().what, Misbehaviour::invalid_record);
    node.data(5, provide(2, id_key(70), {}));
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(node.state.providers.size(), 0U);
}

TEST(KademliaServer, refuses_a_flood_of_records) {
    Node node;
    node.add(2, Direction::inbound);
    for (std::uint64_t i = 0; i < 65; ++i) {
        node.now = node.now + 1s;
        node.open_inbound(10 + i, 2);
        node.data(10 + i, provide(2, id_key(1000 + i), {address_number(2)}));
        node.close(10 + i, 2);
        EXPECT_TRUE(i == 64 || node.events<Misbehaved>().empty());
        node.open_inbound(200 + i, 2);
        if (i == 64) {
            node.data(200 + i, provide(2, id_key(1000 + i), {address_number(2)}));
            EXPECT_EQ(node.only<Misbehaved>().what, Misbehaviour::provider_flood);
        }
        node.close(200 + i, 2);
    }
    EXPECT_EQ(node.state.providers.size(), 64U);
    node.act(Forget{id_number(2)});
    EXPECT_EQ(node.state.providers.size(), 0U);
}

base::ByteString put(base::ByteView key, base::ByteView value) {
    Message message;
    message.type = MessageType::put_value;
    message.key = key;
    message.record = Record{key, value};
    return encode(message);
}

struct KeyOf {
    crypto::PublicKey key;
    base::ByteString name;
    explicit KeyOf(std::uint8_t number) : key(crypto::PrivateKey::ed25519_from_seed({number}).public_key()) {
        name = base::to_byte_string(base::as_bytes("/pk/"));
        base::append(name, PeerId::of(key).bytes());
    }
};

TEST(KademliaServer, echoes_and_keeps_a_valid_value) {
    Node node;
    node.add(2, Direction::inbound);
    Asker ask{node};
    KeyOf const one(1);
    auto const echo = ask(put(one.name, one.key.encode()));
    EXPECT_EQ(echo.type, MessageType::put_value);
    EXPECT_TRUE(base::equal(echo.record->value, one.key.encode()));
    auto const got = ask(request_of(MessageType::get_value, one.name));
    ASSERT_TRUE(got.record);
    EXPECT_TRUE(base::equal(got.record->value, one.key.encode()));
    node.now = node.now + 48h;
    EXPECT_FALSE(ask(request_of(MessageType::get_value, one.name)).record);
    node.act(Tick{});
    EXPECT_TRUE(node.state.values.empty());
}

// adv_CVE_2026_45783: js kad-dht stored what no validator knew.
TEST(KademliaServer, refuses_a_value_that_no_validator_takes) {
    KeyOf const one(1);
    KeyOf const two(2);
    auto const text = [](std::string_view bytes) { return base::to_byte_string(base::as_bytes(bytes)); };
    for (auto const& request :
         {put(text("anything"), text("x")), put(text("/pk"), text("x")), put(one.name, two.key.encode()),
          put(one.name, {}), request_of(MessageType::put_value, one.name)}) {
        Node node;
        node.add(2, Direction::inbound);
        node.open_inbound(5, 2);
        EXPECT_EQ(node.data(5, request), "reset 5");
        EXPECT_EQ(node.only<Misbehaved>().what, Misbehaviour::invalid_record);
        EXPECT_TRUE(node.state.values.empty());
    }
}

TEST(KademliaServer, ignores_streams_of_peers_that_are_gone) {
    Node node;
    EXPECT_EQ(node.open_inbound(5, 2), "finish 5");
    node.add(2, Direction::inbound);
    node.open_inbound(5, 2);
    node.act(PeerDisconnected{PeerKey{2}});
    EXPECT_TRUE(node.state.inbound.empty());
    EXPECT_EQ(node.data(5, request_of(MessageType::ping, {})), "");
    EXPECT_EQ(node.close(5, 2), "");
}

}  // namespace
}  // namespace libp2p::kademlia
