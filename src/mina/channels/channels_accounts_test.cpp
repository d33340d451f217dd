// Goal: what peers have spent and done wrong is remembered for a window, in bounded memory; and for people to see.
// Method: peers that come, go and crowd; random actions, with all sums checked after each.
#include "mina/channels/channels_fixture.h"

#include <gtest/gtest.h>

#include <bit>

namespace mina::channels::test {
namespace {

using namespace std::chrono_literals;
using enum GossipKind;

auto const alice = peer_id(1);
auto const bob = peer_id(2);

TEST(ChannelAccounts, outlive_the_connection_by_a_window) {
    Node node;
    node.act(PeerReady{alice, HostId{7}});
    node.send(alice, transactions, 100, 200);
    node.judge(1);
    node.act(PeerGone{alice});
    EXPECT_EQ(view(node.state, alice, node.now)->host, HostId{});
    EXPECT_EQ(node.channel(alice, transactions).phase, Phase::closed);
    node.tick(4min);
    node.act(PeerReady{alice, HostId{9}});  // from elsewhere
    EXPECT_EQ(node.send(alice, transactions), "ignore 2: over rate");
    node.act(PeerReady{bob, HostId{7}});    // another from there
    EXPECT_EQ(node.send(bob, transactions), "ignore 3: over rate of host");
    node.act(PeerGone{alice});
    node.act(PeerGone{alice});
    node.act(PeerGone{bob});
    EXPECT_EQ(next_deadline(node.state), node.now + 5min);
    node.tick(5min - 1ns);
    EXPECT_EQ(node.state.peers.size(), 2U);
    node.tick(1ns);
    EXPECT_TRUE(node.state.peers.empty());
    EXPECT_TRUE(node.state.hosts.empty());
    EXPECT_EQ(next_deadline(node.state), base::Instant::never());
    EXPECT_EQ(node.counters(transactions).received, 3U);
}

TEST(ChannelAccounts, stay_while_messages_are_in_flight) {
    Config config;
    config.limits.at(index_of(block)).verdict_time = 20min;
    Node node(config);
    node.act(PeerReady{alice, HostId{7}});
    node.send(alice, block);
    node.send(alice, block);
    node.act(PeerGone{alice});
    node.tick(10min);
    EXPECT_EQ(node.channel(alice, block).in_flight.messages, 2U);
    EXPECT_EQ(node.judge(1, Acceptance::reject), "reject 1: application");
    EXPECT_EQ(node.events(), "rejected message block 1");  // gone, and yet it was its message
    EXPECT_EQ(node.tick(10min), "ignore 2: timed out");
    EXPECT_EQ(node.state.peers.size(), 1U);
    check_invariants(node.state);
    node.tick(5min);
    EXPECT_TRUE(node.state.peers.empty());
}

TEST(ChannelAccounts, are_bounded_and_the_one_unused_for_longest_is_forgotten) {
    Config config;
    config.peers_max = 3;
    config.hosts_max = 3;
    Node node(config);
    for (std::uint8_t i = 1; i <= 3; ++i) {
        node.act(PeerReady{peer_id(i), HostId{i}});
        node.send(peer_id(i), transactions, 100, 200);
        node.judge(node.last_key);
        node.now = node.now + 1s;
    }
    for (auto const i : std::array<std::uint8_t, 3>{2, 1, 3}) {
        node.act(PeerGone{peer_id(i)});
        node.now = node.now + 1s;
    }
    node.act(PeerReady{peer_id(4), HostId{4}});
    EXPECT_FALSE(node.state.peers.contains(peer_id(2)));
    EXPECT_FALSE(node.state.hosts.contains(HostId{2}));
    node.act(PeerReady{peer_id(3), HostId{3}});
    EXPECT_EQ(node.send(peer_id(3), transactions), "ignore 4: over rate");
    node.act(PeerReady{peer_id(2), HostId{2}});
    EXPECT_EQ(node.send(peer_id(2), transactions), "ask 5 transactions");  // begins anew
    check_invariants(node.state);
}

TEST(ChannelAccounts, are_more_while_more_are_in_use) {
    Config config;
    config.peers_max = 3;
    config.hosts_max = 3;
    Node node(config);
    for (std::uint8_t i = 1; i <= 6; ++i) node.act(PeerReady{peer_id(i), HostId{i}});
    for (std::uint8_t i = 7; i <= 9; ++i) node.send(peer_id(i), block);  // in flight, of peers never seen
    EXPECT_EQ(node.state.peers.size(), 9U);
    EXPECT_EQ(node.state.hosts.size(), 6U);
    for (std::uint8_t i = 1; i <= 6; ++i) node.act(PeerGone{peer_id(i)});
    for (std::uint8_t i = 10; i <= 30; ++i) node.act(MessageUnfit{peer_id(i), std::nullopt});
    EXPECT_LE(node.state.peers.size(), 9U);
    check_invariants(node.state);
    node.tick(10min);
    node.tick(10min);
    EXPECT_TRUE(node.state.peers.empty());
    EXPECT_TRUE(node.state.hosts.empty());
}

TEST(ChannelAccounts, are_small) {
    State const state;
    auto bytes = sizeof(Peer) + sizeof(PeerId) + 64;  // its place in the map, and its timer
    for (auto const capacity : state.capacities) {
        auto const entries = capacity > Budget::entries_max ? 258 : capacity;  // window / 256, and the two that are cut
        bytes += std::bit_ceil(entries) * 2 * sizeof(std::uint64_t);           // as a vector grows
    }
    EXPECT_LT(bytes, 16U * 1024);
}

TEST(ChannelFaults, rejected_messages_lead_to_a_ban_when_they_persist) {
    for (auto const kind : kinds) {
        Node node;
        node.act(PeerReady{alice, HostId{7}});
        auto const most = node.state.config.limits.at(index_of(kind)).rejected_max;
        for (std::uint32_t i = 1; i <= most; ++i) {
            node.send(alice, kind);
            node.judge(node.last_key, Acceptance::reject);
            if (node.out.events.empty()) continue;
            EXPECT_EQ(node.out.events.front().is_ban_wanted, i == most) << name_of(kind) << " " << i;
        }
        ASSERT_EQ(node.out.events.size(), 1U);
        auto const& event = node.out.events.front();
        EXPECT_EQ(event.peer, alice);
        EXPECT_EQ(event.what, Fault::rejected_message);
        EXPECT_EQ(event.kind, kind);
        EXPECT_EQ(event.count, most);
    }
}

TEST(ChannelFaults, may_lead_to_a_ban_at_once) {
    Config config;
    config.limits.at(index_of(block)).rejected_max = 1;  // as OCaml's node
    Node node(config);
    node.send(alice, block);
    node.judge(1, Acceptance::reject);
    EXPECT_EQ(node.events(), "rejected message block 1 ban");
    config.limits.at(index_of(block)).rejected_max = 0;
    Node lenient(config);
    for (int i = 0; i < 30; ++i) {
        lenient.send(alice, block);
        lenient.judge(lenient.last_key, Acceptance::reject);
        for (auto const& event : lenient.out.events) EXPECT_FALSE(event.is_ban_wanted);
    }
}

TEST(ChannelFaults, are_forgotten_after_a_window_and_told_apart_by_kind) {
    Node node;
    node.act(PeerReady{alice, HostId{}});
    auto const reject = [&](GossipKind kind) {
        node.send(alice, kind);
        node.judge(node.last_key, Acceptance::reject);
        return node.events();
    };
    EXPECT_EQ(reject(block), "rejected message block 1");
    EXPECT_EQ(reject(block), "rejected message block 2");
    EXPECT_EQ(reject(transactions), "rejected message transactions 1");
    node.tick(5min);
    EXPECT_EQ(reject(block), "rejected message block 1");
}

TEST(ChannelFaults, unfit_messages_count_together_whatever_their_kind) {
    Node node;
    node.act(PeerReady{alice, HostId{7}});
    EXPECT_EQ(node.act(MessageUnfit{alice, block}), "");
    EXPECT_EQ(node.events(), "unfit message 1");
    node.act(MessageUnfit{alice, std::nullopt});
    EXPECT_EQ(node.events(), "unfit message 2");
    EXPECT_EQ(view(node.state, alice, node.now)->unfit, 2U);
    node.act(MessageUnfit{alice, transactions});
    EXPECT_EQ(node.events(), "unfit message 3 ban");
    EXPECT_EQ(node.counters(block).unfit, 1U);
    EXPECT_EQ(node.counters(block).received, 0U);
    EXPECT_EQ(node.state.unfit_of_no_kind, 1U);
    node.now = node.now + 5min;
    EXPECT_EQ(view(node.state, alice, node.now)->unfit, 0U);
    node.act(MessageUnfit{alice, transactions});
    EXPECT_EQ(node.events(), "unfit message 1");
}

TEST(ChannelViews, say_what_a_peer_has_sent_and_may_send) {
    Node node;
    EXPECT_FALSE(view(node.state, alice, node.now));
    node.act(PeerReady{bob, HostId{}});
    node.act(PeerReady{alice, HostId{7}});
    node.send(alice, transactions, 1'000, 20);
    node.send(alice, block, 2'000'000);
    auto const shown = views(node.state, node.now);
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_EQ(shown[0].peer, alice);
    EXPECT_TRUE(shown[0].is_connected);
    EXPECT_EQ(shown[0].host, HostId{7});
    auto const& diffs = shown[0].channels.at(index_of(transactions));
    EXPECT_EQ(diffs.kind, transactions);
    EXPECT_EQ(diffs.phase, Phase::awaiting);
    EXPECT_EQ(diffs.counters.received, 1U);
    EXPECT_EQ(diffs.counters.bytes, 1'000U);
    EXPECT_EQ(diffs.in_flight, (InFlight{1, 1'000}));
    EXPECT_EQ(diffs.score_left, 180U);
    EXPECT_EQ(diffs.room_left.messages, 255U);
    EXPECT_EQ(shown[1].channels.at(index_of(block)).phase, Phase::idle);
    EXPECT_EQ(shown[1].channels.at(index_of(block)).score_left, 34U);
    auto const later = view(node.state, alice, node.now + 5min);  // asked without a step
    EXPECT_EQ(later->channels.at(index_of(transactions)).score_left, 200U);
}

/// Random actions on few peers with narrow limits, so that every rule is met often.
base::Digest run(std::uint8_t seed, std::array<std::uint64_t, why_count>& seen) {
    Config config;
    config.peers_max = 4;
    config.hosts_max = 2;
    for (auto& limits : config.limits) {
        limits.messages_max = 16;
        limits.bytes_max = 4'000;
        limits.rate = {100'000, 15s};
    }
    config.limits.at(index_of(transactions)).rate = {1, 30s};
    Node node(config);
    base::Rng::Seed bytes{};
    bytes[0] = seed;
    base::Rng rng(bytes);
    for (int i = 0; i < 4'000; ++i) {
        auto const peer = peer_id(static_cast<std::uint8_t>(rng.below(8)));
        auto const kind = kinds.at(rng.below(kind_count));
        node.now = node.now + rng.between(0ms, 900ms);
        switch (rng.below(12)) {
            case 0: node.act(PeerReady{peer, HostId{rng.below(5)}}); break;
            case 1: node.act(PeerGone{peer}); break;
            case 2: node.act(MessageUnfit{peer, rng.below(2) == 0 ? std::optional(kind) : std::nullopt}); break;
            case 3: node.act(Tick{}); break;
            case 4:
            case 5: {
                auto const back = rng.below(std::min<std::uint64_t>(node.last_key, 40) + 1);
                node.judge(node.last_key - back, static_cast<Acceptance>(rng.below(3)));
                break;
            }
            default: node.send(peer, kind, rng.below(1'200), static_cast<std::uint32_t>(rng.below(4))); break;
        }
        check_invariants(node.state);
        if (next_deadline(node.state) <= node.now) node.act(Tick{});
        base::check(next_deadline(node.state) > node.now, "a deadline that stays due");
    }
    for (auto const kind : kinds) {
        for (std::size_t i = 0; i < why_count; ++i) seen.at(i) += node.counters(kind).ignored.at(i);
    }
    for (std::uint8_t i = 0; i < 8; ++i) node.act(PeerGone{peer_id(i)});
    node.tick(5min);
    node.tick(5min);
    EXPECT_TRUE(node.asked.empty()) << int{seed};
    EXPECT_TRUE(node.state.peers.empty() && node.state.hosts.empty() && node.state.pending.empty()) << int{seed};
    base::DigestDescriber digest;
    describe(node.state, digest);
    return digest.finish();
}

TEST(ChannelProperties, each_message_has_one_verdict_and_all_sums_agree) {
    std::array<std::uint64_t, why_count> seen{};
    for (std::uint8_t seed = 0; seed < 24; ++seed) {
        SCOPED_TRACE(int{seed});
        auto const digest = run(seed, seen);
        std::array<std::uint64_t, why_count> again{};
        EXPECT_EQ(run(seed, again), digest);
    }
    for (std::size_t i = 0; i < why_count; ++i) EXPECT_GT(seen.at(i), 0U) << to_string(static_cast<Why>(i));
}

TEST(ChannelNames, are_told_apart) {
    std::set<std::string_view> names;
    for (auto const kind : kinds) names.insert(name_of(kind));
    for (std::size_t i = 0; i < why_count; ++i) names.insert(to_string(static_cast<Why>(i)));
    for (int i = 0; i < 5; ++i) names.insert(to_string(static_cast<Phase>(i)));
    EXPECT_EQ(names.size(), 3U + why_count + 5U);
    EXPECT_FALSE(names.contains("?"));
    EXPECT_NE(to_string(Fault::unfit_message), to_string(Fault::rejected_message));
}

}  // namespace
}  // namespace mina::channels::test
