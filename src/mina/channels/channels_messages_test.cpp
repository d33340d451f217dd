// Goal: a message has its verdict from the application, in time, or from the channel, with the reason. Method: one test
// for each rule and bound; a matrix of what happens to whom.
#include "mina/channels/channels_fixture.h"

#include <gtest/gtest.h>

namespace mina::channels::test {
namespace {

using namespace std::chrono_literals;
using enum GossipKind;

auto const alice = peer_id(1);
auto const bob = peer_id(2);
auto const carol = peer_id(3);

/// Alice at host 7, Bob at host 8.
Node with_two(Config const& config = {}) {
    Node node(config);
    node.act(PeerReady{alice, HostId{7}});
    node.act(PeerReady{bob, HostId{8}});
    return node;
}

Limits& limits_in(Config& config, GossipKind kind) { return config.limits.at(index_of(kind)); }

TEST(ChannelMessages, get_the_applications_word) {
    auto node = with_two();
    EXPECT_EQ(node.send(alice, block), "ask 1 block");
    EXPECT_EQ(node.send(alice, transactions, 50, 3), "ask 2 transactions");
    EXPECT_EQ(node.send(bob, snark_work, 70), "ask 3 snark-work");
    EXPECT_EQ(node.judge(2, Acceptance::reject), "reject 2: application");
    EXPECT_EQ(node.judge(1), "accept 1: application");
    EXPECT_EQ(node.judge(3, Acceptance::ignore), "ignore 3: application");
    check_invariants(node.state);
    EXPECT_EQ(node.counters(block).accepted, 1U);
    EXPECT_EQ(node.counters(transactions).rejected, 1U);
    EXPECT_EQ(node.counters(transactions).bytes, 50U);
    EXPECT_EQ(node.counters(snark_work).ignored_for(Why::application), 1U);
    EXPECT_EQ(node.channel(alice, block).counters, node.counters(block));
    EXPECT_EQ(node.channel(bob, block).counters, Counters{});
}

// How a channel may stand when an action comes.

Node never_seen() { return Node(); }
Node idle() { return with_two(); }
Node awaiting() {
    auto node = with_two();
    node.send(alice, block);
    return node;
}
Node gone_with_a_message_in_flight() {
    auto node = awaiting();
    node.act(PeerGone{alice});
    return node;
}
Node gone() {
    auto node = with_two();
    node.act(PeerGone{alice});
    return node;
}
Node over_rate() {
    Config config;
    limits_in(config, block).rate = {1, 5min};
    auto node = with_two(config);
    node.send(alice, block);
    node.judge(1);
    return node;
}
Node full() {
    Config config;
    limits_in(config, block).messages_max = 1;
    auto node = with_two(config);
    node.send(bob, block);
    return node;
}

TEST(ChannelMessages, and_all_else_have_an_outcome_however_the_channel_stands) {
    // Orders and events of each action on Alice's channel of blocks, in a state of its own.
    struct Row {
        char const* state;
        Node (*node)();
        char const* arrived;
        char const* accept;
        char const* reject;
        char const* timed_out;
    };
    auto const* const none = "/";
    Row const rows[] = {
        {"never seen", never_seen, "ask 9 block/", none, none, none},
        {"idle", idle, "ask 9 block/", none, none, none},
        {"awaiting", awaiting, "ask 9 block/", "accept 1: application/",
         "reject 1: application/rejected message block 1", "ignore 1: timed out/"},
        {"gone, with a message in flight", gone_with_a_message_in_flight, "ask 9 block/", "accept 1: application/",
         "reject 1: application/rejected message block 1", "ignore 1: timed out/"},
        {"gone", gone, "ask 9 block/", none, none, none},
        {"over rate", over_rate, "ignore 9: over rate/over rate block 1", none, none, none},
        {"full", full, "ignore 9: channel full/", "accept 1: application/",
         "reject 1: application/rejected message block 1", "ignore 1: timed out/"},
    };
    for (auto const& row : rows) {
        auto const outcome = [&](Action const& action, base::Duration later = 0s) {
            auto node = row.node();
            node.now = node.now + later;
            auto const orders = node.act(action);
            check_invariants(node.state);
            return orders + "/" + node.events();
        };
        EXPECT_EQ(outcome(MessageArrived{MessageKey{9}, alice, block, 1, 100}), row.arrived) << row.state;
        EXPECT_EQ(outcome(VerdictGiven{MessageKey{1}, Acceptance::accept}), row.accept) << row.state;
        EXPECT_EQ(outcome(VerdictGiven{MessageKey{1}, Acceptance::reject}), row.reject) << row.state;
        EXPECT_EQ(outcome(Tick{}, 240s), row.timed_out) << row.state;
        EXPECT_EQ(outcome(MessageUnfit{alice, block}), "/unfit message 1") << row.state;
        EXPECT_EQ(outcome(PeerReady{alice, HostId{7}}), none) << row.state;
        EXPECT_EQ(outcome(PeerReady{alice, HostId{8}}), none) << row.state;
        EXPECT_EQ(outcome(PeerGone{alice}), none) << row.state;
        EXPECT_EQ(outcome(Tick{}), none) << row.state;
    }
}

TEST(ChannelMessages, are_ignored_over_the_peers_rate_until_its_window_has_passed) {
    auto node = with_two();
    for (int i = 0; i < 34; ++i) {
        node.send(alice, block);
        node.judge(node.last_key);
        node.now = node.now + 1s;
    }
    EXPECT_EQ(node.send(alice, block), "ignore 35: over rate");
    EXPECT_EQ(node.events(), "over rate block 1");
    EXPECT_EQ(node.send(alice, transactions), "ask 36 transactions");  // each kind has its own
    EXPECT_EQ(node.send(bob, block), "ask 37 block");
    EXPECT_EQ(node.channel(alice, block).phase, Phase::over_rate);
    node.now = node.now + 5min - 34s - 1ns;
    EXPECT_EQ(node.send(alice, block), "ignore 38: over rate");
    node.now = node.now + 1ns;
    EXPECT_EQ(node.send(alice, block), "ask 39 block");
    EXPECT_EQ(node.send(alice, block), "ignore 40: over rate");  // the next comes back a second later
    EXPECT_EQ(node.counters(block).ignored_for(Why::over_rate), 3U);
    check_invariants(node.state);
}

TEST(ChannelMessages, cost_their_score) {
    auto node = with_two();
    EXPECT_EQ(node.send(alice, transactions, 100, 150), "ask 1 transactions");
    EXPECT_EQ(node.send(alice, transactions, 100, 51), "ignore 2: over rate");  // and is charged to nobody
    EXPECT_EQ(node.send(alice, transactions, 100, 49), "ask 3 transactions");
    EXPECT_EQ(node.send(alice, transactions, 100, 0), "ask 4 transactions");    // counts as 1
    EXPECT_EQ(node.send(alice, transactions), "ignore 5: over rate");
    EXPECT_EQ(node.send(bob, transactions, 100, 201), "ignore 6: over rate");   // more than any window has
    EXPECT_EQ(node.send(bob, transactions, 100, 200), "ask 7 transactions");
    EXPECT_EQ(node.send(carol, transactions, 100, 0xffff'ffff), "ignore 8: over rate");
}

TEST(ChannelMessages, are_ignored_over_the_rate_of_the_host) {
    Node node;
    node.act(PeerReady{alice, HostId{7}});
    node.act(PeerReady{bob, HostId{7}});
    node.act(PeerReady{carol, HostId{}});
    EXPECT_EQ(node.send(alice, transactions, 100, 150), "ask 1 transactions");
    EXPECT_EQ(node.send(bob, transactions, 100, 60), "ignore 2: over rate of host");
    EXPECT_EQ(node.events(), "over rate of host transactions 1");
    EXPECT_EQ(node.channel(bob, transactions).score_left, 50U);  // the host's
    EXPECT_EQ(node.send(bob, transactions, 100, 50), "ask 3 transactions");
    EXPECT_EQ(node.send(carol, transactions, 100, 200), "ask 4 transactions");  // no host: only its own
    node.act(PeerReady{bob, HostId{}});
    EXPECT_EQ(node.send(bob, transactions, 100, 90), "ask 5 transactions");     // what was left of its own
    for (int i = 0; i < 5'000; ++i) node.send(alice, transactions, 100, 51);
    EXPECT_EQ(node.counters(transactions).ignored_for(Why::over_rate), 5'000U);
    check_invariants(node.state);
}

TEST(ChannelMessages, of_a_host_that_is_shared_are_no_ground_for_a_ban) {
    Node node;
    node.act(PeerReady{alice, HostId{7}});
    node.act(PeerReady{bob, HostId{7}});
    node.send(alice, transactions, 100, 200);
    for (int i = 0; i < 200; ++i) {
        EXPECT_FALSE(node.asks(bob, transactions));
        for (auto const& event : node.out.events) EXPECT_EQ(event.what, Fault::over_rate_of_host);
    }
    EXPECT_EQ(node.send(bob, transactions), "ignore 202: over rate");  // who goes on is over its own
    EXPECT_EQ(faults_max(node.state.config, Fault::over_rate_of_host, transactions), 0U);
}

TEST(ChannelMessages, over_rate_lead_to_a_ban_when_they_persist) {
    auto node = with_two();
    for (int i = 0; i < 34; ++i) node.send(alice, block);
    std::string events;
    for (int i = 0; i < 1'030; ++i) {
        node.send(alice, block);
        if (!node.out.events.empty()) events += node.events() + "; ";
    }
    EXPECT_EQ(events, "over rate block 1; over rate block 2; over rate block 4; over rate block 8; over rate block 16; "
                      "over rate block 32; over rate block 64; over rate block 128; over rate block 256; "
                      "over rate block 512; over rate block 1024 ban; ");
    node.now = node.now + 5min;
    for (int i = 0; i < 35; ++i) node.send(alice, block);
    EXPECT_EQ(node.events(), "over rate block 1");  // a new window
}

TEST(ChannelMessages, find_a_quarter_of_the_room_for_one_peer) {
    Config config;
    limits_in(config, block).messages_max = 8;
    auto node = with_two(config);
    EXPECT_EQ(node.send(alice, block), "ask 1 block");
    EXPECT_EQ(node.send(alice, block), "ask 2 block");
    EXPECT_EQ(node.channel(alice, block).phase, Phase::full);
    EXPECT_EQ(node.send(alice, block), "ignore 3: too much in flight");
    EXPECT_TRUE(node.out.events.empty());  // a slow application is no peer's fault
    EXPECT_EQ(node.channel(alice, block).score_left, 31U);  // but paid for
    EXPECT_EQ(node.send(bob, block), "ask 4 block");
    node.judge(1);
    EXPECT_EQ(node.send(alice, block), "ask 5 block");
    check_invariants(node.state);
}

TEST(ChannelMessages, find_room_until_there_is_none) {
    Config config;
    limits_in(config, block).messages_max = 4;
    Node node(config);
    for (std::uint8_t i = 0; i < 4; ++i) node.send(peer_id(i), block);
    EXPECT_EQ(node.send(peer_id(9), block), "ignore 5: channel full");
    EXPECT_TRUE(node.out.events.empty());
    EXPECT_EQ(node.send(peer_id(9), snark_work), "ask 6 snark-work");
    node.judge(2);
    EXPECT_EQ(node.send(peer_id(9), block), "ask 7 block");
    EXPECT_EQ(node.counters(block).ignored_for(Why::channel_full), 1U);
}

TEST(ChannelMessages, find_room_by_their_bytes_too) {
    Config config;
    limits_in(config, block).bytes_max = 1'000;
    auto node = with_two(config);
    EXPECT_EQ(node.send(alice, block, 5'000), "ask 1 block");  // alone
    EXPECT_EQ(node.send(bob, block, 1), "ignore 2: channel full");
    node.judge(1);
    EXPECT_EQ(node.send(alice, block, 200), "ask 3 block");
    EXPECT_EQ(node.channel(alice, block).room_left.bytes, 66U);
    EXPECT_EQ(node.send(alice, block, 67), "ignore 4: too much in flight");
    EXPECT_EQ(node.send(alice, block, 66), "ask 5 block");
    EXPECT_EQ(node.send(bob, block, 735), "ignore 6: channel full");
    EXPECT_EQ(node.send(bob, block, 245), "ignore 7: too much in flight");
    EXPECT_EQ(node.send(bob, block, 244), "ask 8 block");
    check_invariants(node.state);
}

TEST(ChannelMessages, of_one_kind_that_wait_leave_the_others_alone) {
    Node node;
    for (int i = 0; i < 5'000; ++i) node.send(peer_id(static_cast<std::uint8_t>(i % 40)), snark_work);
    EXPECT_GT(node.counters(snark_work).ignored_for(Why::too_much_in_flight), 3'000U);
    for (int i = 0; i < 200; ++i) {  // the others are judged at once
        auto const& peer = i % 2 == 0 ? alice : bob;
        ASSERT_TRUE(node.asks(peer, transactions));
        node.judge(node.last_key);
        if (i >= 60) continue;
        ASSERT_TRUE(node.asks(peer, block, 2'000'000));
        node.judge(node.last_key);
    }
    check_invariants(node.state);
}

TEST(ChannelMessages, are_ignored_when_their_time_is_over) {
    for (auto const kind : kinds) {
        auto node = with_two();
        auto const time = node.state.config.limits.at(index_of(kind)).verdict_time;
        node.send(alice, kind);
        EXPECT_EQ(next_deadline(node.state), node.now + time);
        EXPECT_EQ(node.tick(time - 1ns), "");
        EXPECT_EQ(node.tick(1ns), "ignore 1: timed out");
        EXPECT_EQ(node.counters(kind).timed_out(), 1U);
        EXPECT_EQ(node.judge(1, Acceptance::reject), "");
        EXPECT_TRUE(node.out.events.empty());
        EXPECT_EQ(node.state.late_verdicts, 1U);
        EXPECT_EQ(next_deadline(node.state), base::Instant::never());
        check_invariants(node.state);
    }
}

TEST(ChannelMessages, end_in_the_order_of_their_deadlines) {
    auto node = with_two();
    node.send(alice, block);
    node.send(alice, transactions);
    node.send(bob, snark_work);
    EXPECT_EQ(node.tick(10min), "ignore 2: timed out, ignore 3: timed out, ignore 1: timed out");
}

TEST(ChannelMessages, have_a_verdict_once) {
    auto node = with_two();
    node.send(alice, block);
    node.judge(1);
    EXPECT_EQ(node.judge(1), "");
    EXPECT_EQ(node.judge(77, Acceptance::reject), "");  // never seen
    EXPECT_EQ(node.state.late_verdicts, 2U);
    EXPECT_TRUE(node.out.events.empty());
}

TEST(ChannelMessages, of_an_honest_peer_are_asked_about_beside_a_hostile_one) {
    for (auto const kind : {snark_work, transactions}) {
        auto node = with_two();
        std::size_t asked = 0;
        std::uint64_t next_verdict = 1;
        for (int millisecond = 0; millisecond < 60'000; ++millisecond) {
            node.now = node.now + 1ms;
            node.send(alice, kind, 40'000);  // a thousand a second
            if (millisecond % 500 == 0) {    // two a second
                ASSERT_TRUE(node.asks(bob, kind, 20'000)) << millisecond;
                ++asked;
            }
            if (millisecond % 10 == 0) {     // a validator of a hundred a second
                while (next_verdict <= node.last_key && !node.state.pending.contains(MessageKey{next_verdict})) {
                    ++next_verdict;
                }
                if (next_verdict <= node.last_key) node.judge(next_verdict, Acceptance::ignore);
            }
        }
        EXPECT_EQ(asked, 120U);
        check_invariants(node.state);
    }
}

TEST(ChannelMessages, of_an_honest_peer_are_asked_about_beside_twenty_hostile_ones_and_a_dead_validator) {
    Node node;
    for (int i = 0; i < 60'000; ++i) node.send(peer_id(static_cast<std::uint8_t>(10 + i % 20)), snark_work, 20'000);
    for (int i = 0; i < 8; ++i) ASSERT_TRUE(node.asks(alice, snark_work, 20'000)) << i;
    EXPECT_EQ(node.tick(120s).substr(0, 21), "ignore 1: timed out, ");
    EXPECT_TRUE(node.state.pending.empty());
}

}  // namespace
}  // namespace mina::channels::test
