// Rules about peers, and Kademlia between swarms. Goal: rules hold at once and outlive the node; two nodes find in the
// DHT what the other knows. Method: two swarms joined in memory; every step is followed by check_invariants().
#include "libp2p/swarm/pair_of_swarms.h"

#include <gmock/gmock.h>

namespace libp2p {
namespace {

using namespace std::chrono_literals;

Config with_kademlia(std::uint8_t number) {
    auto config = pair_config(number);
    config.names.kademlia = "/coda/kad/1.0.0";
    // Who cannot be dialed enters no table.
    config.external_addresses = {Multiaddr::tcp_at({IpAddress::v4(10, 0, 0, number), 1000})};
    return config;
}

class PeersTest : public testing::Test {
protected:
    void open() {
        pair.connect();
        pair.link_up();
        pair.settle();
        pair.replies[0].clear();
    }
    Reply answer_to(CommandBody body) {
        pair.replies[0].clear();
        pair.order(0, std::move(body));
        pair.settle();
        EXPECT_EQ(pair.replies[0].size(), 1U);
        return pair.replies[0].empty() ? Reply{{}, base::fail(std::string("no answer"))} : pair.replies[0].front();
    }
    PairOfSwarms pair{with_kademlia(1), with_kademlia(2)};
};

TEST_F(PeersTest, a_ban_closes_the_connection_is_stored_and_ends) {
    open();
    EXPECT_TRUE(answer_to(command::SetRule{pair.listener_id(), RuleKind::ban, 1h, "spam"}).result);
    EXPECT_TRUE(pair.closed[0]);
    ASSERT_EQ(pair.stored[0].size(), 1U);
    auto const* const put = std::get_if<PutRule>(&pair.stored[0].front());
    ASSERT_NE(put, nullptr);
    EXPECT_EQ(put->rule.reason, "spam");
    EXPECT_FALSE(answer_to(command::Connect{Multiaddr::tcp_at({IpAddress::v4(10, 0, 0, 2), 1000})
                                                .with_peer_id(pair.listener_id())})
                     .result);
    pair.pass(2h);
    ASSERT_EQ(pair.stored[0].size(), 2U);
    EXPECT_TRUE(std::holds_alternative<EraseRule>(pair.stored[0].back()));
    EXPECT_TRUE(pair.dialer().gate().rules().empty());
}

TEST_F(PeersTest, a_stored_ban_holds_in_the_next_run) {
    auto listener = with_kademlia(2);
    listener.rules = {};
    PairOfSwarms again(with_kademlia(1), listener);
    auto const dialer = again.dialer().self();
    Stored stored;
    stored.rules = {{dialer, RuleKind::ban, base::Instant::never(), 0, "before"}};
    again.step(1, Start{{{IpAddress::v4(10, 0, 0, 2), 1000}}, {}, stored});
    again.connect();
    again.link_up();
    again.settle();
    EXPECT_TRUE(again.closed[1]);
    EXPECT_EQ(again.listener().connected_peers(), 0U);
}

TEST_F(PeersTest, with_an_allow_rule_nobody_else_comes_in) {
    auto listener = with_kademlia(2);
    auto const friend_id = PeerId::of(crypto::PrivateKey::ed25519_from_seed({77}).public_key());
    listener.rules = {{friend_id, RuleKind::allow, base::Instant::never(), 0, ""}};
    PairOfSwarms closed_club(with_kademlia(1), listener);
    closed_club.connect();
    closed_club.link_up();
    closed_club.settle();
    EXPECT_EQ(closed_club.listener().connected_peers(), 0U);
}

TEST_F(PeersTest, a_trusted_peer_cannot_be_shut_out_by_a_ban_of_its_range) {
    auto listener = with_kademlia(2);
    auto const dialer = PeerId::of(crypto::PrivateKey::ed25519_from_seed({1}).public_key());
    listener.rules = {{dialer, RuleKind::trust, base::Instant::never(), 0, ""}};
    PairOfSwarms trusting(with_kademlia(1), listener);
    trusting.connect();
    trusting.link_up();
    trusting.settle();
    trusting.order(1, command::SetRule{IpRange::of(IpAddress::v4(10, 0, 0, 0), 8), RuleKind::ban, 1h, ""});
    trusting.settle();
    EXPECT_EQ(trusting.listener().connected_peers(), 1U);
}

TEST_F(PeersTest, both_enter_each_others_routing_table) {
    open();
    for (int i = 0; i < 20; ++i) {
        pair.pass(1s);
        pair.settle();
    }
    EXPECT_EQ(pair.dialer().kademlia().table.size(), 1U);
    EXPECT_EQ(pair.listener().kademlia().table.size(), 1U);
}

TEST_F(PeersTest, asks_one_peer_for_those_closest_to_a_key) {
    open();
    auto const& id = pair.listener_id();
    auto const reply = answer_to(command::AskClosest{id, base::to_byte_string(id.bytes())});
    ASSERT_TRUE(reply.result) << reply.result.error();
    auto const* const peers = std::get_if<reply::Peers>(&*reply.result);
    ASSERT_NE(peers, nullptr);
    ASSERT_FALSE(peers->peers.empty());
    // mina: a node that does not name itself is not taken into the tables of Mina's helper.
    EXPECT_EQ(peers->peers.front().id, pair.listener_id());
}

TEST_F(PeersTest, provider_records_cross) {
    open();
    for (int i = 0; i < 20; ++i) {
        pair.pass(1s);
        pair.settle();
    }
    base::ByteString key(34, 7);
    key[0] = 0x12;
    key[1] = 0x20;
    EXPECT_TRUE(answer_to(command::Provide{key}).result);
    pair.replies[1].clear();
    pair.order(1, command::FindProviders{key, 20});
    pair.settle();
    ASSERT_EQ(pair.replies[1].size(), 1U);
    ASSERT_TRUE(pair.replies[1].front().result) << pair.replies[1].front().result.error();
    auto const* const found = std::get_if<reply::Peers>(&*pair.replies[1].front().result);
    ASSERT_NE(found, nullptr);
    ASSERT_EQ(found->peers.size(), 1U);
    EXPECT_EQ(found->peers.front().id, pair.dialer().self());
}

TEST_F(PeersTest, a_node_without_kademlia_says_so) {
    PairOfSwarms plain;
    plain.order(0, command::FindClosest{{1, 2, 3}});
    ASSERT_EQ(plain.replies[0].size(), 1U);
    EXPECT_THAT(plain.replies[0].front().result.error(), testing::HasSubstr("Kademlia"));
}

TEST_F(PeersTest, announces_the_interfaces_in_place_of_an_unspecified_address) {
    base::NoTrace trace;
    auto config = with_kademlia(1);
    config.private_addresses = false;
    config.external_addresses.clear();
    Swarm swarm(config, trace);
    auto const interface = IpAddress::v4(20, 0, 0, 1);
    swarm.step({}, Start{{{IpAddress{}, 8302}}, {interface, IpAddress::v4(192, 168, 1, 5)}});
    EXPECT_THAT(swarm.announced_addresses(), testing::ElementsAre(Multiaddr::tcp_at({interface, 8302})));
    EXPECT_EQ(swarm.listen_addresses().size(), 2U);
}

}  // namespace
}  // namespace libp2p
