// Goal: the peer machine retries with back-off, keeps one connection of a pair, and its table is what the docs draw.
// Method: the phase x action matrix as a snapshot; both sides of the duplicate rule; back-off bounds over many draws.
#include "libp2p/peer/peer.h"

#include "libp2p/peer/duplicate_rule.h"

#include <gtest/gtest.h>

namespace libp2p::peer {
namespace {

using namespace std::chrono_literals;

PeerId id_of(std::uint8_t number) {
    base::ByteArray<32> raw{};
    raw[0] = number;
    return PeerId::of(crypto::PublicKey::ed25519(raw));
}

TEST(peer_table, accepts_and_ignores_as_drawn) {
    std::string text;
    for (int phase = 0; phase < phase_count; ++phase) {
        text += std::string(to_string(static_cast<Phase>(phase))) + ":";
        for (int action = 0; action < action_count; ++action) {
            auto const expectation = expects(static_cast<Phase>(phase), action);
            if (expectation == Expectation::accept) text += " " + std::string(action_name(action));
        }
        text += "\n";
    }
    EXPECT_EQ(text,
              "Unknown: Want ConnectionOpened ConnectionLost Drop Ban\n"
              "Dialing: Want DialFailed ConnectionOpened ConnectionLost Drop Ban\n"
              "Connected: Want ConnectionOpened ConnectionLost Drop Ban Expired\n"
              "Backoff: Want ConnectionOpened ConnectionLost Drop Ban Expired\n"
              "Banned: ConnectionOpened ConnectionLost Drop Ban Unban Expired\n");
}

class PeerTest : public ::testing::Test {
protected:
    PeerTest() {
        config.self = id_of(1);
        state.config = &config;
        state.key = PeerKey{1};
        state.id = id_of(2);
        learn_address(state, *Multiaddr::from_text("/ip4/10.0.0.1/tcp/1"), true);
    }
    void act(Action const& action) {
        out.clear();
        reduce(state, action, {now, rng, trace}, out);
    }
    template <class Wanted>
    Wanted const* ordered() const {
        for (auto const& effect : out.effects) {
            if (auto const* wanted = std::get_if<Wanted>(&effect)) return wanted;
        }
        return nullptr;
    }

    Config config;
    base::Instant now{1'000'000};
    base::Rng rng{base::Rng::Seed{1}};
    base::NoTrace trace;
    State state;
    Out out;
};

TEST_F(PeerTest, a_kept_peer_is_dialed_again_with_growing_delays) {
    act(Want{.keep = true});
    ASSERT_NE(ordered<StartDial>(), nullptr);
    base::Duration step = config.first;
    for (int attempt = 0; attempt < 12; ++attempt) {
        act(DialFailed{DisconnectReason::connection_refused});
        ASSERT_NE(ordered<AttemptFailed>(), nullptr);
        auto const delay = ordered<AttemptFailed>()->retry_in;
        ASSERT_TRUE(delay);
        EXPECT_GE(*delay, step / 2);
        EXPECT_LE(*delay, step);
        EXPECT_EQ(state.phase, Phase::backoff);
        step = std::min(step * 2, config.cap);
        now = state.deadline;
        act(Expired{});
        ASSERT_NE(ordered<StartDial>(), nullptr);
    }
}

TEST_F(PeerTest, a_peer_that_is_not_kept_is_tried_once) {
    act(Want{});
    act(DialFailed{DisconnectReason::unreachable});
    EXPECT_EQ(state.phase, Phase::unknown);
    EXPECT_FALSE(ordered<AttemptFailed>()->retry_in);
}

TEST_F(PeerTest, a_long_connection_clears_the_failures) {
    act(Want{.keep = true});
    act(DialFailed{});
    act(ConnectionOpened{ConnectionId{1}, Direction::outbound});
    now = now + config.stable;
    act(ConnectionLost{ConnectionId{1}, DisconnectReason::remote_closed});
    EXPECT_EQ(state.failures, 1U);  // of this loss alone
    EXPECT_NE(ordered<BecameDisconnected>(), nullptr);
}

TEST_F(PeerTest, of_a_mutual_dial_both_sides_keep_the_same_connection) {
    Config theirs = config;
    theirs.self = state.id;
    for (auto const first : {Direction::inbound, Direction::outbound}) {
        auto const opposite = first == Direction::inbound ? Direction::outbound : Direction::inbound;
        // The same two connections, seen from either end, in the same order of opening.
        auto const here = newer_survives(config, state.id, {ConnectionId{1}, first, now}, opposite, now + 1s);
        auto const there = newer_survives(theirs, config.self, {ConnectionId{1}, opposite, now}, first, now + 1s);
        EXPECT_EQ(here, there);
    }
    // And in the other order of opening at the other end: what survives is the same connection.
    Connection const older{ConnectionId{1}, Direction::inbound, now};
    auto const newer_here = newer_survives(config, state.id, older, Direction::outbound, now);
    auto const newer_there = newer_survives(theirs, config.self, older, Direction::outbound, now);
    EXPECT_NE(newer_here, newer_there);
}

TEST_F(PeerTest, the_loser_is_closed_after_its_grace) {
    act(ConnectionOpened{ConnectionId{1}, Direction::inbound});
    now = now + 20s;
    act(ConnectionOpened{ConnectionId{2}, Direction::inbound});
    EXPECT_EQ(ordered<CloseConnection>(), nullptr);
    EXPECT_EQ(ordered<BecameConnected>()->connection, ConnectionId{2});
    now = state.deadline;
    act(Expired{});
    ASSERT_NE(ordered<CloseConnection>(), nullptr);
    EXPECT_EQ(ordered<CloseConnection>()->connection, ConnectionId{1});
    EXPECT_EQ(next_deadline(state), base::Instant::never());
}

TEST_F(PeerTest, the_loser_takes_over_when_the_winner_ends_within_the_grace) {
    act(ConnectionOpened{ConnectionId{1}, Direction::inbound});
    now = now + 20s;
    act(ConnectionOpened{ConnectionId{2}, Direction::inbound});
    act(ConnectionLost{ConnectionId{2}, DisconnectReason::remote_closed});
    EXPECT_EQ(ordered<BecameConnected>()->connection, ConnectionId{1});
    EXPECT_EQ(state.phase, Phase::connected);
    EXPECT_EQ(next_deadline(state), base::Instant::never());
}

TEST_F(PeerTest, a_banned_peer_is_closed_and_refused_until_the_ban_ends) {
    act(ConnectionOpened{ConnectionId{1}, Direction::inbound});
    act(Ban{now + 1h});
    EXPECT_EQ(ordered<CloseConnection>()->reason, DisconnectReason::banned);
    EXPECT_NE(ordered<BecameDisconnected>(), nullptr);
    act(ConnectionOpened{ConnectionId{2}, Direction::inbound});
    EXPECT_EQ(ordered<CloseConnection>()->reason, DisconnectReason::banned);
    act(Want{.keep = true});
    EXPECT_TRUE(out.effects.empty());
    now = now + 1h;
    act(Expired{});
    EXPECT_EQ(state.phase, Phase::unknown);
}

TEST_F(PeerTest, addresses_are_bounded_and_the_best_comes_first) {
    for (int port = 2; port < 40; ++port) {
        learn_address(state, *Multiaddr::from_text("/ip4/10.0.0.1/tcp/" + std::to_string(port)), port % 2 == 0);
    }
    EXPECT_EQ(state.addresses.size(), addresses_max);
    EXPECT_EQ(state.addresses.front().text(), "/ip4/10.0.0.1/tcp/38");
}

}  // namespace
}  // namespace libp2p::peer
