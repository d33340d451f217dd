// Many nodes in memory. Goal: meshes settle within their bounds, each message reaches every node, few copies too many
// are sent, gossip mends what is lost, and the same seed gives the same run. Method: nodes joined by random links, each
// with its own delay and in order, under one virtual clock.
#include "libp2p/gossipsub/test_node.h"

#include <gtest/gtest.h>

namespace libp2p::gossipsub {
namespace {

using namespace std::chrono_literals;

constexpr auto topic = "topic";

struct Setting {
    std::uint64_t seed = 1;
    std::size_t nodes = 50;
    std::size_t dials = 8;         // of each node, to nodes at random
    std::uint64_t lost_percent = 0;  // of what a full queue may drop
};

class Network {
public:
    explicit Network(Setting const& setting) : setting_(setting), rng_(test::rng_number(setting.seed)) {
        for (std::size_t i = 0; i < setting.nodes; ++i) {
            auto config = test::test_config();
            config.key = test::key_number(i + 1);
            nodes_.push_back(std::make_unique<test::Node>(std::move(config), setting.seed * 1'000 + i));
            seen_.emplace_back();
            apply(i, Subscribe{topic});
        }
        for (std::size_t i = 0; i < setting.nodes; ++i) {
            for (std::size_t dialed = 0; dialed < setting.dials; ++dialed) connect(i, rng_.below(setting.nodes));
        }
    }

    void connect(std::size_t a, std::size_t b) {
        if (a == b || delays_.contains({a, b})) return;
        delays_[{a, b}] = delays_[{b, a}] = rng_.between(5ms, 80ms);
        apply(a, PeerAdded{key(b), test::id_number(b + 1), Version::v1_1, Direction::outbound});
        apply(b, PeerAdded{key(a), test::id_number(a + 1), Version::v1_1, Direction::inbound});
    }

    void run(base::Duration span) {
        auto const until = now_ + span;
        for (;;) {
            auto const due = std::ranges::min_element(
                nodes_, {}, [](auto const& node) { return next_deadline(node->state); });
            auto const tick_at = next_deadline((*due)->state);
            auto const flight_at = flights_.empty() ? base::Instant::never() : flights_.begin()->first.first;
            if (std::min(tick_at, flight_at) > until) break;
            now_ = std::max(now_, std::min(tick_at, flight_at));
            if (flight_at <= tick_at) {
                auto const flight = flights_.extract(flights_.begin()).mapped();
                auto const rpc = flight.bytes.view();
                auto const prefix = base::read_varint(rpc).varint->size;
                apply(flight.to, RpcReceived{key(flight.from), rpc.subspan(prefix)});
            } else {
                apply(static_cast<std::size_t>(due - nodes_.begin()), Tick{});
            }
        }
        now_ = until;
    }

    void publish(std::size_t node, std::string_view data) {
        apply(node, Publish{topic, base::SharedBytes::copy_of(base::as_bytes(data)), {}});
        seen_[node].insert(std::string(data));
    }

    std::size_t reached(std::string_view data) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(seen_, [&](auto const& all) { return all.contains(std::string(data)); }));
    }
    std::uint64_t total(std::uint64_t Counters::* counter) const {
        std::uint64_t sum = 0;
        for (auto const& node : nodes_) sum += node->state.counters.*counter;
        return sum;
    }
    std::vector<std::size_t> mesh_sizes() const {
        std::vector<std::size_t> sizes;
        for (auto const& node : nodes_) sizes.push_back(node->topic(topic).mesh.size());
        return sizes;
    }
    /// Members whose mesh we are not in.
    std::size_t one_sided() const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            for (auto const member : nodes_[i]->topic(topic).mesh) {
                count += nodes_[member.value - 1]->topic(topic).mesh.contains(key(i)) ? 0 : 1;
            }
        }
        return count;
    }
    base::Digest digest() const {
        base::DigestDescriber describer;
        for (auto const& node : nodes_) describe(node->state, describer);
        return describer.finish();
    }
    std::uint64_t misbehaved() const { return misbehaved_; }
    std::size_t size() const { return nodes_.size(); }

private:
    struct Flight {
        std::size_t from = 0;
        std::size_t to = 0;
        base::SharedBytes bytes;
    };
    static PeerKey key(std::size_t node) { return PeerKey{node + 1}; }

    void apply(std::size_t at, Action const& action) {
        auto& node = *nodes_[at];
        node.now = now_;
        auto const out = node.apply(action);
        for (auto const& effect : out.effects) {
            auto const& send = std::get<SendRpc>(effect);
            auto const to = send.peer.value - 1;
            if (send.droppable && rng_.below(100) < setting_.lost_percent) continue;
            flights_.emplace(std::pair{now_ + delays_.at({at, to}), ++flown_}, Flight{at, to, send.bytes});
        }
        for (auto const& event : out.events) {
            misbehaved_ += std::holds_alternative<Misbehaved>(event) ? 1 : 0;
            auto const* arrived = std::get_if<MessageArrived>(&event);
            if (arrived == nullptr) continue;
            EXPECT_TRUE(seen_[at].insert(std::string(base::as_text(arrived->data.view()))).second);
            apply(at, Verdict{arrived->key, Acceptance::accept});
        }
    }

    Setting setting_;
    base::Rng rng_;
    base::Instant now_{1'000'000'000};
    std::vector<std::unique_ptr<test::Node>> nodes_;
    std::vector<std::set<std::string>> seen_;
    std::map<std::pair<std::size_t, std::size_t>, base::Duration> delays_;
    std::map<std::pair<base::Instant, std::uint64_t>, Flight> flights_;
    std::uint64_t flown_ = 0;
    std::uint64_t misbehaved_ = 0;
};

void publish_20(Network& network) {
    for (std::size_t i = 0; i < 20; ++i) {
        network.publish(i * 2 % network.size(), "message-" + std::to_string(i));
        network.run(300ms);
    }
}

TEST(Network, settles_with_meshes_within_their_bounds_and_agreed_by_both_sides) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        Network network({seed});
        network.run(8s);
        for (auto const size : network.mesh_sizes()) {
            EXPECT_GE(size, 5u);
            EXPECT_LE(size, 12u);
        }
        EXPECT_EQ(network.one_sided(), 0u);
        EXPECT_EQ(network.misbehaved(), 0u);
    }
}

TEST(Network, brings_every_message_to_every_node_with_few_copies) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        Network network({seed});
        network.run(5s);
        publish_20(network);
        network.run(2s);
        for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(network.reached("message-" + std::to_string(i)), 50u) << i;
        auto const arrived = network.total(&Counters::arrived);
        EXPECT_EQ(arrived, 20u * 49u);
        // Each of about 8 members sends a copy, less the one it came from and those that cross.
        EXPECT_LT(network.total(&Counters::duplicate), 7 * arrived);
        EXPECT_EQ(network.misbehaved(), 0u);
    }
}

TEST(Network, reaches_all_in_the_first_moments_of_a_network) {
    Network network({3});
    network.run(200ms);  // before any heartbeat: the meshes are made by SUBSCRIBE alone
    network.publish(0, "early");
    network.run(500ms);
    EXPECT_EQ(network.reached("early"), 50u);
}

TEST(Network, mends_by_gossip_what_full_queues_drop) {
    std::uint64_t served = 0;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        Network network({seed, 50, 8, 40});
        network.run(5s);
        publish_20(network);
        network.run(6s);
        for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(network.reached("message-" + std::to_string(i)), 50u) << i;
        served += network.total(&Counters::served);
    }
    EXPECT_GT(served, 0u);
}

TEST(Network, runs_alike_with_the_same_seed) {
    auto const run = [](std::uint64_t seed) {
        Network network({seed, 20, 6, 10});
        network.run(3s);
        publish_20(network);
        return network.digest();
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

}  // namespace
}  // namespace libp2p::gossipsub
