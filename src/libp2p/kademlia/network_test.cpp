// Goal: lookups find what is there, in few hops and with few requests, and still do when many nodes are hostile; a
// network that begins from one node becomes whole; nothing is held for ever.
// Method: machines on a network in memory (test_network.h), with the tables that they would have after long, or grown
// from one. Hostile nodes never answer, tell of peers that are not there, nearer to the key than anybody, or tell of
// one another only.
#include "libp2p/kademlia/test_network.h"

#include <gtest/gtest.h>

namespace libp2p::kademlia {
namespace {

using namespace test;

struct Result {
    std::size_t tried = 0;
    std::size_t found = 0;
    std::vector<std::uint32_t> hops;
    std::uint64_t asked = 0;
    double seconds = 0;
};

/// The closest of these hosts to a key.
std::vector<PeerAddresses> closest_of(Network const& network, base::ByteView key, Behaviour behaviour) {
    std::vector<std::pair<Key, std::size_t>> order;
    for (std::size_t i = 0; i < network.hosts.size(); ++i) {
        if (network.hosts[i]->behaviour == behaviour)
            order.emplace_back(distance(key_of(network.id(i)), key_of(key)), i);
    }
    std::ranges::sort(order);
    std::vector<PeerAddresses> result;
    for (auto const& [where, i] : order) {
        if (result.size() == 20) break;
        result.push_back({network.id(i), {address_number(i)}});
    }
    return result;
}

/// Ids that nobody has, nearer to the key than twelve bits; found once for each key.
std::vector<PeerAddresses> fabricated(base::ByteView key) {
    static std::map<base::ByteString, std::vector<PeerAddresses>> made;
    auto& result = made[base::to_byte_string(key)];
    for (std::uint64_t number = 1; result.size() < 20; ++number) {
        auto const id = id_number(number, 999);
        if (common_prefix(key_of(id), key_of(key)) >= 12)
            result.push_back({id, {address_number(30'000 + number % 5'000)}});
    }
    return result;
}

std::unique_ptr<Network> make_network(std::size_t size, std::size_t hostile_percent, Behaviour behaviour,
                                      std::uint64_t seed) {
    auto made = std::make_unique<Network>(size, seed);
    auto& network = *made;
    auto rng = seeded(seed + 77);
    for (auto& host : network.hosts) {
        if (rng.below(100) < hostile_percent) host->behaviour = behaviour;
    }
    network.lie = [](Network& all, std::size_t host, base::ByteView key) {
        auto const how = all.hosts[host]->behaviour;
        return how == Behaviour::fabricating ? fabricated(key) : closest_of(all, key, how);
    };
    network.fill_tables();
    return made;
}

Result find_peers(Network& network, std::size_t lookups, std::uint64_t seed) {
    auto rng = seeded(seed + 5);
    Result result;
    auto const honest = [&] {
        for (;;) {
            auto const host = static_cast<std::size_t>(rng.below(network.hosts.size()));
            if (network.hosts[host]->behaviour == Behaviour::honest) return host;
        }
    };
    while (result.tried < lookups) {
        auto const from = honest();
        auto const to = honest();
        auto const is_known = network.hosts[from]->state.table.find(network.id(to)) != nullptr;
        if (from == to || is_known || network.hosts[from]->state.keys.contains(network.id(to))) continue;
        ++result.tried;
        network.act(from, FindPeer{network.id(to), RequestId{1}});
        network.run(61s);
        for (auto const& found : network.take<Found>(from)) {
            auto const& addresses = found.peer.addresses;
            if (std::ranges::find(addresses, address_number(to)) == addresses.end()) continue;
            ++result.found;
            result.hops.push_back(found.cost.hops);
            result.asked += found.cost.asked;
            result.seconds += static_cast<double>(found.cost.time.count()) / 1e9;
        }
    }
    std::ranges::sort(result.hops);
    return result;
}

void print(char const* what, Result const& result) {
    auto const found = std::max<std::size_t>(1, result.found);
    std::printf("%s: %zu of %zu found, median %u hops, %.1f asked, %.2f s\n", what, result.found, result.tried,
                result.hops.empty() ? 0 : result.hops[result.hops.size() / 2],
                static_cast<double>(result.asked) / static_cast<double>(found),
                result.seconds / static_cast<double>(found));
}

TEST(KademliaNetwork, finds_every_peer_when_all_are_honest) {
    auto const made = make_network(300, 0, Behaviour::honest, 1);
    auto& network = *made;
    auto const result = find_peers(network, 60, 1);
    print("honest", result);
    EXPECT_EQ(result.found, result.tried);
    EXPECT_LE(result.hops[result.hops.size() / 2], 3U);
    EXPECT_LE(result.asked, 30 * result.found);
}

TEST(KademliaNetwork, finds_peers_when_a_fifth_is_hostile) {
    for (auto const how : {Behaviour::silent, Behaviour::fabricating, Behaviour::colluding, Behaviour::absent}) {
        auto const made = make_network(300, 20, how, 2);
    auto& network = *made;
        auto const result = find_peers(network, 30, 2);
        print("20 % hostile", result);
        EXPECT_EQ(result.found, result.tried) << static_cast<int>(how);
    }
}

TEST(KademliaNetwork, finds_peers_when_half_are_hostile) {
    for (auto const how : {Behaviour::silent, Behaviour::fabricating, Behaviour::colluding}) {
        auto const made = make_network(300, 50, how, 3);
    auto& network = *made;
        auto const result = find_peers(network, 30, 3);
        print("50 % hostile", result);
        EXPECT_GE(10 * result.found, 9 * result.tried) << static_cast<int>(how);
    }
}

TEST(KademliaNetwork, the_closest_are_the_closest) {
    auto const made = make_network(200, 0, Behaviour::honest, 4);
    auto& network = *made;
    for (std::uint64_t round = 0; round < 10; ++round) {
        auto const key = base::to_byte_string(id_number(round, 55).bytes());
        network.act(7, FindClosest{key, RequestId{1}});
        network.run(61s);
        auto const closest = network.take<Closest>(7);
        ASSERT_EQ(closest.size(), 1U);
        std::vector<PeerId> expected;
        std::vector<PeerId> found;
        for (auto const& peer : closest_of(network, key, Behaviour::honest)) {
            if (peer.id != network.id(7)) expected.push_back(peer.id);
        }
        for (auto const& peer : closest[0].peers) found.push_back(peer.id);
        found.resize(std::min(found.size(), expected.size()));
        EXPECT_EQ(found, expected);
    }
}

TEST(KademliaNetwork, grows_from_one_node_that_all_know) {
    auto config = test_config();
    config.upkeep = true;
    Network network(40, 5, config);
    for (std::size_t i = 1; i < 40; ++i) network.connect(i, 0);
    network.run(3min);
    std::size_t fewest = 1000;
    for (auto const& host : network.hosts) fewest = std::min(fewest, host->state.table.size());
    EXPECT_GE(fewest, 20U);
    auto const result = find_peers(network, 20, 5);
    EXPECT_EQ(result.found, result.tried);
    network.run(1min);
    for (auto const& host : network.hosts) {
        EXPECT_TRUE(host->state.requests.empty());
        EXPECT_TRUE(host->state.queries.empty());
        EXPECT_TRUE(host->state.outgoing.empty());
        EXPECT_EQ(host->state.dials, 0U);
    }
}

TEST(KademliaNetwork, releases_each_connection_that_it_ordered) {
    auto const made = make_network(100, 0, Behaviour::honest, 6);
    auto& network = *made;
    network.act(3, FindClosest{base::to_byte_string(id_number(1, 66).bytes()), RequestId{1}});
    network.run(20s);
    auto const& host = *network.hosts[3];
    EXPECT_GT(host.connects, 10U);
    EXPECT_EQ(host.releases, 0U);
    network.run(60s);
    EXPECT_EQ(host.releases, host.connects);
    EXPECT_TRUE(host.state.peers.empty());
    EXPECT_EQ(host.state.table.size(), members(host.state).size());
}

TEST(KademliaNetwork, provider_records_are_found_by_others) {
    auto const made = make_network(150, 0, Behaviour::honest, 7);
    auto& network = *made;
    auto const key = base::to_byte_string(id_number(3, 77).bytes());  // of the form of a rendezvous
    for (std::size_t i = 10; i < 15; ++i) network.act(i, Provide{key, RequestId{i}});
    network.run(30s);
    for (std::size_t i = 10; i < 15; ++i) {
        auto const provided = network.take<Provided>(i);
        ASSERT_EQ(provided.size(), 1U);
        EXPECT_EQ(provided[0].at.size(), 20U);
    }
    network.act(100, FindProviders{key, 5, RequestId{9}});
    network.run(30s);
    auto const providers = network.take<Providers>(100);
    ASSERT_EQ(providers.size(), 1U);
    std::set<PeerId> found;
    for (auto const& provider : providers[0].peers) {
        found.insert(provider.id);
        EXPECT_EQ(provider.addresses.size(), 1U);
    }
    EXPECT_EQ(found.size(), 5U);
    for (std::size_t i = 10; i < 15; ++i) EXPECT_TRUE(found.contains(network.id(i)));
}

TEST(KademliaNetwork, values_are_put_and_got) {
    auto const made = make_network(100, 0, Behaviour::honest, 8);
    auto& network = *made;
    auto const public_key = crypto::PrivateKey::ed25519_from_seed({9}).public_key();
    base::ByteString key = base::to_byte_string(base::as_bytes("/pk/"));
    base::append(key, PeerId::of(public_key).bytes());
    network.act(1, PutValue{key, public_key.encode(), RequestId{1}});
    network.run(30s);
    ASSERT_EQ(network.take<Provided>(1).size(), 1U);
    network.act(50, GetValue{key, RequestId{2}});
    network.run(30s);
    auto const values = network.take<Value>(50);
    ASSERT_EQ(values.size(), 1U);
    EXPECT_EQ(values[0].value, public_key.encode());
}

TEST(KademliaNetwork, peers_that_find_nodes_only_are_part_of_it) {
    Network network(40, 9);
    for (std::size_t i = 0; i < 40; i += 2) network.finds_nodes_only.insert(i);
    network.fill_tables();
    auto const result = find_peers(network, 5, 9);
    EXPECT_EQ(result.found, result.tried);
    auto const key = base::to_byte_string(id_number(3, 77).bytes());
    network.act(1, Provide{key, RequestId{1}});
    network.run(61s);
    auto const provided = network.take<Provided>(1);
    ASSERT_EQ(provided.size(), 1U);
    EXPECT_FALSE(provided[0].at.empty());
    for (std::size_t i = 0; i < 40; ++i) {
        auto const has_record = network.hosts[i]->state.providers.size() > 0;
        EXPECT_FALSE(has_record && network.finds_nodes_only.contains(i));
    }
}

TEST(KademliaNetwork, the_same_seed_gives_the_same_run) {
    std::vector<base::Digest> digests;
    for (int run = 0; run < 2; ++run) {
        auto const made = make_network(60, 20, Behaviour::colluding, 10);
    auto& network = *made;
        find_peers(network, 5, 10);
        base::DigestDescriber digest;
        for (auto const& host : network.hosts) describe(host->state, digest);
        digests.push_back(digest.finish());
    }
    EXPECT_EQ(digests[0], digests[1]);
}

}  // namespace
}  // namespace libp2p::kademlia
