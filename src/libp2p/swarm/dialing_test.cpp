// Attempts to connect. Goal: a peer's addresses are tried side by side and in order, dials are bounded, and nobody
// makes a node dial where it should not. Method: one swarm whose dials are answered by hand; every step is followed by
// check_invariants().
#include "libp2p/swarm/pair_of_swarms.h"

#include <gmock/gmock.h>

namespace libp2p {
namespace {

using namespace std::chrono_literals;

class DialingTest : public testing::Test {
protected:
    void begin(Config config) {
        swarm = std::make_unique<Swarm>(std::move(config), trace);
        step(Start{});
    }
    void step(Input const& input) {
        for (auto const& effect : swarm->step(now, input)) {
            if (auto const* dial = std::get_if<Dial>(&effect)) dials.push_back(*dial);
            if (auto const* resolve = std::get_if<Resolve>(&effect)) lookups.push_back(*resolve);
            if (auto const* delivery = std::get_if<Deliver>(&effect)) events.push_back(delivery->event);
            if (auto const* reply = std::get_if<Reply>(&effect)) replies.push_back(*reply);
        }
        swarm->check_invariants();
    }
    void pass(base::Duration time) {
        auto const end = now + time;
        for (auto due = swarm->next_deadline(); due && due->at <= end; due = swarm->next_deadline()) {
            now = std::max(now, due->at);
            step(Tick{});
        }
        now = end;
    }
    void connect(std::vector<Multiaddr> addresses, bool is_hearsay = false, std::uint8_t who = 9) {
        auto const id = PeerId::of(crypto::PrivateKey::ed25519_from_seed({who}).public_key());
        command::Connect order{addresses.front().with_peer_id(id), false, {}, is_hearsay};
        order.others.assign(addresses.begin() + 1, addresses.end());
        step(Command{RequestId{++last_request}, order});
    }
    static Multiaddr at(std::uint8_t last) { return Multiaddr::tcp_at({IpAddress::v4(20, 0, 0, last), 8302}); }
    std::vector<std::uint8_t> dialed() const {
        std::vector<std::uint8_t> last;
        for (auto const& dial : dials) last.push_back(dial.to.ip.bytes[3]);
        return last;
    }

    base::NoTrace trace;
    base::Instant now{1'000'000'000};
    std::unique_ptr<Swarm> swarm;
    std::vector<Dial> dials;
    std::vector<Resolve> lookups;
    std::vector<Event> events;
    std::vector<Reply> replies;
    std::uint64_t last_request = 0;
};

TEST_F(DialingTest, tries_the_next_address_a_quarter_of_a_second_later_beside_the_first) {
    begin(pair_config(1));
    connect({at(1), at(2), at(3)});
    EXPECT_THAT(dialed(), testing::ElementsAre(1));
    pass(249ms);
    EXPECT_EQ(dials.size(), 1U);
    pass(1ms);
    EXPECT_THAT(dialed(), testing::ElementsAre(1, 2));
    pass(250ms);
    EXPECT_THAT(dialed(), testing::ElementsAre(1, 2, 3));
}

TEST_F(DialingTest, tries_the_next_address_at_once_when_one_is_refused) {
    begin(pair_config(1));
    connect({at(1), at(2)});
    step(DialFailed{dials[0].link, LinkError::refused});
    pass(0ms);
    EXPECT_THAT(dialed(), testing::ElementsAre(1, 2));
    step(DialFailed{dials[1].link, LinkError::refused});
    pass(0ms);
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_FALSE(replies[0].result);
    auto const told = std::ranges::count_if(
        events, [](Event const& event) { return std::holds_alternative<event::AddressFailed>(event); });
    EXPECT_EQ(told, 2);
}

TEST_F(DialingTest, waits_a_while_for_an_address_that_has_answered) {
    begin(pair_config(1));
    connect({at(1), at(2)});
    step(Dialed{dials[0].link, {IpAddress::v4(10, 0, 0, 1), 5000}});
    pass(900ms);
    EXPECT_EQ(dials.size(), 1U);
    pass(200ms);
    EXPECT_EQ(dials.size(), 2U);  // it accepts and says nothing: the other is tried as well
}

TEST_F(DialingTest, dials_a_name_by_both_families_in_turn) {
    begin(pair_config(1));
    connect({*Multiaddr::from_text("/dns/example.org/tcp/8302")});
    ASSERT_EQ(lookups.size(), 1U);
    auto const v6 = *IpAddress::parse("2001:db8::1");
    step(Resolved{lookups[0].id, {IpAddress::v4(20, 0, 0, 1), IpAddress::v4(20, 0, 0, 2), v6}, {}, false});
    pass(1s);
    ASSERT_EQ(dials.size(), 3U);
    EXPECT_TRUE(dials[0].to.ip.v6);
    EXPECT_FALSE(dials[1].to.ip.v6);
}

TEST_F(DialingTest, dials_no_more_at_once_than_the_bound_and_goes_on_when_one_has_ended) {
    auto config = pair_config(1);
    config.limits.pending_outbound_max = 2;
    begin(config);
    for (std::uint8_t who = 10; who < 14; ++who) connect({at(who)}, false, who);
    EXPECT_THAT(dialed(), testing::ElementsAre(10, 11));
    step(DialFailed{dials[0].link, LinkError::unreachable});
    pass(0ms);
    EXPECT_THAT(dialed(), testing::ElementsAre(10, 11, 12));
}

TEST_F(DialingTest, an_attempt_with_nothing_to_dial_gives_its_turn_to_the_next) {
    auto config = pair_config(1);
    config.limits.pending_outbound_max = 1;
    config.private_addresses = false;
    begin(config);
    connect({at(1)}, false, 10);
    connect({Multiaddr::tcp_at({IpAddress::v4(10, 0, 0, 1), 1})}, /*is_hearsay=*/true, 11);
    connect({at(3)}, false, 12);
    EXPECT_THAT(dialed(), testing::ElementsAre(1));
    step(DialFailed{dials[0].link, LinkError::unreachable});
    pass(0ms);
    EXPECT_THAT(dialed(), testing::ElementsAre(1, 3));
}

TEST_F(DialingTest, dials_no_private_address_on_hearsay_also_when_a_name_hides_it) {
    auto config = pair_config(1);
    config.private_addresses = false;
    begin(config);
    auto const home = Multiaddr::tcp_at({IpAddress::v4(192, 168, 1, 1), 80});
    connect({home}, /*is_hearsay=*/true);
    EXPECT_TRUE(dials.empty());
    connect({*Multiaddr::from_text("/dns/example.org/tcp/80")}, /*is_hearsay=*/true, 10);
    ASSERT_EQ(lookups.size(), 1U);
    step(Resolved{lookups[0].id, {IpAddress::v4(127, 0, 0, 1)}, {}, false});
    EXPECT_TRUE(dials.empty());
    EXPECT_EQ(replies.size(), 2U);
    connect({home}, /*is_hearsay=*/false, 11);
    EXPECT_EQ(dials.size(), 1U);  // the operator may
}

TEST_F(DialingTest, dials_nobody_that_a_rule_refuses) {
    auto config = pair_config(1);
    auto const range = IpRange::of(IpAddress::v4(20, 0, 0, 0), 24);
    config.rules = {{range, RuleKind::deny, base::Instant::never(), 0, "a test"}};
    begin(config);
    connect({at(1)});
    EXPECT_TRUE(dials.empty());
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_THAT(replies[0].result.error(), testing::HasSubstr("banned"));
}

}  // namespace
}  // namespace libp2p
