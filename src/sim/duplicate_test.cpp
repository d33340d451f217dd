// Goal: when two nodes have dialed each other, gossip moves to the connection that survives, whichever streams were
// opened on the other one before.
// Method: two swarms that dial each other from other ports than they listen on, at every distance in time, while bytes
// are delayed at random.
#include "sim/swarm_node.h"
#include "sim/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Quiet : public Scene {
public:
    std::unique_ptr<Node> make_node(NodeSpec const& spec) override {
        auto own = spec;
        own.dial_from_listen_port = false;
        return std::make_unique<SwarmNode>(config_of(own));
    }
    void on_event(NodeIndex, libp2p::Event const&) override {}
    void on_reply(NodeIndex, libp2p::Reply const&) override {}
    void on_timer(std::uint64_t) override {}
};

TEST(Duplicate, both_nodes_keep_a_mesh_when_one_of_two_connections_ends) {
    std::uint64_t duplicates = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        for (int apart = 0; apart <= 600; apart += 30) {
            SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << apart << " ms apart");
            Quiet scene;
            Network network;
            network.jitter_max = milliseconds(300);
            World world(seed, network, scene);
            for (NodeIndex i = 0; i < 2; ++i) {
                NodeSpec spec;
                spec.seed = seed * 10 + i;
                world.add(spec);
                world.start(i);
                world.post(i, libp2p::command::Subscribe{"a"});
                auto const other = libp2p::PeerId::of(key_of(1 - i).public_key());
                auto const address = libp2p::Multiaddr::tcp_at(address_of(1 - i)).with_peer_id(other);
                world.post(i, libp2p::command::Connect{address}, {}, milliseconds(static_cast<int>(i) * apart));
            }
            world.run_until(world.now() + seconds(15));
            EXPECT_THAT(world.failures(), testing::IsEmpty());
            EXPECT_EQ(world.open_links(0, 1), 1U);
            for (NodeIndex i = 0; i < 2; ++i) {
                auto const mesh = world.at(i).node->mesh("a");
                EXPECT_EQ(mesh->size(), 1U) << "node " << i;
                std::map<std::string, std::uint64_t, std::less<>> counts;
                world.at(i).node->add_counts(counts);
                duplicates += counts["disconnected: duplicate connection"];
            }
        }
    }
    EXPECT_GT(duplicates, 10U);
}

TEST(Duplicate, dials_that_meet_half_way_without_an_agreement_do_not_meet_again) {
    // One side or both do not offer simultaneous open, as most peers of other makes.
    class Crossing final : public Quiet {
    public:
        bool one_offers = false;

    private:
        std::unique_ptr<Node> make_node(NodeSpec const& spec) override {
            auto own = spec;
            own.simultaneous_open = one_offers && spec.index == 0;
            return std::make_unique<SwarmNode>(config_of(own));
        }
    };
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        Crossing scene;
        scene.one_offers = seed % 2 == 0;
        World world(seed, {}, scene);
        for (NodeIndex i = 0; i < 2; ++i) {
            NodeSpec spec;
            spec.seed = seed * 10 + i;
            world.add(spec);
            world.start(i);
            auto const other = libp2p::PeerId::of(key_of(1 - i).public_key());
            auto const address = libp2p::Multiaddr::tcp_at(address_of(1 - i)).with_peer_id(other);
            world.post(i, libp2p::command::Connect{address, /*keep=*/true});
        }
        world.run_until(world.now() + seconds(4));
        EXPECT_EQ(world.totals().crossed_dials, 1U);
        EXPECT_EQ(world.open_links(0, 1), 1U);
    }
}

}  // namespace
}  // namespace sim
