// Goal: the channel machine ends when both sides have, and its table is what the docs draw.
// Method: the phase x action matrix as a snapshot; each way to the end by example.
#include "libp2p/channel/channel.h"

#include <gtest/gtest.h>

namespace libp2p::channel {
namespace {

TEST(channel_table, accepts_ignores_and_forbids_as_drawn) {
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
    EXPECT_EQ(text,
              "Negotiating: Agreed Refused LocalFinished RemoteFinished RemoteReset LocalReset ConnectionLost Expired\n"
              "Ready: LocalFinished RemoteFinished RemoteReset LocalReset ConnectionLost Expired-\n"
              "HalfClosed: LocalFinished RemoteFinished RemoteReset LocalReset ConnectionLost Expired-\n"
              "Closed: Agreed- Refused- LocalFinished- RemoteFinished- RemoteReset- LocalReset- ConnectionLost- "
              "Expired-\n");
}

class ChannelTest : public ::testing::Test {
protected:
    std::string act(Action const& action) {
        out.clear();
        reduce(state, action, {now, rng, trace}, out);
        std::string text(to_string(state.phase));
        for (auto const& effect : out.effects) {
            text += effect.index() == 0 ? " finish" : effect.index() == 1 ? " reset" : " closed";
        }
        return text;
    }
    base::Instant now{1};
    base::Rng rng{base::Rng::Seed{1}};
    base::NoTrace trace;
    State state = begin(Direction::outbound, base::Instant{10});
    Out out;
};

TEST_F(ChannelTest, ends_when_both_sides_have_finished) {
    EXPECT_EQ(act(Agreed{}), "Ready");
    EXPECT_EQ(act(LocalFinished{}), "HalfClosed finish");
    EXPECT_EQ(act(LocalFinished{}), "HalfClosed");
    EXPECT_EQ(act(RemoteFinished{}), "Closed closed");
    EXPECT_EQ(state.reason, stream::CloseReason::complete);
}

TEST_F(ChannelTest, a_lazy_side_may_finish_before_the_answer) {
    EXPECT_EQ(act(LocalFinished{}), "Negotiating finish");
    EXPECT_EQ(act(Agreed{}), "HalfClosed");
    EXPECT_EQ(act(RemoteFinished{}), "Closed closed");
}

TEST_F(ChannelTest, a_refusal_is_answered_by_finishing_not_by_a_reset) {
    EXPECT_EQ(act(Refused{}), "Closed finish closed");
    EXPECT_EQ(state.reason, stream::CloseReason::negotiation_failed);
}

TEST_F(ChannelTest, an_end_of_stream_before_the_answer_is_a_refusal) {
    EXPECT_EQ(act(RemoteFinished{}), "Closed finish closed");
    EXPECT_EQ(state.reason, stream::CloseReason::negotiation_failed);
}

TEST_F(ChannelTest, the_negotiation_has_a_deadline) {
    EXPECT_EQ(act(Expired{}), "Negotiating");
    now = state.deadline;
    EXPECT_EQ(act(Expired{}), "Closed reset closed");
    EXPECT_EQ(state.reason, stream::CloseReason::timed_out);
}

TEST_F(ChannelTest, resets_and_losses_end_it_at_once_and_once) {
    EXPECT_EQ(act(RemoteReset{}), "Closed closed");
    EXPECT_EQ(act(LocalReset{}), "Closed");
    state = begin(Direction::inbound, base::Instant{10});
    EXPECT_EQ(act(LocalReset{}), "Closed reset closed");
    state = begin(Direction::inbound, base::Instant{10});
    EXPECT_EQ(act(ConnectionLost{}), "Closed closed");
    EXPECT_EQ(state.reason, stream::CloseReason::connection_lost);
}

}  // namespace
}  // namespace libp2p::channel
