// The Discovery machine. Goal: peers are looked for while they are wanted, the right ones are dialed, and none too many
// are kept. Method: one machine is told what happens, and its orders are read; time is a number.
#include "mina/discovery/discovery.h"

#include <gmock/gmock.h>

namespace mina::discovery {
namespace {

using namespace std::chrono_literals;
using libp2p::Direction;
using libp2p::Multiaddr;
using libp2p::PeerId;
using libp2p::peerstore::Source;

PeerId peer(int number) {
    return PeerId::of(crypto::PrivateKey::ed25519_from_seed({static_cast<std::uint8_t>(number),
                                                             static_cast<std::uint8_t>(number >> 8), 7})
                          .public_key());
}

// Each in a group of its own.
Multiaddr address(int number) {
    return Multiaddr::tcp_at({libp2p::IpAddress::v4(static_cast<std::uint8_t>(20 + number / 200),
                                                    static_cast<std::uint8_t>(number % 200), 1, 1),
                              8302});
}

class DiscoveryTest : public testing::Test {
protected:
    DiscoveryTest() {
        config.book.self = peer(0);
        config.peers_min = 2;
        config.peers_target = 4;
        config.peers_max = 6;
        config.outbound_min = 2;
        config.connecting_max = 3;
        config.rendezvous = {1, 2, 3};
    }

    void begin() {
        state.emplace(config);
        act(Started{stored});
        act(DiscoverPeers{});
    }
    void act(Action const& action) {
        Out step;
        reduce(*state, action, gate, {now, rng, trace}, step);
        for (auto& effect : step.effects) out.effects.push_back(std::move(effect));
        for (auto const& event : step.events) out.events.push_back(event);
    }
    // Lets time pass, deadline after deadline.
    void pass(base::Duration time) {
        auto const end = now + time;
        while (next_deadline(*state) <= end) {
            now = std::max(now, next_deadline(*state));
            act(DiscoverPeers{mesh});
        }
        now = end;
    }
    template <class T>
    std::vector<T> take() {
        std::vector<T> all;
        std::vector<Effect> rest;
        for (auto& effect : out.effects) {
            if (auto* const wanted = std::get_if<T>(&effect)) {
                all.push_back(std::move(*wanted));
            } else {
                rest.push_back(std::move(effect));
            }
        }
        out.effects = std::move(rest);
        return all;
    }
    std::vector<PeerId> dialed() {
        std::vector<PeerId> ids;
        for (auto const& attempt : take<AttemptConnection>()) ids.push_back(attempt.peer);
        return ids;
    }
    void connect(int number, Direction direction = Direction::outbound) {
        act(PeerConnected{peer(number), address(number), direction});
    }
    void tell(int first, int last) {
        PeersTold told{Source::kademlia, peer(1000), {}};
        for (int i = first; i <= last; ++i) told.peers.push_back({peer(i), {address(i)}});
        act(told);
    }
    Why why_of(int number) {
        for (auto const& why : discovery::why(*state, gate, now)) {
            if (why.peer == peer(number)) return why;
        }
        return {};
    }

    Config config;
    std::vector<libp2p::StoredPeer> stored;
    std::optional<State> state;
    libp2p::peerstore::Gate gate;
    base::Instant now{1'000'000'000};
    base::Rng rng{base::Rng::Seed{9}};
    base::NoTrace trace;
    std::vector<PeerId> mesh;
    Out out;
};

TEST_F(DiscoveryTest, a_round_asks_the_dht_and_ends_when_all_have_answered) {
    begin();
    EXPECT_EQ(state->phase, Phase::discovering);
    auto const closest = take<AskClosest>();
    ASSERT_EQ(closest.size(), 1U);
    EXPECT_EQ(closest[0].key.size(), 34U);  // mina: the Rust node closes on another form
    auto const providers = take<AskProviders>();
    ASSERT_EQ(providers.size(), 1U);
    EXPECT_EQ(providers[0].key, config.rendezvous);
    act(QueryAnswered{Query::closest, {{peer(1), {address(1)}}, {peer(2), {address(2)}}}});
    EXPECT_EQ(state->phase, Phase::discovering);
    EXPECT_TRUE(out.events.empty());
    act(QueryAnswered{Query::providers, {{peer(2), {address(2)}}}});
    EXPECT_EQ(state->phase, Phase::idle);
    ASSERT_EQ(out.events.size(), 1U);
    EXPECT_EQ(out.events[0].new_peers, 2U);
    EXPECT_THAT(dialed(), testing::UnorderedElementsAre(peer(1), peer(2)));
}

TEST_F(DiscoveryTest, a_round_ends_without_the_silent) {
    begin();
    pass(config.round_timeout);
    ASSERT_EQ(out.events.size(), 1U);
    // The next one comes after the short interval, since there are no peers.
    pass(config.interval_low * 5 / 4);
    EXPECT_EQ(state->rounds, 2U);
}

TEST_F(DiscoveryTest, dials_no_more_at_once_than_it_may_and_no_more_than_are_wanted) {
    begin();
    tell(1, 20);
    EXPECT_EQ(dialed().size(), 3U);
    for (int i = 1; i <= 4; ++i) connect(i);
    tell(21, 40);
    EXPECT_TRUE(dialed().empty());
    EXPECT_EQ(why_of(30).state, "not wanted");
    EXPECT_EQ(why_of(1).state, "connected");
}

TEST_F(DiscoveryTest, dials_on_above_the_target_until_enough_of_the_peers_are_its_own_choice) {
    begin();
    for (int i = 1; i <= 5; ++i) connect(i, Direction::inbound);
    tell(10, 20);
    EXPECT_EQ(dialed().size(), config.outbound_min);
}

TEST_F(DiscoveryTest, replaces_a_lost_peer_at_once) {
    begin();
    tell(1, 4);
    for (int i = 1; i <= 4; ++i) connect(i);
    dialed();
    tell(5, 5);
    pass(2min);
    EXPECT_TRUE(dialed().empty());
    act(PeerDisconnected{peer(2)});
    EXPECT_EQ(dialed().size(), 1U);
}

TEST_F(DiscoveryTest, dials_the_operators_peers_first_for_ever_and_however_many_there_are) {
    config.operator_peers = {address(50).with_peer_id(peer(50))};
    begin();
    auto const attempts = take<AttemptConnection>();
    ASSERT_EQ(attempts.size(), 1U);
    EXPECT_TRUE(attempts[0].keep);
    EXPECT_FALSE(attempts[0].is_hearsay);
    // Whoever dials keeps trying: it is not ordered a second time.
    for (int i = 0; i < 20; ++i) act(DialFailed{peer(50), libp2p::DisconnectReason::connection_refused, true});
    connect(50);
    act(PeerDisconnected{peer(50)});
    pass(10min);
    EXPECT_TRUE(dialed().empty());
}

TEST_F(DiscoveryTest, a_lost_uplink_does_not_empty_the_book) {
    stored = {{peer(1), {address(1)}, "agent", base::Instant{}, libp2p::long_ago, 0, true}};
    begin();
    for (int i = 0; i < 100; ++i) {
        pass(2h);
        act(DialFailed{peer(1), libp2p::DisconnectReason::unreachable, false});
    }
    EXPECT_NE(state->book.find(peer(1)), nullptr);
}

TEST_F(DiscoveryTest, offline_peers_of_the_operator_take_no_slot) {
    for (int i = 50; i < 60; ++i) config.operator_peers.push_back(address(i).with_peer_id(peer(i)));
    begin();
    EXPECT_EQ(dialed().size(), 10U);
    for (int i = 50; i < 60; ++i) act(DialFailed{peer(i), libp2p::DisconnectReason::unreachable, true});
    tell(1, 5);
    EXPECT_EQ(dialed().size(), config.connecting_max);
    EXPECT_EQ(why_of(50).state, "kept");
}

TEST_F(DiscoveryTest, orders_a_peer_of_the_operator_also_while_a_rule_stands_against_it) {
    config.operator_peers = {address(50).with_peer_id(peer(50))};
    ASSERT_TRUE(gate.put({peer(50), libp2p::RuleKind::ban, now + 1h, 0, ""}, now));
    begin();
    EXPECT_THAT(dialed(), testing::ElementsAre(peer(50)));  // the swarm dials when the ban is over
}

TEST_F(DiscoveryTest, hanging_up_is_no_failure_of_the_peer) {
    begin();
    tell(1, 1);
    connect(1);
    act(PeerDisconnected{peer(1), libp2p::DisconnectReason::trimmed});
    EXPECT_EQ(state->book.find(peer(1))->failures, 0U);
    pass(1min);
    dialed();
    connect(1);
    act(PeerDisconnected{peer(1), libp2p::DisconnectReason::connection_reset});
    EXPECT_EQ(state->book.find(peer(1))->failures, 1U);
}

TEST_F(DiscoveryTest, what_a_lookup_dialed_in_vain_says_nothing_about_the_peer) {
    begin();
    for (int i = 1; i <= 4; ++i) connect(i);
    tell(10, 10);
    for (int i = 0; i < 20; ++i) act(DialFailed{peer(10), libp2p::DisconnectReason::unreachable, false});
    ASSERT_NE(state->book.find(peer(10)), nullptr);
    EXPECT_EQ(state->book.find(peer(10))->failures, 0U);
}

TEST_F(DiscoveryTest, forgets_hearsay_that_fails_too_often) {
    config.attempts_max = 3;
    begin();
    tell(1, 1);
    for (int i = 0; i < 3; ++i) {
        pass(2h);
        act(DialFailed{peer(1), libp2p::DisconnectReason::connection_refused, false});
    }
    EXPECT_EQ(state->book.find(peer(1)), nullptr);
}

TEST_F(DiscoveryTest, dials_no_private_address_that_others_tell_of) {
    begin();
    auto const private_address = Multiaddr::tcp_at({libp2p::IpAddress::v4(192, 168, 1, 1), 80});
    act(PeersTold{Source::kademlia, peer(1000), {{peer(1), {private_address}}}});
    pass(1h);
    EXPECT_TRUE(dialed().empty());
}

TEST_F(DiscoveryTest, dials_nobody_that_is_banned_and_says_so) {
    ASSERT_TRUE(gate.put({peer(1), libp2p::RuleKind::ban, now + 1h, 0, "spam"}, now));
    begin();
    tell(1, 1);
    EXPECT_TRUE(dialed().empty());
    EXPECT_THAT(why_of(1).text, testing::HasSubstr("spam"));
}

TEST_F(DiscoveryTest, trims_above_the_maximum_to_the_target_at_random_and_spares_the_protected) {
    config.operator_peers = {address(1).with_peer_id(peer(1))};
    ASSERT_TRUE(gate.put({peer(2), libp2p::RuleKind::trust, {}, 0, ""}, now));
    mesh = {peer(3)};
    begin();
    for (int i = 1; i <= 12; ++i) connect(i, Direction::inbound);
    EXPECT_TRUE(take<HangUp>().empty());
    pass(config.trim_grace * 2);
    std::vector<PeerId> hung_up;
    for (auto const& order : take<HangUp>()) hung_up.push_back(order.peer);
    EXPECT_EQ(hung_up.size(), 8U);
    for (int i = 1; i <= 3; ++i) EXPECT_THAT(hung_up, testing::Not(testing::Contains(peer(i))));
}

TEST_F(DiscoveryTest, trims_none_of_the_last_that_it_dialed_itself) {
    begin();
    for (int i = 1; i <= 2; ++i) connect(i, Direction::outbound);
    for (int i = 3; i <= 9; ++i) connect(i, Direction::inbound);
    pass(config.trim_grace * 2);
    for (auto const& order : take<HangUp>()) {
        EXPECT_NE(order.peer, peer(1));
        EXPECT_NE(order.peer, peer(2));
    }
}

TEST_F(DiscoveryTest, keeps_the_connection_of_a_lookup_only_while_peers_are_wanted) {
    begin();
    connect(1);
    act(PeerSpare{peer(1)});
    EXPECT_TRUE(take<HangUp>().empty());
    for (int i = 2; i <= 5; ++i) connect(i);
    act(PeerSpare{peer(1)});
    EXPECT_EQ(take<HangUp>().size(), 1U);
}

TEST_F(DiscoveryTest, starts_from_what_was_stored_without_any_seed) {
    stored = {{peer(1), {address(1)}, "agent", base::Instant{}, libp2p::long_ago, 0, true}};
    begin();
    EXPECT_THAT(dialed(), testing::ElementsAre(peer(1)));
    auto const told = take<TellLookups>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].peers.front().id, peer(1));
}

TEST_F(DiscoveryTest, remembers_a_peer_that_it_was_connected_to) {
    begin();
    tell(1, 1);
    connect(1);
    act(PeerIdentified{peer(1), "agent", {address(1)}});
    auto const orders = take<Remember>();
    ASSERT_FALSE(orders.empty());
    auto const* const put = std::get_if<libp2p::PutPeer>(&orders.back().order);
    ASSERT_NE(put, nullptr);
    EXPECT_EQ(put->peer.id, peer(1));
    EXPECT_EQ(put->peer.agent, "agent");
}

TEST_F(DiscoveryTest, provides_the_rendezvous_key_until_it_is_said) {
    begin();
    EXPECT_EQ(take<Provide>().size(), 1U);
    act(ProvideAnswered{false});
    pass(config.provide_retry);
    EXPECT_EQ(take<Provide>().size(), 1U);
    act(ProvideAnswered{true});
    pass(1h);
    EXPECT_TRUE(take<Provide>().empty());
}

TEST_F(DiscoveryTest, a_thousand_peers_offered_by_one_do_not_push_out_the_others) {
    begin();
    for (int i = 1; i <= 50; ++i) act(PeersTold{Source::kademlia, peer(2000 + i), {{peer(i), {address(i)}}}});
    PeersTold flood{Source::kademlia, peer(5000), {}};
    for (int i = 100; i < 1100; ++i) flood.peers.push_back({peer(i), {address(i)}});
    for (int round = 0; round < 10; ++round) act(flood);
    for (int i = 1; i <= 50; ++i) EXPECT_NE(state->book.find(peer(i)), nullptr);
    EXPECT_LE(state->book.size(), 50 + config.book.teller_max);
}

TEST_F(DiscoveryTest, looks_for_nobody_when_none_is_wanted) {
    config.peers_target = 0;
    config.outbound_min = 0;
    begin();
    tell(1, 10);
    pass(1h);
    EXPECT_TRUE(take<AskClosest>().empty());
    EXPECT_TRUE(dialed().empty());
}

TEST_F(DiscoveryTest, an_address_without_a_name_is_tried_again_until_somebody_is_there) {
    config.operator_peers = {address(7)};
    begin();
    EXPECT_EQ(take<AttemptConnection>().size(), 1U);
    pass(10min);
    auto const tries = take<AttemptConnection>().size();
    EXPECT_GE(tries, 2U);
    EXPECT_LE(tries, 8U);
    connect(7);
    act(NamelessReached{address(7), peer(7)});
    pass(10min);
    EXPECT_TRUE(take<AttemptConnection>().empty());
    EXPECT_EQ(state->book.find(peer(7))->source, Source::operator_given);
}

}  // namespace
}  // namespace mina::discovery
