// Goal: whom to dial and where, in what order, how often; and an answer to why a peer is not dialed for every state.
// Method: books of a few peers of each kind; the limits against a third party that aims at one address.
#include "libp2p/peerstore/address_book.h"

#include "libp2p/peerstore/test_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace libp2p::peerstore {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

class Dialing : public testing::Test {
protected:
    static constexpr std::uint32_t self = 1'000'000;

    void learn(std::uint32_t who, std::vector<Multiaddr> const& addresses, Source source,
               std::uint32_t teller = 7'000'000) {
        book_.learn(peer(who), addresses, source, is_third_party(source) ? peer(teller) : PeerId(), now_);
    }
    void tell(std::uint32_t who, Source source, std::uint32_t teller = 7'000'000) {
        learn(who, {tcp(who * 256)}, source, teller);
    }
    void visit(std::uint32_t who, base::Duration lasted = 1h) {
        book_.on_connected(peer(who), tcp(who * 256), Direction::outbound, now_);
        book_.on_disconnected(peer(who), true, now_ + lasted, rng_);
    }
    std::vector<PeerId> candidates(std::size_t count = 100) { return book_.candidates(now_, count, gate_, rng_); }
    DialState state_of(std::uint32_t who) { return book_.why(peer(who), now_, gate_).state; }
    std::string why(std::uint32_t who) {
        return text(book_.why(peer(who), now_, gate_), book_.find(peer(who)), now_);
    }
    std::vector<std::string> order_of(std::uint32_t who) {
        std::vector<std::string> texts;
        for (auto const* const known : dial_order(*book_.find(peer(who)))) texts.push_back(known->address.text());
        return texts;
    }

    AddressBook book_{AddressBookConfig{.self = peer(self)}};
    Gate gate_;
    base::Rng rng_ = rng();
    base::Instant now_ = at(100h);
};

// ---- Whom ----

TEST_F(Dialing, the_operators_peers_come_first_and_the_merely_told_last) {
    tell(7, Source::kademlia);
    tell(6, Source::kademlia);
    tell(6, Source::kademlia, 7'000'001);
    book_.load({{.id = peer(2), .addresses = {tcp(512)}, .agent = {}, .last_connected = at(0s), .is_anchor = true},
                {.id = peer(3), .addresses = {tcp(768)}, .agent = {}, .last_connected = now_ - 2h},
                {.id = peer(5), .addresses = {tcp(1280)}, .agent = {}, .last_connected = now_ - 25h}},
               now_);
    tell(4, Source::seed);
    tell(1, Source::operator_given);
    EXPECT_THAT(candidates(), ElementsAre(peer(1), peer(2), peer(3), peer(4), peer(5), peer(6), peer(7)));
    EXPECT_THAT(candidates(2), ElementsAre(peer(1), peer(2)));
    EXPECT_THAT(candidates(0), IsEmpty());
}

TEST_F(Dialing, fewer_failures_come_first_among_equals) {
    tell(1, Source::seed);
    tell(2, Source::seed);
    book_.on_dial_failed(peer(1), now_, rng_);
    now_ = now_ + 1h;
    EXPECT_THAT(candidates(), ElementsAre(peer(2), peer(1)));
}

TEST_F(Dialing, equals_come_in_an_order_that_nobody_can_aim_at) {
    for (std::uint32_t i = 1; i <= 40; ++i) tell(i, Source::kademlia, i);
    auto first = rng(1);
    auto second = rng(2);
    auto again = rng(1);
    auto const one = book_.candidates(now_, 100, gate_, first);
    EXPECT_EQ(one.size(), 40U);
    EXPECT_NE(one, book_.candidates(now_, 100, gate_, second));
    EXPECT_EQ(one, book_.candidates(now_, 100, gate_, again));
}

TEST_F(Dialing, one_group_does_not_fill_an_answer) {
    for (std::uint32_t i = 1; i <= 40; ++i) learn(i, {tcp(i)}, Source::kademlia, i);
    EXPECT_EQ(candidates().size(), 2U);
}

// ---- Why not ----

TEST_F(Dialing, says_why_not) {
    EXPECT_EQ(why(self), "this node itself");
    EXPECT_EQ(why(1), "unknown");
    tell(1, Source::seed);
    EXPECT_EQ(why(1), "ready");
    EXPECT_FALSE(book_.begin_dial(peer(1), now_).empty());
    EXPECT_EQ(why(1), "dialing");
    book_.on_dial_failed(peer(1), now_, rng_);
    EXPECT_EQ(why(1), "backing off, again in 1 s (1 failures)");
    book_.on_connected(peer(1), tcp(256), Direction::outbound, now_);
    EXPECT_EQ(why(1), "connected");
    book_.on_connected(peer(2), tcp(1), Direction::inbound, now_);
    book_.on_disconnected(peer(2), true, now_, rng_);
    EXPECT_EQ(state_of(2), DialState::no_address);
    learn(2, {address("/ip4/10.0.0.1/tcp/1")}, Source::identify);
    EXPECT_EQ(why(2), "it has private addresses only (1 failures)");
    EXPECT_THAT(candidates(), IsEmpty());
}

TEST_F(Dialing, says_which_rule_forbids_it) {
    tell(1, Source::seed);
    tell(2, Source::seed);
    ASSERT_TRUE(gate_.put({.subject = peer(1), .until = now_ + 5min, .reason = "spam"}, now_));
    ASSERT_TRUE(gate_.put({.subject = range("50.2.0.0/16"), .kind = RuleKind::deny, .reason = {}}, now_));
    ASSERT_TRUE(gate_.put({.subject = peer(3), .until = now_ + 5min, .reason = "unseen"}, now_));
    EXPECT_EQ(why(1), "banned: " + peer(1).text() + " for another 5 min: spam");
    EXPECT_EQ(why(2), "denied: 50.2.0.0/16");
    EXPECT_EQ(why(3), "banned: " + peer(3).text() + " for another 5 min: unseen");
    EXPECT_EQ(book_.why(peer(1), now_, gate_).at, now_ + 5min);
    EXPECT_THAT(candidates(), IsEmpty());
}

TEST_F(Dialing, leaves_out_the_addresses_that_are_refused) {
    learn(1, {tcp(1), tcp(256), tcp(512)}, Source::seed);
    ASSERT_TRUE(gate_.put({.subject = range("50.1.0.0/16"), .kind = RuleKind::deny, .reason = {}}, now_));
    EXPECT_EQ(state_of(1), DialState::ready);
    EXPECT_THAT(book_.begin_dial(peer(1), now_, &gate_), ElementsAre(tcp(1), tcp(512)));
}

// ---- When ----

TEST_F(Dialing, backs_off_twice_as_long_each_time_up_to_an_hour) {
    tell(1, Source::kademlia);
    base::Duration step = 1s;
    for (int i = 0; i < 20; ++i) {
        book_.on_dial_failed(peer(1), now_, rng_);
        auto const wait = book_.why(peer(1), now_, gate_).at - now_;
        EXPECT_GE(wait, step / 2) << i;
        EXPECT_LE(wait, step) << i;
        step = std::min<base::Duration>(step * 2, 1h);
    }
}

TEST_F(Dialing, asks_the_operators_peers_more_often) {
    tell(1, Source::operator_given);
    for (int i = 0; i < 20; ++i) book_.on_dial_failed(peer(1), now_, rng_);
    EXPECT_LE(book_.why(peer(1), now_, gate_).at - now_, base::Duration(5min));
}

TEST_F(Dialing, a_connection_that_lasted_clears_the_failures) {
    tell(1, Source::seed);
    for (int i = 0; i < 5; ++i) book_.on_dial_failed(peer(1), now_, rng_);
    visit(1);
    EXPECT_EQ(book_.find(peer(1))->failures, 0U);
    EXPECT_LE(book_.find(peer(1))->next_dial_at, now_ + 1h + 1s);
}

TEST_F(Dialing, a_connection_that_ended_young_counts_as_a_failure) {
    tell(1, Source::seed);
    for (int i = 0; i < 5; ++i) book_.on_dial_failed(peer(1), now_, rng_);
    visit(1, 59s);
    EXPECT_EQ(book_.find(peer(1))->failures, 6U);
    EXPECT_GE(book_.find(peer(1))->next_dial_at, now_ + 59s + 16s);
}

TEST_F(Dialing, a_dial_that_fails_while_the_peer_has_connected_is_no_failure) {
    tell(1, Source::seed);
    book_.begin_dial(peer(1), now_);
    book_.on_connected(peer(1), tcp(5), Direction::inbound, now_);
    book_.on_dial_failed(peer(1), now_, rng_);
    EXPECT_EQ(book_.find(peer(1))->failures, 0U);
    EXPECT_EQ(state_of(1), DialState::connected);
}

TEST_F(Dialing, knows_when_the_next_is_ready) {
    tell(1, Source::seed);
    tell(2, Source::seed);
    for (int i = 0; i < 5; ++i) book_.on_dial_failed(peer(1), now_, rng_);
    book_.on_dial_failed(peer(2), now_, rng_);
}

TEST_F(Dialing, says_nothing_of_peers_it_does_not_know) {
    book_.on_dial_failed(peer(1), now_, rng_);
    book_.on_dial_dropped(peer(1));
    book_.on_address_failed(peer(1), tcp(1), now_);
    book_.on_disconnected(peer(1), true, now_, rng_);
    EXPECT_THAT(book_.begin_dial(peer(1), now_), IsEmpty());
    EXPECT_EQ(book_.size(), 0U);
}

// ---- Where ----

TEST_F(Dialing, tries_what_succeeded_last_first) {
    learn(1, {tcp(1), tcp(2), tcp(3)}, Source::identify);
    book_.on_connected(peer(1), tcp(2), Direction::outbound, now_);
    book_.on_disconnected(peer(1), true, now_, rng_);
    book_.on_connected(peer(1), tcp(3), Direction::outbound, now_ + 1s);
    EXPECT_THAT(order_of(1), ElementsAre("/ip4/50.0.1.3/tcp/8302", "/ip4/50.0.1.2/tcp/8302", "/ip4/50.0.1.1/tcp/8302"));
}

TEST_F(Dialing, tries_both_families_in_turn_and_public_addresses_before_private_ones) {
    learn(1, {address("/ip4/10.0.0.1/tcp/1"), address("/ip4/8.8.8.8/tcp/1"), address("/ip4/8.8.4.4/tcp/1"),
              address("/ip4/9.9.9.9/tcp/1"), address("/ip6/fd00::1/tcp/1"), address("/ip6/2606::1/tcp/1"),
              address("/ip6/2606::2/tcp/1"), address("/dns4/example.org/tcp/1")},
          Source::operator_given);
    EXPECT_THAT(order_of(1), ElementsAre("/ip6/2606::1/tcp/1", "/ip4/8.8.8.8/tcp/1", "/dns4/example.org/tcp/1",
                                         "/ip6/2606::2/tcp/1", "/ip4/8.8.4.4/tcp/1", "/ip4/9.9.9.9/tcp/1",
                                         "/ip6/fd00::1/tcp/1", "/ip4/10.0.0.1/tcp/1"));
}

TEST_F(Dialing, tries_an_address_that_failed_after_those_that_did_not) {
    learn(1, {address("/ip6/2606::1/tcp/1"), tcp(1), tcp(2)}, Source::seed);
    book_.on_address_failed(peer(1), address("/ip6/2606::1/tcp/1").with_peer_id(peer(1)), now_);
    book_.on_address_failed(peer(1), tcp(1), now_);
    EXPECT_THAT(order_of(1), ElementsAre("/ip4/50.0.1.2/tcp/8302", "/ip6/2606::1/tcp/1", "/ip4/50.0.1.1/tcp/8302"));
}

TEST_F(Dialing, tries_so_many_addresses_at_once) {
    std::vector<Multiaddr> many;
    for (std::uint32_t i = 0; i < 16; ++i) many.push_back(tcp(i * 256));
    learn(1, many, Source::seed);
    EXPECT_EQ(book_.begin_dial(peer(1), now_).size(), 8U);
}

// ---- How often ----

TEST_F(Dialing, nobody_can_aim_it_at_one_address) {
    auto const victim = address("/ip4/60.1.1.1/tcp/80");
    for (std::uint32_t i = 1; i <= 100; ++i) learn(i, {victim}, Source::kademlia, i);
    int dials = 0;
    for (int minute = 0; minute < 10; ++minute) {
        for (std::uint32_t i = 1; i <= 100; ++i) {
            if (book_.begin_dial(peer(i), now_).empty()) continue;
            ++dials;
            book_.on_dial_failed(peer(i), now_, rng_);
        }
        now_ = now_ + 1min;
    }
    EXPECT_EQ(dials, 1);
    EXPECT_EQ(state_of(50), DialState::ready);
}

TEST_F(Dialing, nobody_can_make_it_scan_ports_or_a_network) {
    std::uint32_t who = 1;
    for (std::uint16_t port = 1; port <= 100; ++port) learn(who++, {tcp(1, port)}, Source::identify);
    int dials = 0;
    for (std::uint32_t i = 1; i < who; ++i) dials += book_.begin_dial(peer(i), now_).empty() ? 0 : 1;
    EXPECT_EQ(dials, 4);
    now_ = now_ + 1h;
    dials = 0;
    for (std::uint32_t host = 1; host <= 100; ++host) learn(who + host, {tcp(256 + host)}, Source::kademlia, host);
    for (std::uint32_t host = 1; host <= 100; ++host) dials += book_.begin_dial(peer(who + host), now_).empty() ? 0 : 1;
    EXPECT_EQ(dials, 8);
    EXPECT_EQ(why(who + 100), "its address, IP or network was dialed often, again in 60 s");
}

TEST_F(Dialing, the_operators_addresses_and_those_that_succeeded_are_not_limited) {
    learn(1, {tcp(1)}, Source::operator_given);
    learn(2, {tcp(512)}, Source::kademlia);
    book_.on_connected(peer(2), tcp(512), Direction::outbound, now_);
    book_.on_disconnected(peer(2), true, now_, rng_);
    for (int i = 0; i < 100; ++i) {
        for (std::uint32_t who = 1; who <= 2; ++who) {
            ASSERT_FALSE(book_.begin_dial(peer(who), now_).empty());
            book_.on_dial_failed(peer(who), now_, rng_);
        }
    }
}

TEST_F(Dialing, dials_of_unproven_addresses_have_a_bound) {
    DialLimiter limiter({.dials_max = 10});
    for (std::uint32_t i = 0; i < 10; ++i) {
        EXPECT_EQ(limiter.permitted_at(socket(i * 256), now_), now_);
        limiter.note(socket(i * 256), now_ + i * 1s);
    }
    EXPECT_EQ(limiter.permitted_at(socket(99 * 256), now_ + 10s), now_ + 10min);
    EXPECT_EQ(limiter.permitted_at(socket(99 * 256), now_ + 10min), now_ + 10min);
    for (std::uint32_t i = 0; i < 1000; ++i) limiter.note(socket(i * 256), now_);
    base::TextDescriber text;
    limiter.describe(text);
    EXPECT_LT(text.text().size(), 1500U);
    EXPECT_EQ(DialLimiter({.dials_max = 0}).permitted_at(socket(1), now_), base::Instant::never());
    EXPECT_EQ(DialLimiter({.ip = {.dials_max = 0}}).permitted_at(socket(1), now_), base::Instant::never());
}

// ---- Anchors ----

TEST_F(Dialing, anchors_are_outbound_connections_that_lasted_of_different_groups) {
    for (std::uint32_t i = 1; i <= 12; ++i) {
        book_.on_connected(peer(i), tcp(i <= 2 ? i : i * 256), Direction::outbound, now_ + i * 1s);
    }
    book_.on_connected(peer(20), tcp(20 * 256), Direction::inbound, now_);
    book_.choose_anchors(now_ + 29min);
    auto const anchors = [&] {
        std::vector<std::uint32_t> numbers;
        for (std::uint32_t i = 1; i <= 20; ++i) {
            if (book_.find(peer(i)) != nullptr && book_.find(peer(i))->is_anchor) numbers.push_back(i);
        }
        return numbers;
    };
    EXPECT_THAT(anchors(), IsEmpty());
    book_.choose_anchors(now_ + 31min);
    EXPECT_THAT(anchors(), ElementsAre(1, 3, 4, 5, 6, 7, 8, 9));
    now_ = now_ + 1h;
    book_.on_disconnected(peer(3), true, now_, rng_);
    book_.choose_anchors(now_);
    EXPECT_THAT(anchors(), ElementsAre(1, 4, 5, 6, 7, 8, 9, 10));
}

TEST_F(Dialing, anchors_of_the_last_run_stay_while_there_are_few) {
    StoredPeer const kept{
        .id = peer(1), .addresses = {tcp(256)}, .agent = {}, .last_connected = at(0s), .is_anchor = true};
    book_.load({kept}, now_);
    book_.choose_anchors(now_);
    EXPECT_TRUE(book_.find(peer(1))->is_anchor);
    for (int i = 0; i < 10; ++i) book_.on_dial_failed(peer(1), now_, rng_);
    book_.choose_anchors(now_);
    EXPECT_FALSE(book_.find(peer(1))->is_anchor) << "it is gone for good";
    EXPECT_EQ(book_.take_orders(now_).size(), 1U);
}

}  // namespace
}  // namespace libp2p::peerstore
