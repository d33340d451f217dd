// What a peer pays for its faults in gossip. Goal: each is told with its peer; forgeries, malformed RPCs and floods end
// in a ban, what honest peers do too never does. Method: two swarms joined in memory, of which the dialer misbehaves.
#include "libp2p/swarm/pair_of_swarms.h"

#include <gmock/gmock.h>

namespace libp2p {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// Signs gossip wrongly, and all else rightly.
class ForgingSuite final : public crypto::Suite {
public:
    crypto::X25519Key x25519_public(crypto::X25519Key const& secret) const override {
        return real().x25519_public(secret);
    }
    std::optional<crypto::X25519Key> x25519_shared(crypto::X25519Key const& secret,
                                                   crypto::X25519Key const& peer) const override {
        return real().x25519_shared(secret, peer);
    }
    base::ByteString sign(crypto::PrivateKey const& key, base::ByteView message) const override {
        auto signature = real().sign(key, message);
        if (base::as_text(message).starts_with("libp2p-pubsub:")) signature.at(40) ^= 1;
        return signature;
    }
    bool verify(crypto::PublicKey const& key, base::ByteView message, base::ByteView signature) const override {
        return real().verify(key, message, signature);
    }
    void seal(crypto::AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              std::span<base::ByteView const> pieces, base::MutableBytes out) const override {
        real().seal(key, counter, associated_data, pieces, out);
    }
    bool open(crypto::AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              base::MutableBytes record) const override {
        return real().open(key, counter, associated_data, record);
    }

private:
    static crypto::Suite const& real() { return crypto::real_suite(); }
};

class GossipFaults : public testing::Test {
protected:
    void open(Config dialer, Config listener = pair_config(2)) {
        pair.emplace(std::move(dialer), std::move(listener));
        pair->connect();
        pair->link_up();
        for (int end : {0, 1}) pair->order(end, command::Subscribe{"t"});
        pair->settle();
    }
    void publish(std::size_t bytes = 10) {
        auto data = base::ByteString(bytes, 'x');
        data.front() = static_cast<std::uint8_t>(++published);
        pair->order(0, command::Publish{"t", base::SharedBytes::take(std::move(data))});
        pair->settle();
    }
    /// What the listener tells of its peer, each with its count.
    std::vector<std::string> told() {
        std::vector<std::string> all;
        for (auto const& event : pair->events[1]) {
            auto const* const wrong = std::get_if<event::Misbehaved>(&event);
            if (wrong == nullptr) continue;
            EXPECT_EQ(wrong->peer, pair->dialer().self());
            all.push_back(wrong->what + " " + std::to_string(wrong->count));
        }
        return all;
    }
    bool is_banned() { return !pair->listener().gate().rules().empty(); }

    std::optional<PairOfSwarms> pair;
    std::size_t published = 0;
};

TEST_F(GossipFaults, the_third_forgery_is_a_ban) {
    ForgingSuite const forging;
    auto config = pair_config(1);
    config.suite = &forging;
    open(std::move(config));
    publish();
    publish();
    EXPECT_THAT(told(), ElementsAre("gossipsub: bad signature 1", "gossipsub: bad signature 2"));
    EXPECT_FALSE(is_banned());
    publish();
    ASSERT_TRUE(is_banned());
    EXPECT_EQ(pair->listener().gate().rules().front().reason, "gossipsub: bad signature");
    EXPECT_TRUE(pair->closed[1]);
}

TEST_F(GossipFaults, the_third_malformed_rpc_is_a_ban_though_each_came_on_a_stream_of_its_own) {
    auto strict = pair_config(2);
    strict.gossip.rpc_bytes_max = 1'000;
    open(pair_config(1), std::move(strict));
    for (int i = 1; i <= 3; ++i) {
        EXPECT_FALSE(is_banned());
        publish(2'000);
        for (int second = 0; second < 5; ++second) {  // the stream is opened again
            pair->pass(1s);
            pair->settle();
        }
    }
    EXPECT_THAT(told(), ElementsAre("gossipsub: malformed RPC 1", "gossipsub: malformed RPC 2"));
    EXPECT_TRUE(is_banned());
    EXPECT_TRUE(pair->closed[1]);
}

TEST_F(GossipFaults, a_flood_of_lesser_ones_is_a_ban_and_no_flood_of_events) {
    auto unsigned_config = pair_config(1);
    unsigned_config.gossip.signing = gossipsub::SigningPolicy::strict_no_sign;
    unsigned_config.gossip.message_id = gossipsub::topic_keyed_hash_id;
    open(std::move(unsigned_config));
    for (int i = 0; i < 71; ++i) publish();
    EXPECT_FALSE(is_banned());
    publish();
    EXPECT_TRUE(is_banned());
    std::vector<std::string> expected;
    for (int count = 1; count <= 64; count *= 2) {
        expected.push_back("gossipsub: missing signature " + std::to_string(count));
    }
    EXPECT_EQ(told(), expected);
}

TEST_F(GossipFaults, what_an_honest_peer_may_relay_is_told_and_never_a_ban) {
    auto small = pair_config(2);
    small.gossip.message_bytes_max = 100;
    open(pair_config(1), std::move(small));
    for (int i = 0; i < 200; ++i) publish(101);
    EXPECT_EQ(told().size(), 8U);
    EXPECT_EQ(told().back(), "gossipsub: message too large 128");
    EXPECT_FALSE(is_banned());
}

TEST_F(GossipFaults, a_rejected_message_is_left_to_who_rejected_it) {
    open(pair_config(1));
    for (int i = 0; i < 200; ++i) {
        publish();
        auto const* const message = std::get_if<event::MessageReceived>(&pair->events[1].back());
        ASSERT_NE(message, nullptr);
        pair->order(1, command::GiveVerdict{message->key, gossipsub::Acceptance::reject});
    }
    EXPECT_EQ(pair->listener().gossip_counters().rejected, 200U);
    EXPECT_THAT(told(), IsEmpty());
    EXPECT_FALSE(is_banned());
}

TEST_F(GossipFaults, our_own_memory_being_full_is_nobodys) {
    auto small = pair_config(2);
    small.limits.assembly_bytes = 1'000;
    open(pair_config(1), std::move(small));
    for (int i = 0; i < 4; ++i) {
        publish(1'000'000);
        for (int second = 0; second < 5; ++second) {  // the stream is opened again
            pair->pass(1s);
            pair->settle();
        }
    }
    for (auto const& event : pair->events[1]) EXPECT_FALSE(std::holds_alternative<event::MessageReceived>(event));
    EXPECT_THAT(told(), IsEmpty());
    EXPECT_FALSE(is_banned());
}

TEST_F(GossipFaults, without_faults_nothing_is_told) {
    open(pair_config(1));
    for (int i = 0; i < 20; ++i) publish();
    EXPECT_THAT(told(), IsEmpty());
}

}  // namespace
}  // namespace libp2p
