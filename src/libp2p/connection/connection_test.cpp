// Goal: the connection machine goes through its phases, ends once with one reason, and its table is what the docs draw.
// Method: the whole phase x action matrix as a snapshot; each deadline and end by example.
#include "libp2p/connection/connection.h"

#include <gtest/gtest.h>
#include <set>

namespace libp2p::connection {
namespace {

using namespace std::chrono_literals;

std::string matrix() {
    std::string text;
    for (int phase = 0; phase < phase_count; ++phase) {
        text += std::string(to_string(static_cast<Phase>(phase))) + ":";
        for (int action = 0; action < action_count; ++action) {
            auto const expectation = expects(static_cast<Phase>(phase), action);
            if (expectation == Expectation::bug) continue;
            text += " " + std::string(action_name(action)) + (expectation == Expectation::ignore ? "-" : "");
        }
        text += "\n";
    }
    return text;
}

TEST(connection_table, accepts_ignores_and_forbids_as_drawn) {
    // "-" marks what is ignored; what is not listed is a bug.
    EXPECT_EQ(matrix(),
              "Dialing: Linked Unlinked Close Expired Drained-\n"
              "Securing: Unlinked Secured Faulted Heard Close Expired Drained-\n"
              "Muxing: Unlinked Muxed Faulted Heard Close Expired Drained-\n"
              "Open: Unlinked Faulted Heard RemoteLeft Close Expired Drained-\n"
              "Closing: Unlinked Faulted Heard- RemoteLeft- Close- Expired Drained\n"
              "Closed: Linked- Unlinked- Secured- Muxed- Faulted- Heard- RemoteLeft- Close- Expired- Drained-\n");
}

class ConnectionTest : public ::testing::Test {
protected:
    void act(Action const& action) { reduce(state, action, {now, rng, trace}, out); }
    void open() {
        state = begin(config, Direction::inbound, now);
        act(Secured{});
        act(Muxed{});
        out.clear();
    }
    template <class Wanted>
    bool ordered() const {
        for (auto const& effect : out.effects) {
            if (std::holds_alternative<Wanted>(effect)) return true;
        }
        return false;
    }

    Config config;
    base::Instant now{1'000'000};
    base::Rng rng{base::Rng::Seed{1}};
    base::NoTrace trace;
    State state = begin(config, Direction::outbound, now);
    Out out;
};

TEST_F(ConnectionTest, goes_from_dialing_to_open) {
    EXPECT_EQ(state.phase, Phase::dialing);
    act(Linked{});
    EXPECT_TRUE(ordered<BeginUpgrade>());
    act(Secured{});
    act(Muxed{});
    EXPECT_EQ(state.phase, Phase::open);
    EXPECT_TRUE(ordered<BecameOpen>());
    EXPECT_TRUE(ordered<SendPing>());
}

TEST_F(ConnectionTest, each_stage_has_a_deadline_and_a_reason) {
    now = state.deadline;
    act(Expired{});
    EXPECT_EQ(state.reason, DisconnectReason::dial_timed_out);

    state = begin(config, Direction::inbound, now);
    now = state.deadline;
    act(Expired{});
    EXPECT_EQ(state.reason, DisconnectReason::securing_timed_out);

    state = begin(config, Direction::inbound, now);
    act(Secured{});
    now = state.deadline;
    act(Expired{});
    EXPECT_EQ(state.reason, DisconnectReason::muxing_timed_out);
}

TEST_F(ConnectionTest, an_early_expiry_changes_nothing) {
    act(Expired{});
    EXPECT_EQ(state.phase, Phase::dialing);
    EXPECT_TRUE(out.effects.empty());
}

TEST_F(ConnectionTest, a_silent_peer_is_pinged_and_then_given_up) {
    open();
    now = now + 1ms;
    act(Heard{});
    for (int i = 0; i < 2 && !ordered<SendPing>(); ++i) {
        now = state.deadline;
        act(Expired{});
    }
    ASSERT_TRUE(ordered<SendPing>());
    EXPECT_EQ(state.phase, Phase::open);
    now = state.deadline;
    act(Expired{});
    EXPECT_EQ(state.phase, Phase::closed);
    EXPECT_EQ(state.reason, DisconnectReason::keep_alive_timed_out);
}

TEST_F(ConnectionTest, a_peer_that_speaks_is_never_given_up) {
    open();
    for (int i = 0; i < 20; ++i) {
        now = now + 5s;
        act(Heard{});
        if (now >= state.deadline) act(Expired{});
        ASSERT_EQ(state.phase, Phase::open);
    }
}

TEST_F(ConnectionTest, closing_says_goodbye_and_ends_when_all_is_sent) {
    open();
    act(Close{DisconnectReason::hung_up});
    EXPECT_EQ(state.phase, Phase::closing);
    EXPECT_TRUE(ordered<SayGoodbye>());
    EXPECT_TRUE(ordered<BecameClosing>());
    act(Drained{});
    EXPECT_EQ(state.phase, Phase::closed);
    EXPECT_EQ(state.reason, DisconnectReason::hung_up);
}

TEST_F(ConnectionTest, closing_ends_at_its_deadline_with_the_first_reason) {
    open();
    act(Faulted{DisconnectReason::yamux_bad_type});
    EXPECT_EQ(std::get<SayGoodbye>(out.effects.at(0)).code, yamux::GoAwayCode::protocol_error);
    act(Close{DisconnectReason::hung_up});
    now = state.deadline;
    act(Expired{});
    EXPECT_EQ(state.phase, Phase::closed);
    EXPECT_EQ(state.reason, DisconnectReason::yamux_bad_type);
}

TEST_F(ConnectionTest, an_end_is_told_once) {
    act(Unlinked{DisconnectReason::connection_refused});
    auto const told = out.effects.size();
    act(Unlinked{DisconnectReason::connection_reset});
    act(Close{DisconnectReason::hung_up});
    EXPECT_EQ(out.effects.size(), told);
    EXPECT_EQ(state.reason, DisconnectReason::connection_refused);
}

TEST(disconnect_reason, every_one_has_a_text_of_its_own) {
    std::set<std::string_view> texts;
    for (int i = 0; i < disconnect_reason_count; ++i) texts.insert(to_string(static_cast<DisconnectReason>(i)));
    EXPECT_EQ(texts.size(), static_cast<std::size_t>(disconnect_reason_count));
    EXPECT_FALSE(texts.contains("?"));
}

}  // namespace
}  // namespace libp2p::connection
