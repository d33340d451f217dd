// NodeSetup. Goal: a recording's setup makes the same node again.
// Method: there and back as text, and the cores compared.
#include "apps/node_setup.h"

#include "replay/recording_core.h"

#include <gtest/gtest.h>

namespace apps {
namespace {

NodeSetup unusual_setup() {
    NodeSetup setup;
    setup.network = *mina::builtin("devnet");
    setup.network.agent = "a \"quoted\" name";
    setup.network.formats = {mina::messages::Format::berkeley};
    setup.key = crypto::PrivateKey::ed25519_from_seed({1, 2, 3});
    setup.seed = {4, 5, 6};
    setup.first_sequence_number = std::uint64_t{1} << 63;
    setup.peers = parse_addresses({"/ip4/10.0.0.1/tcp/1"}, "test");
    setup.external = parse_addresses({"/dns4/example.org/tcp/2"}, "test");
    auto const range = libp2p::IpRange::of(libp2p::IpAddress::v4(10, 1, 0, 0), 16);
    auto const id = libp2p::PeerId::of(setup.key.public_key());
    setup.rules = {{range, libp2p::RuleKind::deny, base::Instant::never(), 0, "configuration"},
                   {id, libp2p::RuleKind::trust, base::Instant::never(), 0, {}}};
    setup.dht = "client";
    setup.application_verdicts = true;
    setup.is_client = true;
    setup.serves_perf = true;
    setup.has_gossip = false;
    setup.peers_min = 1;
    setup.peers_target = 2;
    setup.peers_max = 13;
    setup.outbound_min = 1;
    setup.connecting_max = 3;
    setup.attempts_max = 4;
    setup.connections_max = 5;
    setup.inbound_max = 6;
    setup.per_ip_max = 7;
    setup.discovery_interval = std::chrono::seconds(8);
    setup.dial_timeout = std::chrono::seconds(9);
    setup.keep_alive = std::chrono::seconds(10);
    setup.retry_first = std::chrono::seconds(11);
    setup.retry_max = std::chrono::seconds(12);
    return setup;
}

TEST(NodeSetup, comes_back_from_its_text) {
    auto const setup = unusual_setup();
    auto const again = setup_from_text(to_text(setup));
    ASSERT_TRUE(again) << again.error();
    EXPECT_EQ(to_text(*again), to_text(setup));
    auto network = setup.network;
    network.seed_list_urls.clear();  // for people only
    EXPECT_EQ(again->network, network);
    EXPECT_EQ(again->peers, setup.peers);
    EXPECT_EQ(again->external, setup.external);
    EXPECT_EQ(again->rules, setup.rules);
    EXPECT_EQ(again->dht, "client");
    EXPECT_EQ(again->seed, setup.seed);
    EXPECT_EQ(again->first_sequence_number, setup.first_sequence_number);
    EXPECT_TRUE(again->application_verdicts && again->is_client && again->serves_perf && !again->has_gossip);
    EXPECT_EQ(again->per_ip_max, 7U);
    EXPECT_EQ(again->retry_max, std::chrono::seconds(12));
}

TEST(NodeSetup, makes_the_same_core_again) {
    base::NoTrace trace;
    auto const setup = unusual_setup();
    auto const first = make_component(setup, trace);
    auto const second = make_component(*setup_from_text(to_text(setup)), trace);
    EXPECT_EQ(replay::digest_of(*first), replay::digest_of(*second));
    auto other = setup;
    other.key = crypto::PrivateKey::ed25519_from_seed({9});
    EXPECT_NE(replay::digest_of(*first), replay::digest_of(*make_component(other, trace)));
}

TEST(NodeSetup, says_what_is_wrong_with_a_damaged_text) {
    auto const text = to_text(unusual_setup());
    EXPECT_FALSE(setup_from_text(""));
    EXPECT_FALSE(setup_from_text("{}"));
    EXPECT_FALSE(setup_from_text(text.substr(0, text.size() / 2)));
}

}  // namespace
}  // namespace apps
