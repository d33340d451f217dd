// Goal: two swarms do together what the protocols promise, in as few flights and allocations as they should.
// Method: two swarms joined in memory; every step is followed by check_invariants().
#include "base/testing/counted_new.h"
#include "libp2p/swarm/pair_of_swarms.h"

#include <gtest/gtest.h>

namespace libp2p {
namespace {

using namespace std::chrono_literals;

template <class Wanted>
int count(std::vector<Event> const& events) {
    int found = 0;
    for (auto const& event : events) found += std::holds_alternative<Wanted>(event) ? 1 : 0;
    return found;
}

class SwarmTest : public ::testing::Test {
protected:
    void open() {
        pair.connect();
        pair.link_up();
        pair.settle();
        pair.replies[0].clear();
    }
    // The answer to the dialer's last order, after what it takes.
    ReplyValue answer() {
        pair.settle();
        EXPECT_EQ(pair.replies[0].size(), 1U);
        if (pair.replies[0].empty()) return reply::Done{};
        auto const result = pair.replies[0].front().result;
        pair.replies[0].clear();
        EXPECT_TRUE(result) << result.error();
        return result.value_or(reply::Done{});
    }
    PairOfSwarms pair;
};

TEST_F(SwarmTest, connects_and_identifies_both_ways) {
    open();
    for (int end : {0, 1}) {
        EXPECT_EQ(count<event::Connected>(pair.events[end]), 1);
        EXPECT_EQ(count<event::Identified>(pair.events[end]), 1);
    }
    EXPECT_TRUE(pair.dialer().protocols_of(pair.listener_id()));
}

TEST_F(SwarmTest, the_first_byte_of_an_answer_costs_three_round_trips) {
    pair.connect();
    pair.link_up();                  // the first round trip is TCP's
    EXPECT_TRUE(pair.fly(0));        // nonce, select, Noise 1
    EXPECT_TRUE(pair.fly(1));        // the second: nonce, select, Noise 2
    EXPECT_EQ(count<event::Identified>(pair.events[0]), 0);
    EXPECT_TRUE(pair.fly(0));        // Noise 3, a stream, its protocol
    EXPECT_TRUE(pair.fly(1));        // the third: the answer
    EXPECT_EQ(count<event::Identified>(pair.events[0]), 1);
}

// mina: the Go helper sends its nonce and its multistream header before it reads anything, and so do we on both sides:
// a listener that waited would make others time out.
TEST_F(SwarmTest, a_listener_speaks_before_it_hears) {
    pair.connect();
    pair.link_up();
    EXPECT_EQ(pair.waiting_bytes(1), 24U + 20U);
}

TEST_F(SwarmTest, answers_ping_echo_and_perf) {
    open();
    pair.order(0, command::Ping{pair.listener_id()});
    EXPECT_TRUE(std::holds_alternative<reply::RoundTrip>(answer()));
    for (std::uint64_t const bytes : {0ULL, 1ULL, 65'507ULL, 3'000'000ULL}) {
        pair.order(0, command::Echo{pair.listener_id(), "/echo/1.0.0", bytes});
        EXPECT_EQ(answer(), ReplyValue(reply::Echoed{true})) << bytes;
    }
    pair.order(0, command::Perf{pair.listener_id(), 10'000'000, 20'000'000});
    EXPECT_TRUE(std::holds_alternative<reply::PerfTimes>(answer()));
    EXPECT_EQ(pair.listener().perf_served().received_bytes, 10'000'000U);
    EXPECT_EQ(pair.listener().perf_served().sent_bytes, 20'000'000U);
}

TEST_F(SwarmTest, a_bulk_transfer_allocates_nothing_per_frame) {
    open();
    pair.order(0, command::Perf{pair.listener_id(), 4'000'000, 0});
    answer();  // warm
    pair.order(0, command::Perf{pair.listener_id(), 64'000'000, 0});
    for (int i = 0; i < 20; ++i) {
        pair.fly(0);
        pair.fly(1);
    }
    auto const before = base::testing::allocations.count;
    constexpr int flights = 60;
    for (int i = 0; i < flights; ++i) {
        ASSERT_TRUE(pair.fly(0));
        pair.fly(1);
    }
    // A flight is eight frames of 64 KiB. What is left is four a flight: the reports that streams are writable.
    EXPECT_LE(base::testing::allocations.count - before, 4U * flights);
    answer();
}

TEST_F(SwarmTest, gossip_is_shown_once_and_needs_a_verdict) {
    open();
    for (int end : {0, 1}) pair.order(end, command::Subscribe{"t"});
    pair.settle();
    pair.replies[0].clear();
    pair.order(0, command::Publish{"t", base::SharedBytes::copy_of(base::as_bytes("hello"))});
    auto const published = answer();
    ASSERT_TRUE(std::holds_alternative<reply::PublishedTo>(published));
    EXPECT_EQ(std::get<reply::PublishedTo>(published).peers, std::vector{pair.listener_id()});
    ASSERT_EQ(count<event::MessageReceived>(pair.events[1]), 1);
    for (auto const& event : pair.events[1]) {
        if (auto const* message = std::get_if<event::MessageReceived>(&event)) {
            EXPECT_EQ(base::as_text(message->data.view()), "hello");
            EXPECT_EQ(message->from, pair.dialer().self());
        }
    }
}

TEST_F(SwarmTest, a_wrong_private_network_is_refused_before_anything_is_said) {
    auto other = pair_config(2);
    other.private_network = pnet::Key{8};
    PairOfSwarms strangers(pair_config(1), other);
    strangers.connect();
    strangers.link_up();
    strangers.settle();
    EXPECT_EQ(count<event::Connected>(strangers.events[0]), 0);
    EXPECT_TRUE(strangers.closed[0] || strangers.closed[1]);
}

TEST_F(SwarmTest, a_lost_link_frees_everything_and_is_told_once) {
    open();
    pair.order(0, command::Perf{pair.listener_id(), 50'000'000, 0});
    pair.fly(0);
    pair.cut();
    for (int end : {0, 1}) EXPECT_EQ(count<event::Disconnected>(pair.events[end]), 1);
    ASSERT_EQ(pair.replies[0].size(), 1U);
    EXPECT_FALSE(pair.replies[0].front().result);
    EXPECT_TRUE(pair.dialer().connections().empty());
    EXPECT_TRUE(pair.listener().connections().empty());
    EXPECT_TRUE(pair.dialer().peers().empty());
}

TEST_F(SwarmTest, hanging_up_says_goodbye) {
    open();
    pair.order(0, command::HangUp{pair.listener_id()});
    pair.settle();
    EXPECT_TRUE(pair.closed[0]);
    ASSERT_EQ(count<event::Disconnected>(pair.events[1]), 1);
    for (auto const& event : pair.events[1]) {
        if (auto const* end = std::get_if<event::Disconnected>(&event)) {
            EXPECT_EQ(end->reason, DisconnectReason::remote_went_away);
        }
    }
}

TEST_F(SwarmTest, a_silent_peer_is_given_up) {
    open();
    for (int i = 0; i < 20 && !pair.closed[0]; ++i) pair.pass(5s);  // nothing is carried any more
    EXPECT_TRUE(pair.closed[0]);
}

TEST_F(SwarmTest, a_second_connection_beyond_the_bound_is_refused) {
    auto small = pair_config(2);
    small.limits.inbound_connections_max = 1;
    PairOfSwarms bounded(pair_config(1), small);
    bounded.connect();
    bounded.link_up();
    bounded.settle();
    bounded.step(1, Accepted{LinkId{3}, {IpAddress::v4(10, 0, 0, 2), 1000}, {IpAddress::v4(10, 0, 0, 3), 5000}});
    EXPECT_EQ(count<event::Refused>(bounded.events[1]), 1);
    EXPECT_EQ(bounded.listener().connections().size(), 1U);
}

TEST_F(SwarmTest, a_banned_range_is_refused_and_its_connections_closed) {
    open();
    pair.order(1, command::SetRule{IpRange::of(IpAddress::v4(10, 0, 0, 0), 24), RuleKind::ban, 1h, "a test"});
    pair.settle();
    EXPECT_TRUE(pair.closed[1]);
    pair.step(1, Accepted{LinkId{3}, {IpAddress::v4(10, 0, 0, 2), 1000}, {IpAddress::v4(10, 0, 0, 9), 5000}});
    EXPECT_EQ(count<event::Refused>(pair.events[1]), 1);
}

}  // namespace
}  // namespace libp2p
