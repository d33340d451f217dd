// Goal: only what several unrelated observers agree on is confirmed; liars, however many ids they have, confirm
// nothing. Method: observers in groups of 256 numbers; words given, taken back and lapsed on the test's clock.
#include "libp2p/peerstore/observed_addresses.h"

#include "libp2p/peerstore/test_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::peerstore {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

class Observed : public testing::Test {
protected:
    bool say(std::uint32_t who, SocketAddress const& ours, ObservedOver over = ObservedOver::accepted) {
        return observed_.observe({peer(who), socket(who).ip, ours, over}, now_);
    }

    SocketAddress const ours_{ip("60.1.1.1"), 8302};
    SocketAddress const lie_{ip("61.1.1.1"), 8302};
    ObservedAddresses observed_;
    base::Instant now_ = at(1h);
};

TEST_F(Observed, three_groups_confirm_an_address) {
    say(256, ours_);
    say(512, ours_, ObservedOver::from_listen_port);
    EXPECT_THAT(observed_.confirmed(now_), IsEmpty());
    say(768, ours_);
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(ours_));
}

TEST_F(Observed, one_group_is_one_voice_however_many_ids_it_has) {
    for (std::uint32_t i = 0; i < 200; ++i) say(i, lie_);
    EXPECT_THAT(observed_.confirmed(now_), IsEmpty());
}

TEST_F(Observed, an_observer_has_one_word_its_last) {
    for (std::uint32_t i = 1; i <= 3; ++i) say(i * 256, ours_);
    say(256, lie_);
    EXPECT_THAT(observed_.confirmed(now_), IsEmpty());
    // The same observer from elsewhere: it has not two voices.
    observed_.observe({peer(512), ip("70.1.1.1"), ours_, ObservedOver::accepted}, now_);
    EXPECT_THAT(observed_.confirmed(now_), IsEmpty());
}

TEST_F(Observed, ports_without_meaning_do_not_count) {
    for (std::uint32_t i = 1; i <= 9; ++i) EXPECT_FALSE(say(i * 256, ours_, ObservedOver::from_other_port));
    EXPECT_THAT(observed_.confirmed(now_), IsEmpty());
}

TEST_F(Observed, a_port_that_a_nat_mapped_needs_agreement) {
    for (std::uint32_t i = 1; i <= 9; ++i) {
        say(i * 256, {ours_.ip, static_cast<std::uint16_t>(40000 + i)}, ObservedOver::from_listen_port);
    }
    EXPECT_THAT(observed_.confirmed(now_), IsEmpty()) << "a symmetric NAT maps each anew";
    SocketAddress const mapped{ours_.ip, 40000};
    for (std::uint32_t i = 1; i <= 3; ++i) say(i * 256, mapped, ObservedOver::from_listen_port);
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(mapped));
}

TEST_F(Observed, addresses_that_nobody_could_dial_do_not_count) {
    for (auto const* const text : {"10.0.0.1", "127.0.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1"}) {
        EXPECT_FALSE(say(256, {ip(text), 1})) << text;
    }
    EXPECT_FALSE(say(256, {ours_.ip, 0}));
}

TEST_F(Observed, both_families_are_confirmed) {
    SocketAddress const six{ip("2606::1"), 8302};
    for (std::uint32_t i = 1; i <= 3; ++i) say(i * 256, ours_);
    for (std::uint32_t i = 4; i <= 7; ++i) say(i * 256, six);
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(six, ours_)) << "more groups first";
}

TEST_F(Observed, takes_ipv4_inside_ipv6_for_what_it_is) {
    say(256, ours_);
    say(512, {ip("::ffff:60.1.1.1"), 8302});
    say(768, ours_);
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(ours_));
}

TEST_F(Observed, a_word_lapses_half_an_hour_after_the_connection) {
    for (std::uint32_t i = 1; i <= 3; ++i) say(i * 256, ours_);
    EXPECT_FALSE(observed_.next_deadline());
    now_ = now_ + 10h;
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(ours_)) << "connected all the time";
    observed_.on_disconnected(peer(256), now_);
    EXPECT_EQ(observed_.next_deadline(), now_ + 30min);
    EXPECT_THAT(observed_.confirmed(now_ + 29min), ElementsAre(ours_));
    EXPECT_THAT(observed_.confirmed(now_ + 30min), IsEmpty());
    EXPECT_FALSE(observed_.expire(now_ + 29min));
    EXPECT_TRUE(observed_.expire(now_ + 30min));
    EXPECT_FALSE(observed_.next_deadline());
    say(256, ours_);
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(ours_));
}

TEST_F(Observed, in_a_laboratory_each_observer_has_a_voice) {
    observed_ = ObservedAddresses({.private_addresses = true});
    SocketAddress const inside{ip("10.0.0.9"), 8302};
    for (std::uint8_t i = 1; i <= 3; ++i) {
        observed_.observe({peer(i), IpAddress::v4(10, 0, 0, i), inside, ObservedOver::accepted}, now_);
    }
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(inside));
    for (std::uint32_t i = 1024; i < 1224; ++i) say(i, lie_);
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(inside)) << "public observers still count by group";
}

TEST_F(Observed, holds_so_many_groups_the_quietest_gives_way) {
    observed_ = ObservedAddresses({.groups_max = 3});
    for (std::uint32_t i = 1; i <= 3; ++i) {
        say(i * 256, ours_);
        now_ = now_ + 1s;
    }
    say(256, ours_);
    now_ = now_ + 1s;
    say(4 * 256, lie_);
    say(2 * 256, ours_);
    base::TextDescriber text;
    observed_.describe(text);
    EXPECT_EQ(text.text().find(peer(3 * 256).text()), std::string::npos);
    EXPECT_NE(text.text().find(peer(256).text()), std::string::npos);
}

TEST_F(Observed, holds_so_many_observers_of_a_group) {
    for (std::uint32_t i = 0; i < 200; ++i) say(i, ours_);
    base::TextDescriber text;
    observed_.describe(text);
    std::size_t count = 0;
    for (std::size_t from = 0; (from = text.text().find("said_at", from)) != std::string::npos; ++from) ++count;
    EXPECT_EQ(count, 4U);
}

TEST_F(Observed, confirms_so_many_addresses) {
    observed_ = ObservedAddresses({.confirmed_max = 2});
    for (std::uint16_t port = 1; port <= 4; ++port) {
        for (std::uint32_t i = 0; i < 3; ++i) say((port * 10U + i) * 256, {ours_.ip, port});
    }
    EXPECT_THAT(observed_.confirmed(now_), ElementsAre(SocketAddress{ours_.ip, 1}, SocketAddress{ours_.ip, 2}));
}

}  // namespace
}  // namespace libp2p::peerstore
