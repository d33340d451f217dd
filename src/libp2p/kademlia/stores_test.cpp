// Goal: records of others are bounded in every direction and go when their time is over.
// Method: the two stores alone.
#include "libp2p/kademlia/test_node.h"

#include <gtest/gtest.h>

namespace libp2p::kademlia {
namespace {

using namespace test;

base::ByteString key(std::uint64_t number) { return base::to_byte_string(id_number(number, 3).bytes()); }

struct Providers_ {
    Config config;
    ProviderStore store;
    base::Rng rng = seeded(1);
    base::NoTrace trace;
    base::Instant now{1'000'000'000'000};

    bool add(std::uint64_t of, std::uint64_t by, Group group = 0) {
        now = now + 1ns;
        return store.add(key(of), id_number(by), {address_number(by)}, group, now, config) == ProviderStore::Added::yes;
    }
    std::vector<PeerAddresses> get(std::uint64_t of, std::size_t count = 1000) {
        return store.providers(key(of), count, base::Env{now, rng, trace}, config);
    }
};

TEST(KademliaProviders, addresses_are_kept_a_day_and_records_two) {
    Providers_ all;
    all.add(1, 2);
    all.now = all.now + 24h - 1ns;
    EXPECT_EQ(all.get(1)[0].addresses.size(), 1U);
    all.now = all.now + 1ns;
    EXPECT_EQ(all.get(1)[0].addresses.size(), 0U);
    all.now = all.now + 24h;
    EXPECT_TRUE(all.get(1).empty());
    EXPECT_EQ(all.store.size(), 1U);
    all.store.expire(all.now, all.config);
    EXPECT_EQ(all.store.size(), 0U);
    EXPECT_TRUE(all.store.keys().empty());
}

TEST(KademliaProviders, saying_it_again_renews_a_record) {
    Providers_ all;
    all.add(1, 2);
    all.now = all.now + 47h;
    all.add(1, 2);
    EXPECT_EQ(all.store.size(), 1U);
    all.now = all.now + 2h;
    EXPECT_EQ(all.get(1).size(), 1U);
}

TEST(KademliaProviders, the_oldest_of_a_full_key_goes) {
    Providers_ all;
    all.config.providers_per_key_max = 10;
    for (std::uint64_t i = 0; i < 12; ++i) EXPECT_TRUE(all.add(1, i));
    auto const kept = all.get(1);
    EXPECT_EQ(kept.size(), 10U);
    for (auto const& provider : kept) EXPECT_TRUE(provider.id != id_number(0) && provider.id != id_number(1));
}

TEST(KademliaProviders, a_group_has_an_eighth_of_a_key) {
    Providers_ all;
    all.config.providers_per_key_max = 16;
    EXPECT_TRUE(all.add(1, 1, 9));
    EXPECT_TRUE(all.add(1, 2, 9));
    EXPECT_FALSE(all.add(1, 3, 9));
    EXPECT_TRUE(all.add(1, 4, 8));
    EXPECT_TRUE(all.add(1, 2, 9));
}

TEST(KademliaProviders, at_the_bound_of_keys_a_small_old_one_goes) {
    Providers_ all;
    all.config.provided_keys_max = 3;
    all.add(1, 1);
    all.add(1, 2);
    all.add(2, 1);
    all.add(3, 1);
    all.add(4, 1);
    EXPECT_EQ(all.get(1).size(), 2U);
    EXPECT_TRUE(all.get(2).empty());
    EXPECT_EQ(all.get(4).size(), 1U);
    EXPECT_EQ(all.store.keys().size(), 3U);
    EXPECT_EQ(all.store.size(), 4U);
}

TEST(KademliaProviders, at_the_bound_of_all_the_largest_key_shrinks) {
    Providers_ all;
    all.config.providers_max = 5;
    for (std::uint64_t i = 0; i < 5; ++i) all.add(1, i);
    all.add(2, 9);
    EXPECT_EQ(all.store.size(), 5U);
    EXPECT_EQ(all.get(1).size(), 4U);
    EXPECT_EQ(all.get(2).size(), 1U);
}

TEST(KademliaProviders, tells_a_random_part_of_many) {
    Providers_ all;
    for (std::uint64_t i = 0; i < 100; ++i) all.add(1, i);
    std::set<PeerId> seen;
    for (int i = 0; i < 50; ++i) {
        auto const some = all.get(1, 20);
        EXPECT_EQ(some.size(), 20U);
        for (auto const& provider : some) seen.insert(provider.id);
    }
    EXPECT_GT(seen.size(), 90U);
}

TEST(KademliaValues, are_bounded_by_count_bytes_and_peer) {
    Config config;
    config.values_per_peer_max = 2;
    config.values_max = 3;
    config.values_bytes_max = 1'000;
    ValueStore store;
    base::Instant const now{1};
    base::ByteString const value(100, 1);
    EXPECT_TRUE(store.put(key(1), value, id_number(1), now, config));
    EXPECT_TRUE(store.put(key(2), value, id_number(1), now, config));
    EXPECT_FALSE(store.put(key(3), value, id_number(1), now, config));
    EXPECT_TRUE(store.put(key(2), value, id_number(1), now, config));
    EXPECT_FALSE(store.put(key(2), base::ByteString(900, 1), id_number(2), now, config));
    EXPECT_TRUE(store.put(key(2), value, id_number(2), now, config));
    EXPECT_TRUE(store.put(key(3), value, id_number(1), now, config));
    EXPECT_FALSE(store.put(key(4), value, id_number(3), now, config));
    EXPECT_EQ(store.bytes(), 3 * 134U);
    EXPECT_EQ(store.find(key(9), now), nullptr);
    store.expire(now + config.value_ttl);
    EXPECT_TRUE(store.empty());
    EXPECT_EQ(store.bytes(), 0U);
}

}  // namespace
}  // namespace libp2p::kademlia
