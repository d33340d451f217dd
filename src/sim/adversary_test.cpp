// Goal: what one hostile peer did to one swarm, each as small as it can be.
// Method: two swarms on one simulated link; the hostile one's records are changed before they are sealed.
#include "sim/swarm_node.h"
#include "sim/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

/// From some record on, each has a multiplexer version that does not exist.
class BadVersionSuite final : public crypto::Suite {
public:
    crypto::X25519Key x25519_public(crypto::X25519Key const& secret) const override {
        return inner_.x25519_public(secret);
    }
    std::optional<crypto::X25519Key> x25519_shared(crypto::X25519Key const& secret,
                                                   crypto::X25519Key const& peer) const override {
        return inner_.x25519_shared(secret, peer);
    }
    base::ByteString sign(crypto::PrivateKey const& key, base::ByteView message) const override {
        return inner_.sign(key, message);
    }
    bool verify(crypto::PublicKey const& key, base::ByteView message, base::ByteView signature) const override {
        return inner_.verify(key, message, signature);
    }
    void seal(crypto::AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              std::span<base::ByteView const> pieces, base::MutableBytes out) const override {
        base::ByteString bytes;
        for (auto const& piece : pieces) base::append(bytes, piece);
        if (lies && !bytes.empty()) bytes[0] = 7;
        base::ByteView const view = bytes;
        inner_.seal(key, counter, associated_data, {&view, 1}, out);
    }
    bool open(crypto::AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              base::MutableBytes record) const override {
        return inner_.open(key, counter, associated_data, record);
    }
    bool lies = false;

private:
    crypto::Suite const& inner_ = crypto::stand_in_suite();
};

class Adversary : public testing::Test, public Scene {
protected:
    Adversary() {
        for (int i = 0; i < 2; ++i) world.add({});
        for (NodeIndex i = 0; i < 2; ++i) {
            world.start(i);
            world.post(i, libp2p::command::Subscribe{"a"});
        }
        auto const honest = libp2p::PeerId::of(key_of(0).public_key());
        auto const address = libp2p::Multiaddr::tcp_at(address_of(0)).with_peer_id(honest);
        world.post(1, libp2p::command::Connect{address});
        world.run_until(world.now() + std::chrono::seconds(3));
        EXPECT_EQ(connected, 1);
    }
    std::unique_ptr<Node> make_node(NodeSpec const& spec) override {
        auto config = config_of(spec);
        if (spec.index == 1) config.suite = &suite;
        return std::make_unique<SwarmNode>(std::move(config));
    }
    void on_event(NodeIndex node, libp2p::Event const& event) override {
        if (node != 0) return;
        if (std::holds_alternative<libp2p::event::Connected>(event)) ++connected;
        if (auto const* lost = std::get_if<libp2p::event::Disconnected>(&event)) reasons.push_back(lost->reason);
    }
    void on_reply(NodeIndex, libp2p::Reply const&) override {}
    void on_timer(std::uint64_t) override {}

    BadVersionSuite suite;
    World world{1, {}, *this};
    int connected = 0;
    std::vector<libp2p::DisconnectReason> reasons;
};

TEST_F(Adversary, what_comes_behind_a_broken_frame_is_not_read_while_goodbye_is_said) {
    // The goodbye waits behind much that the peer is slow to take. The broken frame has records behind it in its chunk,
    // and other chunks follow.
    world.network().buffer_bytes = 4'000;
    world.network().jitter_max = {};
    world.network().fragment_share = 0;
    world.post(0, libp2p::command::Publish{"a", base::SharedBytes::take(base::ByteString(200'000, 1))});
    world.run_until(world.now() + std::chrono::milliseconds(200));
    suite.lies = true;
    for (int i = 0; i < 200; ++i) {
        world.post(1, libp2p::command::Publish{"a", base::SharedBytes::take(base::ByteString(100, 1))});
    }
    world.run_until(world.now() + std::chrono::seconds(5));
    EXPECT_THAT(reasons, testing::ElementsAre(libp2p::DisconnectReason::yamux_bad_version));
    EXPECT_THAT(world.failures(), testing::IsEmpty());
}

}  // namespace
}  // namespace sim
