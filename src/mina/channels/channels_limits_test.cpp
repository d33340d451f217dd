// Goal: the limits are OCaml's where it has any, and fit into GossipSub's. Method: the table against the numbers of
// both; the room is filled by one peer and by many.
#include "mina/channels/channels_limits.h"

#include "libp2p/gossipsub/gossipsub_state.h"
#include "mina/channels/channels_room.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mina::channels {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t mebibyte = 1024ULL * 1024;

Limits const& limits_of(GossipKind kind) {
    static Config const config;
    return config.limits.at(index_of(kind));
}

TEST(ChannelLimits, have_the_rates_of_ocamls_node) {
    EXPECT_EQ(capacity_of(limits_of(GossipKind::block).rate, 5min), 34U);  // 33 and a third, rounded up
    EXPECT_EQ(capacity_of(limits_of(GossipKind::transactions).rate, 5min), 200U);
    EXPECT_EQ(capacity_of(limits_of(GossipKind::snark_work).rate, 5min), 2'000'000U);
    auto const mesa = mina_limits(90s);
    EXPECT_EQ(capacity_of(mesa.at(index_of(GossipKind::block)).rate, 5min), 67U);
    EXPECT_EQ(capacity_of(mesa.at(index_of(GossipKind::transactions)).rate, 5min), 200U);
}

TEST(ChannelLimits, a_capacity_is_never_more_than_a_budget_holds) {
    EXPECT_EQ(capacity_of({0xffff'ffff, 1ms}, 24h), 0xffff'ffffU);
    EXPECT_EQ(capacity_of({1, 5min}, 5min), 1U);
    EXPECT_EQ(capacity_of({20, 1h}, 5min), 2U);
    EXPECT_EQ(capacity_of({0, 1s}, 5min), 0U);
}

TEST(ChannelLimits, leave_verdicts_and_room_to_gossip) {
    libp2p::gossipsub::Config const gossip;
    std::size_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t most_bytes = 0;
    for (auto const kind : kinds) {
        auto const& limits = limits_of(kind);
        EXPECT_LT(limits.verdict_time, gossip.verdict_timeout) << name_of(kind);
        messages += limits.messages_max;
        bytes += limits.bytes_max;
        most_bytes += std::max<std::uint64_t>(limits.bytes_max, gossip.message_bytes_max);  // one message alone
        EXPECT_GT(limits.rejected_max, 0U);
        EXPECT_GT(limits.over_rate_max, 0U);
    }
    EXPECT_LT(gossip.verdict_timeout, gossip.seen_ttl);
    EXPECT_LT(messages, 4'096U);
    EXPECT_LT(messages, gossip.pending_max);
    EXPECT_LT(bytes, 128 * mebibyte);
    EXPECT_LT(most_bytes, 128 * mebibyte);
}

/// How many messages `peers` peers get in flight when each takes all it can, in turn; and what of the room is left.
std::size_t fill(GossipKind kind, std::size_t peers, std::uint64_t bytes, InFlight& all) {
    Config const config;
    std::vector<InFlight> own(peers);
    for (auto is_any = true; is_any;) {
        is_any = false;
        for (auto& peer : own) {
            if (lack_of_room(config, kind, all, peer, bytes)) continue;
            is_any = true;
            for (auto* const in_flight : {&all, &peer}) {
                ++in_flight->messages;
                in_flight->bytes += bytes;
            }
        }
    }
    return own.back().messages;
}

TEST(ChannelRoom, gives_one_peer_a_quarter) {
    InFlight all;
    EXPECT_EQ(fill(GossipKind::transactions, 1, 1, all), 256U);
    InFlight blocks;
    EXPECT_EQ(fill(GossipKind::block, 1, 2 * mebibyte, blocks), 7U);  // 14 of 60 MiB
}

TEST(ChannelRoom, is_never_shut_by_a_crowd) {
    Config const config;
    for (std::size_t const peers : {2U, 4U, 20U, 200U}) {
        InFlight all;
        EXPECT_GT(fill(GossipKind::snark_work, peers, 1'000, all), 0U) << peers;
        EXPECT_EQ(lack_of_room(config, GossipKind::snark_work, all, {}, 1'000), std::nullopt) << peers;
        EXPECT_GT(room_left(config, GossipKind::snark_work, all, {}).messages, 0U) << peers;
    }
    InFlight blocks;
    fill(GossipKind::block, 20, mebibyte, blocks);
    EXPECT_EQ(lack_of_room(config, GossipKind::block, blocks, {}, mebibyte), std::nullopt);
}

TEST(ChannelRoom, takes_a_long_block_beside_as_much_again) {
    Config const config;
    EXPECT_EQ(lack_of_room(config, GossipKind::block, {5, 15'000'000}, {}, 15'000'000), std::nullopt);
    EXPECT_EQ(lack_of_room(config, GossipKind::block, {5, 25'000'000}, {}, 15'000'000), Why::too_much_in_flight);
    EXPECT_EQ(lack_of_room(config, GossipKind::block, {5, 50'000'000}, {}, 15'000'000), Why::channel_full);
}

TEST(ChannelRoom, takes_any_message_when_it_is_empty) {
    Config const config;
    EXPECT_EQ(lack_of_room(config, GossipKind::snark_work, {}, {}, 32 * mebibyte), std::nullopt);
    EXPECT_EQ(lack_of_room(config, GossipKind::snark_work, {1, 32 * mebibyte}, {}, 0), Why::channel_full);
}

TEST(ChannelRoom, says_how_much_is_left) {
    Config config;
    auto& limits = config.limits.at(index_of(GossipKind::block));
    limits.messages_max = 100;
    limits.bytes_max = 900;
    for (std::size_t others = 0; others <= 100; ++others) {
        for (std::size_t own = 0; own <= others; ++own) {
            InFlight all{others, others};
            InFlight mine{own, own};
            auto const left = room_left(config, GossipKind::block, all, mine);
            std::size_t more = 0;
            while (all.messages != 0 && !lack_of_room(config, GossipKind::block, all, mine, 0)) {
                ++more;
                ++all.messages;
                ++mine.messages;
            }
            if (others == 0) continue;
            EXPECT_EQ(left.messages, more) << others << " " << own;
        }
    }
    EXPECT_EQ(room_left(config, GossipKind::block, {10, 300}, {4, 150}).bytes, 50U);
    EXPECT_EQ(room_left(config, GossipKind::block, {10, 600}, {4, 150}).bytes, 0U);
}

}  // namespace
}  // namespace mina::channels
