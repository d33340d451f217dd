// Goal: the table holds peers that answer, k a bucket, keeps them, and is not to be filled by one hand.
// Method: the table alone, with ids by number; what is closest is compared with a sort of all.
#include "libp2p/kademlia/test_node.h"

#include <gtest/gtest.h>

namespace libp2p::kademlia {
namespace {

using namespace test;

Member member(std::uint64_t number, Group group = 0) {
    Member result{.id = id_number(number), .key = key_of(id_number(number)), .addresses = {address_number(number)}};
    result.group = group;
    result.last_useful = {static_cast<std::int64_t>(number)};
    return result;
}

RoutingTable table() { return RoutingTable(key_of(id_number(0))); }

TEST(KademliaTable, places_are_sha256_and_distances_xor) {
    auto const a = key_of(base::as_bytes("abc"));
    EXPECT_EQ(a[0], 0xba);
    EXPECT_EQ(distance(a, a), Key{});
    EXPECT_EQ(common_prefix(a, a), 256U);
    auto b = a;
    b[1] ^= 0x10;
    EXPECT_EQ(common_prefix(a, b), 11U);
    EXPECT_EQ(distance(a, b)[1], 0x10);
}

TEST(KademliaTable, gives_the_closest_to_any_key) {
    auto all = table();
    Config const config;
    std::vector<PeerId> ids;
    for (std::uint64_t i = 1; i < 400; ++i) {
        if (all.add(member(i), config) == Admission::added) ids.push_back(id_number(i));
    }
    ASSERT_GT(ids.size(), 80U);
    EXPECT_EQ(all.size(), ids.size());
    for (std::uint64_t i = 0; i < 100; ++i) {
        auto const key = key_of(id_number(i, 5));
        std::ranges::sort(ids, {}, [&](PeerId const& id) { return distance(key_of(id), key); });
        for (std::size_t const count : {1U, 20U, 50U, 1000U}) {
            auto const closest = all.closest(key, count);
            ASSERT_EQ(closest.size(), std::min(count, ids.size()));
            for (std::size_t j = 0; j < closest.size(); ++j) EXPECT_EQ(closest[j]->id, ids[j]);
        }
    }
}

TEST(KademliaTable, never_holds_ourselves) {
    auto all = table();
    EXPECT_EQ(all.add(member(0), {}), Admission::refused);
    EXPECT_EQ(all.size(), 0U);
}

TEST(KademliaTable, a_full_bucket_keeps_its_members_and_a_bounded_list_waits) {
    auto all = table();
    Config const config;
    std::size_t added = 0;
    std::size_t waiting = 0;
    std::uint64_t first = 0;
    for (std::uint64_t i = 1; i < 200; ++i) {
        if (all.bucket_of(key_of(id_number(i))) != 0) continue;
        if (first == 0) first = i;
        auto const how = all.add(member(i), config);
        added += how == Admission::added ? 1 : 0;
        waiting += how == Admission::waiting ? 1 : 0;
    }
    EXPECT_EQ(added, 20U);
    EXPECT_GT(waiting, 40U);
    EXPECT_EQ(all.buckets()[0].replacements.size(), config.replacements_max);
    ASSERT_NE(all.find(id_number(first)), nullptr);
    auto const newest = all.buckets()[0].replacements.back().id;
    EXPECT_FALSE(all.fail(id_number(first), config));
    EXPECT_TRUE(all.fail(id_number(first), config));
    EXPECT_EQ(all.find(id_number(first)), nullptr);
    EXPECT_NE(all.find(newest), nullptr);
    EXPECT_EQ(all.buckets()[0].members.size(), 20U);
    EXPECT_EQ(all.buckets()[0].replacements.size(), config.replacements_max - 1);
}

TEST(KademliaTable, an_answer_makes_good_a_failure) {
    auto all = table();
    Config const config;
    all.add(member(1), config);
    EXPECT_FALSE(all.fail(id_number(1), config));
    EXPECT_EQ(all.add(member(1), config), Admission::updated);
    EXPECT_FALSE(all.fail(id_number(1), config));
    EXPECT_TRUE(all.fail(id_number(1), config));
    EXPECT_EQ(all.size(), 0U);
    EXPECT_FALSE(all.fail(id_number(1), config));
}

TEST(KademliaTable, a_group_has_two_places_in_a_bucket_and_ten_in_all) {
    auto all = table();
    Config const config;
    for (std::uint64_t i = 1; i < 5'000; ++i) all.add(member(i, 7), config);
    EXPECT_EQ(all.size(), config.group_in_table_max);
    for (auto const& bucket : all.buckets()) EXPECT_LE(bucket.members.size(), config.group_in_bucket_max);
    for (std::uint64_t i = 1; i < 5'000; ++i) EXPECT_NE(all.add(member(i, 7), config), Admission::waiting);
}

TEST(KademliaTable, is_bounded_in_all) {
    auto all = table();
    Config config;
    config.table_max = 50;
    for (std::uint64_t i = 1; i < 2'000; ++i) all.add(member(i), config);
    EXPECT_EQ(all.size(), 50U);
}

TEST(KademliaTable, a_replacement_that_fails_leaves) {
    auto all = table();
    Config config;
    config.bucket_size = 1;
    std::vector<std::uint64_t> same;
    for (std::uint64_t i = 1; same.size() < 3; ++i) {
        if (all.bucket_of(key_of(id_number(i))) == 0) same.push_back(i);
    }
    for (auto const i : same) all.add(member(i), config);
    EXPECT_EQ(all.buckets()[0].replacements.size(), 2U);
    EXPECT_FALSE(all.fail(id_number(same[2]), config));
    EXPECT_EQ(all.buckets()[0].replacements.size(), 1U);
}

TEST(KademliaAddresses, groups_are_ip_prefixes) {
    EXPECT_EQ(group_of(address("/ip4/1.2.3.4/tcp/1")), group_of(address("/ip4/1.2.9.9/tcp/2")));
    EXPECT_NE(group_of(address("/ip4/1.2.3.4/tcp/1")), group_of(address("/ip4/1.3.3.4/tcp/1")));
    EXPECT_EQ(group_of(address("/ip6/2001:db8:1::1/tcp/1")), group_of(address("/ip6/2001:db8:2::1/tcp/1")));
    EXPECT_EQ(group_of(address("/ip6/::ffff:1.2.3.4/tcp/1")), group_of(address("/ip4/1.2.3.4/tcp/1")));
    EXPECT_EQ(group_of(address("/dns4/a.example/tcp/1")), group_of(address("/dns4/b.example/tcp/1")));
    for (auto const* text :
         {"/ip4/127.0.0.1/tcp/1", "/ip4/10.1.2.3/tcp/1", "/ip6/::1/tcp/1", "/dns4/localhost/tcp/1"}) {
        EXPECT_EQ(group_of(address(text)), 0U) << text;
    }
}

TEST(KademliaAddresses, only_what_can_be_dialed_is_accepted) {
    auto const id = id_number(1);
    for (auto const* text :
         {"/ip4/1.2.3.4/tcp/1", "/ip6/2001:db8::1/tcp/1", "/dns4/a.example/tcp/1", "/dns6/a.example/tcp/1"}) {
        EXPECT_EQ(accepted(address(text), id, false), address(text)) << text;
        EXPECT_EQ(accepted(address(text).with_peer_id(id), id, false), address(text)) << text;
        EXPECT_FALSE(accepted(address(text).with_peer_id(id_number(2)), id, true)) << text;
    }
    for (auto const* text :
         {"/ip4/127.0.0.1/tcp/1", "/ip4/192.168.1.1/tcp/1", "/ip6/::1/tcp/1", "/dns4/localhost/tcp/1"}) {
        EXPECT_FALSE(accepted(address(text), id, false)) << text;
        EXPECT_TRUE(accepted(address(text), id, true)) << text;
    }
    for (auto const* text : {"/ip4/0.0.0.0/tcp/1", "/ip4/224.0.0.1/tcp/1", "/ip4/255.255.255.255/tcp/1",
                             "/ip6/::/tcp/1", "/ip6/ff02::1/tcp/1", "/ip4/1.2.3.4/tcp/0", "/ip4/1.2.3.4/udp/1",
                             "/dnsaddr/a.example", "/ip4/1.2.3.4/tcp/1/ws"}) {
        EXPECT_FALSE(accepted(address(text), id, true)) << text;
    }
}

TEST(KademliaAddresses, private_ones_are_told_to_private_askers_only) {
    auto const internet = address("/ip4/1.2.3.4/tcp/1");
    auto const home = address("/ip4/10.0.0.1/tcp/1");
    auto const loop = address("/ip4/127.0.0.1/tcp/1");
    for (auto const allowed : {true, false}) {
        for (auto const& asker : {internet, home, loop}) EXPECT_TRUE(is_tellable(internet, asker, allowed));
        for (auto const& told : {home, loop}) EXPECT_FALSE(is_tellable(told, internet, allowed));
        EXPECT_FALSE(is_tellable(home, {}, allowed));
        EXPECT_FALSE(is_tellable(loop, home, allowed));
        EXPECT_EQ(is_tellable(home, home, allowed), allowed);
        EXPECT_EQ(is_tellable(home, loop, allowed), allowed);
        EXPECT_EQ(is_tellable(loop, loop, allowed), allowed);
    }
}

}  // namespace
}  // namespace libp2p::kademlia
