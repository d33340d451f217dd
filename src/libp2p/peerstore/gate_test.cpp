// Goal: who is let in, in the documented order, and what happens at the bound on rules; every line of the decision and
// each way in which a rule ends.
// Method: rules put one by one; the decision asked with both, with a peer only and with an address only.
#include "libp2p/peerstore/gate.h"

#include "libp2p/peerstore/test_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::peerstore {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

class GateTest : public testing::Test {
protected:
    void put(RuleSubject const& subject, RuleKind kind, base::Instant until = base::Instant::never()) {
        auto const done = gate_.put({.subject = subject, .kind = kind, .until = until, .reason = "test"}, now_);
        EXPECT_TRUE(done.has_value()) << done.error();
    }
    bool lets_in(PeerId const& id, std::string_view from) {
        auto const address = ip(from);
        return !gate_.refusal(&id, &address, now_);
    }
    bool lets_in(PeerId const& id) { return !gate_.refusal(&id, nullptr, now_); }
    bool lets_in(std::string_view from) {
        auto const address = ip(from);
        return !gate_.refusal(nullptr, &address, now_);
    }

    Gate gate_;
    base::Instant now_ = at(1h);
};

TEST_F(GateTest, lets_anybody_in_without_rules) {
    EXPECT_TRUE(lets_in(peer(1), "1.2.3.4"));
    EXPECT_TRUE(lets_in(peer(1)));
    EXPECT_TRUE(lets_in("2001:db8::1"));
    EXPECT_FALSE(gate_.next_deadline());
}

TEST_F(GateTest, trust_in_a_peer_outranks_everything) {
    put(peer(1), RuleKind::trust);
    put(peer(1), RuleKind::deny);
    put(peer(1), RuleKind::ban, at(2h));
    put(range("1.2.3.0/24"), RuleKind::deny);
    put(peer(9), RuleKind::allow);
    EXPECT_TRUE(lets_in(peer(1), "1.2.3.4"));
    EXPECT_TRUE(lets_in(peer(1)));
    EXPECT_TRUE(gate_.is_trusted(peer(1)));
    EXPECT_FALSE(gate_.is_trusted(peer(2)));
}

TEST_F(GateTest, a_denied_or_banned_peer_is_refused_even_at_a_trusted_address) {
    put(range("1.2.3.0/24"), RuleKind::trust);
    put(peer(1), RuleKind::deny);
    put(peer(2), RuleKind::ban, at(2h));
    EXPECT_FALSE(lets_in(peer(1), "1.2.3.4"));
    EXPECT_FALSE(lets_in(peer(2), "1.2.3.4"));
    EXPECT_FALSE(lets_in(peer(2)));
    EXPECT_TRUE(lets_in(peer(3), "1.2.3.4"));
}

TEST_F(GateTest, a_trusted_address_outranks_allow_rules_and_denied_ranges) {
    put(range("1.2.3.4"), RuleKind::trust);
    put(range("1.0.0.0/8"), RuleKind::deny);
    put(peer(9), RuleKind::allow);
    EXPECT_TRUE(lets_in(peer(1), "1.2.3.4"));
    EXPECT_TRUE(lets_in("1.2.3.4"));
    EXPECT_FALSE(lets_in(peer(1), "1.2.3.5"));
}

TEST_F(GateTest, allow_rules_refuse_everybody_else) {
    put(peer(1), RuleKind::allow);
    put(range("10.0.0.0/8"), RuleKind::allow);
    EXPECT_TRUE(lets_in(peer(1), "1.2.3.4"));
    EXPECT_TRUE(lets_in(peer(2), "10.2.3.4"));
    EXPECT_FALSE(lets_in(peer(2), "1.2.3.4"));
    auto const other = peer(2);
    auto const from = ip("1.2.3.4");
    EXPECT_EQ(gate_.refusal(&other, &from, now_), Refusal{});
    EXPECT_EQ(text(Refusal{}, now_), "not on the list of those allowed");
}

TEST_F(GateTest, what_is_not_known_yet_refuses_nobody) {
    put(peer(1), RuleKind::allow);
    EXPECT_TRUE(lets_in("1.2.3.4")) << "it may be that peer";
    EXPECT_FALSE(lets_in(peer(2))) << "no address could help it";
    put(range("10.0.0.0/8"), RuleKind::allow);
    EXPECT_TRUE(lets_in(peer(2))) << "it may be there";
}

TEST_F(GateTest, refuses_an_address_at_once_when_only_addresses_are_allowed) {
    put(range("10.0.0.0/8"), RuleKind::allow);
    EXPECT_FALSE(lets_in("1.2.3.4"));
    EXPECT_TRUE(lets_in("10.2.3.4"));
    put(peer(1), RuleKind::trust);
    EXPECT_TRUE(lets_in("1.2.3.4")) << "it may be the trusted peer";
    EXPECT_FALSE(lets_in(peer(2), "1.2.3.4"));
}

TEST_F(GateTest, being_allowed_does_not_help_against_a_denied_address) {
    put(peer(1), RuleKind::allow);
    put(range("1.2.0.0/16"), RuleKind::deny);
    EXPECT_FALSE(lets_in(peer(1), "1.2.3.4"));
    EXPECT_TRUE(lets_in(peer(1), "1.3.3.4"));
}

TEST_F(GateTest, judges_ipv6_as_it_does_ipv4) {
    put(range("2001:db8::/32"), RuleKind::deny);
    put(range("2001:db8:1::/48"), RuleKind::trust);
    put(range("fd00::/8"), RuleKind::ban, at(2h));
    EXPECT_FALSE(lets_in(peer(1), "2001:db8:2::1"));
    EXPECT_TRUE(lets_in(peer(1), "2001:db8:1::1"));
    EXPECT_TRUE(lets_in(peer(1), "2001:db9::1"));
    EXPECT_FALSE(lets_in(peer(1), "fd12::1"));
    EXPECT_FALSE(gate_.is_trusted(ip("2001:db8:2::1")));
}

TEST_F(GateTest, judges_ipv4_inside_ipv6_as_ipv4) {
    put(range("1.2.3.0/24"), RuleKind::deny);
    EXPECT_FALSE(lets_in(peer(1), "::ffff:1.2.3.4"));
    put(IpRange{ip("::ffff:5.6.7.8"), 128}, RuleKind::deny);
    EXPECT_FALSE(lets_in(peer(1), "5.6.7.8"));
    put(range("::/0"), RuleKind::deny);
    EXPECT_TRUE(lets_in(peer(1), "::ffff:9.9.9.9"));
}

TEST_F(GateTest, finds_a_rule_at_every_prefix_length) {
    for (std::uint8_t bits = 0; bits <= 32; ++bits) {
        Gate gate;
        auto const denied = IpRange::of(ip("170.85.170.85"), bits);
        ASSERT_TRUE(gate.put({.subject = denied, .kind = RuleKind::deny, .reason = {}}, now_));
        auto const inside = ip("170.85.170.85");
        EXPECT_TRUE(gate.refusal(nullptr, &inside, now_)) << int{bits};
        if (bits == 0) continue;
        auto outside = inside;
        outside.bytes[static_cast<std::size_t>(bits - 1) / 8] ^= static_cast<std::uint8_t>(0x80U >> ((bits - 1) % 8));
        EXPECT_FALSE(gate.refusal(nullptr, &outside, now_)) << int{bits};
    }
}

TEST_F(GateTest, names_the_most_specific_rule) {
    put(range("1.0.0.0/8"), RuleKind::ban, at(2h));
    put(range("1.2.0.0/16"), RuleKind::ban, at(3h));
    auto const from = ip("1.2.3.4");
    auto const refusal = gate_.refusal(nullptr, &from, now_);
    ASSERT_TRUE(refusal && refusal->rule);
    EXPECT_EQ(refusal->rule->subject, RuleSubject{range("1.2.0.0/16")});
    EXPECT_EQ(text(*refusal, now_), "banned: 1.2.0.0/16 for another 2 h: test");
}

TEST_F(GateTest, says_for_how_long) {
    auto const until = [&](base::Duration left) {
        return text({Rule{.subject = range("1.2.3.4"), .until = now_ + left, .reason = {}}}, now_);
    };
    EXPECT_EQ(until(1ms), "banned: 1.2.3.4 for another 1 s");
    EXPECT_EQ(until(119s), "banned: 1.2.3.4 for another 119 s");
    EXPECT_EQ(until(5min), "banned: 1.2.3.4 for another 5 min");
    EXPECT_EQ(until(5h), "banned: 1.2.3.4 for another 5 h");
    EXPECT_EQ(until(150h), "banned: 1.2.3.4 for another 6 d");
    Refusal const denied{Rule{.subject = range("1.2.3.4"), .kind = RuleKind::deny, .reason = "no"}};
    EXPECT_EQ(text(denied, now_), "denied: 1.2.3.4: no");
}

TEST_F(GateTest, a_ban_ends_by_itself) {
    put(peer(1), RuleKind::ban, at(2h));
    put(range("1.2.3.4"), RuleKind::ban, at(3h));
    put(peer(2), RuleKind::deny, at(2h));  // has no end
    EXPECT_EQ(gate_.next_deadline(), at(2h));
    now_ = at(2h);
    EXPECT_TRUE(lets_in(peer(1))) << "even before it is expired";
    auto const ended = gate_.expire(now_);
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].subject, RuleSubject{peer(1)});
    EXPECT_FALSE(lets_in(peer(2)));
    EXPECT_FALSE(lets_in("1.2.3.4"));
    EXPECT_EQ(gate_.expire(at(4h)).size(), 1U);
    EXPECT_FALSE(gate_.next_deadline());
    EXPECT_EQ(gate_.size(), 1U);
}

TEST_F(GateTest, keeps_one_rule_of_each_kind_for_a_subject) {
    put(peer(1), RuleKind::ban, at(2h));
    put(peer(1), RuleKind::ban, at(3h));
    put(peer(1), RuleKind::trust);
    EXPECT_EQ(gate_.size(), 2U);
    EXPECT_EQ(gate_.next_deadline(), at(3h));
    EXPECT_EQ(gate_.find(peer(1), RuleKind::ban)->until, at(3h));
    EXPECT_TRUE(gate_.erase(peer(1), RuleKind::ban));
    EXPECT_FALSE(gate_.erase(peer(1), RuleKind::ban));
    EXPECT_EQ(gate_.find(peer(1), RuleKind::ban), nullptr);
    EXPECT_FALSE(gate_.next_deadline());
    EXPECT_TRUE(gate_.erase(peer(1), RuleKind::trust));
    EXPECT_EQ(gate_.size(), 0U);
}

TEST_F(GateTest, refuses_rules_that_make_no_sense) {
    EXPECT_EQ(gate_.put({.subject = PeerId(), .kind = RuleKind::deny, .reason = {}}, now_).error(),
              "a rule needs a peer or an address");
    EXPECT_EQ(gate_.put({.subject = peer(1), .until = now_, .reason = {}}, now_).error(),
              "the ban would have ended already");
    EXPECT_EQ(gate_.size(), 0U);
}

TEST_F(GateTest, cuts_long_reasons) {
    ASSERT_TRUE(gate_.put({.subject = peer(1), .kind = RuleKind::deny, .reason = std::string(1000, 'x')}, now_));
    EXPECT_EQ(gate_.rules()[0].reason.size(), 256U);
}

TEST_F(GateTest, the_ban_that_ends_first_gives_way_at_the_bound) {
    gate_ = Gate({.rules_max = 3});
    put(peer(1), RuleKind::ban, at(5h));
    put(peer(2), RuleKind::ban, at(3h));
    put(peer(3), RuleKind::deny);
    auto const full = gate_.put({.subject = peer(4), .kind = RuleKind::trust, .reason = {}}, now_);
    ASSERT_TRUE(full.has_value());
    ASSERT_EQ(full->gone.size(), 1U);
    EXPECT_EQ(full->gone[0].subject, RuleSubject{peer(2)});
    EXPECT_EQ(gate_.size(), 3U);
    put(peer(1), RuleKind::ban, at(6h));  // is there already: nobody gives way
    EXPECT_EQ(gate_.size(), 3U);
    EXPECT_EQ(gate_.put({.subject = peer(5), .kind = RuleKind::deny, .reason = {}}, now_)->gone[0].subject,
              RuleSubject{peer(1)});
}

TEST_F(GateTest, says_so_when_there_is_nothing_to_give_way) {
    gate_ = Gate({.rules_max = 3});
    put(peer(1), RuleKind::trust);
    put(peer(2), RuleKind::deny);
    put(peer(3), RuleKind::ban);  // for ever
    auto const full = gate_.put({.subject = peer(4), .kind = RuleKind::deny, .reason = {}}, now_);
    ASSERT_FALSE(full.has_value());
    EXPECT_EQ(full.error(), "there are 3 rules, as many as there may be: erase some first");
    EXPECT_THAT(gate_.offend({peer(9), ip("1.2.3.4"), Severity::grave, "spam"}, now_).put, IsEmpty());
    EXPECT_EQ(gate_.size(), 3U);
}

TEST_F(GateTest, orders_what_is_to_be_kept) {
    gate_ = Gate({.rules_max = 2});
    put(peer(1), RuleKind::ban, at(2h));
    put(peer(2), RuleKind::ban, at(3h));
    put(peer(3), RuleKind::deny);
    gate_.erase(peer(3), RuleKind::deny);
    gate_.expire(at(3h));
    Rule const first{.subject = peer(1), .kind = RuleKind::ban, .until = at(2h), .reason = "test"};
    Rule const second{.subject = peer(2), .kind = RuleKind::ban, .until = at(3h), .reason = "test"};
    Rule const third{.subject = peer(3), .kind = RuleKind::deny, .reason = "test"};
    EXPECT_THAT(gate_.take_orders(),
                ElementsAre(StoreOrder{PutRule{first}}, StoreOrder{PutRule{second}},
                            StoreOrder{EraseRule{peer(1), RuleKind::ban}}, StoreOrder{PutRule{third}},
                            StoreOrder{EraseRule{peer(3), RuleKind::deny}},
                            StoreOrder{EraseRule{peer(2), RuleKind::ban}}));
    EXPECT_THAT(gate_.take_orders(), IsEmpty());
}

TEST_F(GateTest, loads_what_was_kept) {
    std::vector<Rule> const kept{
        {.subject = peer(1), .kind = RuleKind::ban, .until = at(2h), .offences = 2, .reason = "old"},
        {.subject = peer(2), .kind = RuleKind::ban, .until = at(30min), .offences = 1, .reason = "over"},
        {.subject = range("1.2.3.0/24"), .kind = RuleKind::trust, .reason = {}},
    };
    gate_.load(kept, now_);
    EXPECT_EQ(gate_.size(), 2U);
    EXPECT_FALSE(lets_in(peer(1)));
    EXPECT_TRUE(lets_in(peer(2)));
    auto const orders = gate_.take_orders();
    EXPECT_THAT(orders, testing::Contains(StoreOrder{EraseRule{peer(2), RuleKind::ban}}));
}

TEST_F(GateTest, has_a_fixed_order) {
    Gate other;
    std::vector<RuleSubject> const subjects{peer(3), range("1.0.0.0/8"), peer(1), range("2001:db8::/32"),
                                            range("1.2.3.4"), peer(2), range("1.2.0.0/16")};
    for (auto const& subject : subjects) {
        put(subject, RuleKind::deny);
        put(subject, RuleKind::ban, at(2h));
    }
    for (auto at_subject = subjects.rbegin(); at_subject != subjects.rend(); ++at_subject) {
        ASSERT_TRUE(other.put({.subject = *at_subject, .until = at(2h), .reason = "test"}, now_));
        ASSERT_TRUE(other.put({.subject = *at_subject, .kind = RuleKind::deny, .reason = "test"}, now_));
    }
    EXPECT_EQ(gate_.rules(), other.rules());
    base::DigestDescriber one;
    base::DigestDescriber two;
    gate_.describe(one);
    other.describe(two);
    EXPECT_EQ(one.finish(), two.finish());
}

TEST_F(GateTest, holds_thousands_of_rules) {
    for (std::uint32_t i = 0; i < 4096; ++i) {
        auto const ip = IpAddress::v4(9, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256), 0);
        put(IpRange::of(ip, 24), RuleKind::deny);
    }
    EXPECT_EQ(gate_.size(), 4096U);
    EXPECT_FALSE(lets_in("9.15.255.7"));
    EXPECT_TRUE(lets_in("9.16.0.7"));
}

}  // namespace
}  // namespace libp2p::peerstore
