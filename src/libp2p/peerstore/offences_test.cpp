// Goal: offences lead to bans that grow, are forgotten after a clean period, and spread to an address only when several
// peers there offend; nobody's memory of offenders grows without bound.
// Method: offences on a clock of the test's; the default figures, and small bounds where bounds are the matter.
#include "libp2p/peerstore/gate.h"

#include "libp2p/peerstore/test_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::peerstore {
namespace {

using namespace test;
using testing::IsEmpty;
using testing::SizeIs;

class Offences : public testing::Test {
protected:
    std::vector<Rule> offend(std::uint32_t who, std::string_view from, Severity severity = Severity::grave) {
        return gate_.offend({peer(who), ip(from), severity, "spam"}, now_).put;
    }
    /// How long the ban lasts that follows.
    base::Duration ban_of(std::uint32_t who, std::string_view from) {
        auto const bans = offend(who, from);
        return bans.size() == 1 ? bans[0].until - now_ : base::Duration{};
    }
    void pass(base::Duration time) {
        now_ = now_ + time;
        gate_.expire(now_);
    }

    Gate gate_;
    base::Instant now_ = at(1h);
};

TEST_F(Offences, a_grave_one_bans_at_once) {
    auto const bans = offend(1, "1.2.3.4");
    ASSERT_THAT(bans, SizeIs(1));
    EXPECT_EQ(bans[0], (Rule{.subject = peer(1), .until = now_ + 10min, .offences = 1, .reason = "spam"}));
    auto const id = peer(1);
    EXPECT_TRUE(gate_.refusal(&id, nullptr, now_));
}

TEST_F(Offences, some_are_tolerated_within_the_window) {
    for (int i = 0; i < 8; ++i) EXPECT_THAT(offend(1, "1.2.3.4", Severity::minor), IsEmpty());
    EXPECT_THAT(offend(1, "1.2.3.4", Severity::minor), SizeIs(1));
    for (int i = 0; i < 2; ++i) EXPECT_THAT(offend(2, "1.2.3.4", Severity::serious), IsEmpty());
    EXPECT_THAT(offend(2, "1.2.3.4", Severity::serious), SizeIs(1));
}

TEST_F(Offences, of_different_severity_add_up) {
    EXPECT_THAT(offend(1, "1.2.3.4", Severity::serious), IsEmpty());
    EXPECT_THAT(offend(1, "1.2.3.4", Severity::serious), IsEmpty());
    for (int i = 0; i < 2; ++i) EXPECT_THAT(offend(1, "1.2.3.4", Severity::minor), IsEmpty());
    EXPECT_THAT(offend(1, "1.2.3.4", Severity::minor), SizeIs(1));
}

TEST_F(Offences, are_forgiven_when_the_window_is_over) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_THAT(offend(1, "1.2.3.4", Severity::minor), IsEmpty()) << i;
        pass(2min);
    }
}

TEST_F(Offences, tolerance_of_any_number_is_exact) {
    for (auto const tolerated : {0U, 1U, 2U, 7U, 99U, 900U}) {
        gate_ = Gate({.tolerated = {tolerated, 0, 0}});
        for (auto i = 0U; i < tolerated; ++i) ASSERT_THAT(offend(1, "127.0.0.1", Severity::minor), IsEmpty()) << i;
        EXPECT_THAT(offend(1, "127.0.0.1", Severity::minor), SizeIs(1)) << tolerated;
    }
}

TEST_F(Offences, each_ban_is_twice_as_long_up_to_a_week) {
    base::Duration expected = 10min;
    for (int i = 0; i < 14; ++i) {
        auto const lasted = ban_of(1, "1.2.3.4");
        EXPECT_EQ(lasted, std::min<base::Duration>(expected, 7 * 24h)) << i;
        expected *= 2;
        pass(lasted + 1min);
    }
    EXPECT_EQ(gate_.ban_time(UINT32_MAX), base::Duration(7 * 24h));
}

TEST_F(Offences, are_forgotten_after_a_clean_period_from_the_end_of_the_ban) {
    EXPECT_EQ(ban_of(1, "1.2.3.4"), 10min);
    pass(10min + 7 * 24h);
    EXPECT_EQ(ban_of(1, "1.2.3.4"), 20min) << "just within";
    pass(20min + 7 * 24h + 1s);
    EXPECT_EQ(ban_of(1, "1.2.3.4"), 10min);
}

TEST_F(Offences, count_from_the_records_of_the_last_run) {
    gate_.load({{.subject = peer(1), .until = now_ + 5min, .offences = 3, .reason = "old"}}, now_);
    pass(6min);
    EXPECT_EQ(ban_of(1, "1.2.3.4"), 80min);
}

TEST_F(Offences, nothing_is_added_while_banned) {
    offend(1, "1.2.3.4");
    EXPECT_THAT(offend(1, "1.2.3.4"), IsEmpty());
    pass(11min);
    EXPECT_EQ(ban_of(1, "1.2.3.4"), 20min);
}

TEST_F(Offences, of_the_trusted_do_not_count) {
    ASSERT_TRUE(gate_.put({.subject = peer(1), .kind = RuleKind::trust, .reason = {}}, now_));
    ASSERT_TRUE(gate_.put({.subject = range("9.0.0.0/8"), .kind = RuleKind::trust, .reason = {}}, now_));
    for (std::uint32_t i = 0; i < 20; ++i) {
        EXPECT_THAT(offend(1, "1.2.3.4"), IsEmpty());
        EXPECT_THAT(offend(100 + i, "9.1.2.3"), IsEmpty());
    }
}

TEST_F(Offences, of_several_peers_at_one_address_ban_the_address) {
    for (std::uint32_t i = 1; i <= 3; ++i) EXPECT_THAT(offend(i, "1.2.3.4"), SizeIs(1));
    auto const bans = offend(4, "1.2.3.4");
    ASSERT_THAT(bans, SizeIs(2));
    EXPECT_EQ(bans[1], (Rule{.subject = range("1.2.3.4"), .kind = RuleKind::ban, .until = now_ + 10min, .offences = 1,
                             .reason = "spam"}));
    auto const here = ip("1.2.3.4");
    auto const beside = ip("1.2.3.5");
    EXPECT_TRUE(gate_.refusal(nullptr, &here, now_));
    EXPECT_FALSE(gate_.refusal(nullptr, &beside, now_));
}

TEST_F(Offences, of_one_peer_do_not_ban_its_address) {
    gate_ = Gate({.ban_first = 1s, .ban_max = 1s});
    for (int i = 0; i < 50; ++i) {
        EXPECT_THAT(offend(1, "1.2.3.4"), SizeIs(1));
        pass(2s);
    }
}

TEST_F(Offences, that_are_tolerated_of_each_peer_still_count_for_their_address) {
    // Nine minor ones make a ban: thirty-six peers with one each are as four that were banned.
    for (std::uint32_t i = 0; i < 35; ++i) EXPECT_THAT(offend(i, "1.2.3.4", Severity::minor), IsEmpty()) << i;
    EXPECT_THAT(offend(99, "1.2.3.4", Severity::minor), SizeIs(1));
}

TEST_F(Offences, in_an_hour_only_count_for_an_address) {
    for (std::uint32_t i = 1; i <= 20; ++i) {
        EXPECT_THAT(offend(i, "1.2.3.4"), SizeIs(1));
        pass(21min);
    }
}

TEST_F(Offences, ban_a_whole_64_of_ipv6) {
    offend(1, "2001:db8:1:2::1");
    offend(2, "2001:db8:1:2::2");
    offend(3, "2001:db8:1:2:ffff::3");
    auto const bans = offend(4, "2001:db8:1:2::4");
    ASSERT_THAT(bans, SizeIs(2));
    EXPECT_EQ(bans[1].subject, RuleSubject{range("2001:db8:1:2::/64")});
}

TEST_F(Offences, never_ban_loopback) {
    for (std::uint32_t i = 1; i <= 20; ++i) {
        EXPECT_THAT(offend(i, "127.0.0.1"), SizeIs(1));
        EXPECT_THAT(offend(100 + i, "::1"), SizeIs(1));
        EXPECT_THAT(offend(200 + i, "::ffff:127.0.0.1"), SizeIs(1));
    }
}

TEST_F(Offences, an_address_that_goes_on_is_banned_for_longer) {
    std::uint32_t who = 0;
    for (auto const expected : {10min, 20min, 40min}) {
        std::vector<Rule> bans;
        for (int i = 0; i < 4; ++i) bans = offend(++who, "1.2.3.4");
        ASSERT_THAT(bans, SizeIs(2));
        EXPECT_EQ(bans[1].until - now_, expected);
        pass(expected + 1min);
    }
}

TEST_F(Offences, offenders_are_forgotten_at_the_bound_the_harmless_first) {
    gate_ = Gate({.offenders_max = 3});
    offend(1, "127.0.0.1");
    offend(2, "127.0.0.1", Severity::serious);
    for (std::uint32_t i = 10; i < 1000; ++i) offend(i, "127.0.0.1", Severity::minor);
    pass(11min);
    EXPECT_EQ(ban_of(1, "127.0.0.1"), 20min) << "who was banned is remembered";
    base::TextDescriber text;
    gate_.describe(text);
    auto count = 0;
    for (std::size_t from = 0; (from = text.text().find("offender", from)) != std::string::npos; ++from) ++count;
    EXPECT_EQ(count, 3);
}

TEST_F(Offences, addresses_are_forgotten_at_the_bound_the_quietest_first) {
    gate_ = Gate({.offender_ranges_max = 2});
    for (std::uint32_t i = 1; i <= 3; ++i) offend(i, "1.2.3.4");
    pass(1s);
    offend(10, "1.2.3.5");
    pass(1s);
    offend(11, "1.2.3.6");  // 1.2.3.4 is forgotten
    EXPECT_THAT(offend(4, "1.2.3.4"), SizeIs(1));
}

TEST_F(Offences, peers_of_an_address_are_forgotten_at_the_bound) {
    gate_ = Gate({.peers_per_range_max = 8});
    for (std::uint32_t i = 0; i < 500; ++i) EXPECT_THAT(offend(i, "1.2.3.4", Severity::minor), IsEmpty());
    base::TextDescriber text;
    gate_.describe(text);
    EXPECT_LT(text.text().size(), 200'000U);
}

TEST_F(Offences, give_the_same_state_in_the_same_order) {
    auto const digest = [] {
        Gate gate;
        auto rng = test::rng(7);
        auto now = at(1h);
        for (int i = 0; i < 2000; ++i) {
            auto const severity = static_cast<Severity>(rng.below(3));
            auto const who = peer(static_cast<std::uint32_t>(rng.below(50)));
            gate.offend({who, socket(static_cast<std::uint32_t>(rng.below(9))).ip, severity, "x"}, now);
            now = now + rng.between(0s, 60s);
            gate.expire(now);
        }
        base::DigestDescriber describer;
        gate.describe(describer);
        return describer.finish();
    };
    EXPECT_EQ(digest(), digest());
}

}  // namespace
}  // namespace libp2p::peerstore
