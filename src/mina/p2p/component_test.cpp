// The component as a whole. Goal: nodes that know one seed find each other, remember whom they met, and come back
// without the seed. Method: a handful of components on links in memory, in virtual time.
#include "mina/p2p/component.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>

namespace mina::p2p {
namespace {

using namespace std::chrono_literals;
using libp2p::LinkId;
using libp2p::PeerId;

// Every dial comes through at once, and bytes take no time.
class Internet {
public:
    struct Node {
        std::unique_ptr<P2pComponent> core;
        libp2p::SocketAddress at;
        libp2p::Stored stored;
        std::map<LinkId, std::pair<std::size_t, LinkId>> links;  // the other end
        std::uint64_t next_accepted = 1;
        std::vector<libp2p::Event> events;
    };

    std::size_t add(std::vector<libp2p::Multiaddr> seeds) {
        nodes.emplace_back();
        restart(nodes.size() - 1, std::move(seeds));
        return nodes.size() - 1;
    }
    void restart(std::size_t index, std::vector<libp2p::Multiaddr> seeds) {
        auto& node = nodes[index];
        auto const number = static_cast<std::uint8_t>(index + 1);
        auto network = *builtin("local");
        network.seeds = std::move(seeds);
        auto config = swarm_config(network);
        config.identity = crypto::PrivateKey::ed25519_from_seed({number});
        config.seed = {number, static_cast<std::uint8_t>(now.nanoseconds >> 30)};
        config.dial_from_listen_port = false;
        P2pConfig component;
        component.network = network;
        node.core = std::make_unique<P2pComponent>(std::move(component), std::move(config), trace_);
        node.at = {libp2p::IpAddress::v4(10, number, 0, 1), 8302};
        node.links.clear();
        step(index, libp2p::Start{{node.at}, {}, node.stored});
    }
    libp2p::Multiaddr address(std::size_t index) const {
        return libp2p::Multiaddr::tcp_at(nodes[index].at).with_peer_id(nodes[index].core->swarm().self());
    }
    void crash(std::size_t index) {
        auto const links = std::exchange(nodes[index].links, {});
        nodes[index].core.reset();
        for (auto const& [link, other] : links) end(other.first, other.second);
    }
    void run(base::Duration time) {
        auto const until = now + time;
        for (;;) {
            deliver_all();
            auto next = until;
            for (auto const& node : nodes) {
                auto const due = node.core ? node.core->next_deadline() : std::nullopt;
                if (due) next = std::min(next, std::max(due->at, now));
            }
            now = next;
            for (std::size_t i = 0; i < nodes.size(); ++i) {
                auto const due = nodes[i].core ? nodes[i].core->next_deadline() : std::nullopt;
                if (due && due->at <= now) step(i, libp2p::Tick{});
            }
            if (now >= until && inputs_.empty()) return;
        }
    }
    std::size_t peers(std::size_t index) const { return nodes[index].core->swarm().connected_peers(); }

    std::deque<Node> nodes;
    base::Instant now{1'000'000'000};

private:
    struct Pending {
        std::size_t node = 0;
        std::function<void()> what;
    };

    void later(std::size_t node, std::function<void()> what) { inputs_.push_back({node, std::move(what)}); }
    void deliver_all() {
        while (!inputs_.empty()) {
            auto const pending = std::move(inputs_.front());
            inputs_.pop_front();
            if (nodes[pending.node].core) pending.what();
        }
    }
    void end(std::size_t node, LinkId link) {
        later(node, [=, this] {
            if (nodes[node].links.erase(link) > 0) step(node, libp2p::Closed{link, std::nullopt});
        });
    }
    void step(std::size_t index, libp2p::Input const& input) {
        for (auto const& effect : nodes[index].core->step(now, input)) obey(index, effect);
        nodes[index].core->swarm().check_invariants();
    }
    void obey(std::size_t index, libp2p::Effect const& effect) {
        auto& node = nodes[index];
        if (auto const* dial = std::get_if<libp2p::Dial>(&effect)) {
            obey(index, *dial);
        } else if (auto const* transmit = std::get_if<libp2p::Transmit>(&effect)) {
            obey(index, *transmit);
        } else if (auto const* close = std::get_if<libp2p::Close>(&effect)) {
            auto const found = node.links.find(close->link);
            if (found == node.links.end()) return;
            end(found->second.first, found->second.second);
            node.links.erase(found);
        } else if (auto const* delivery = std::get_if<libp2p::Deliver>(&effect)) {
            node.events.push_back(delivery->event);
        } else if (auto const* store = std::get_if<libp2p::Store>(&effect)) {
            obey(index, store->order);
        }
    }
    void obey(std::size_t index, libp2p::Dial const& dial) {
        for (std::size_t to = 0; to < nodes.size(); ++to) {
            if (nodes[to].at != dial.to || !nodes[to].core) continue;
            LinkId const accepted{nodes[to].next_accepted};
            nodes[to].next_accepted += 2;
            nodes[index].links[dial.link] = {to, accepted};
            nodes[to].links[accepted] = {index, dial.link};
            auto const from = libp2p::SocketAddress{nodes[index].at.ip, 40000};
            later(to, [=, this, link = dial.link] {
                later(index, [=, this] { step(index, libp2p::Dialed{link, from}); });
                step(to, libp2p::Accepted{accepted, nodes[to].at, from});
            });
            return;
        }
        later(index, [=, this, link = dial.link] {
            step(index, libp2p::DialFailed{link, libp2p::LinkError::refused});
        });
    }
    void obey(std::size_t index, libp2p::Transmit const& transmit) {
        auto const found = nodes[index].links.find(transmit.link);
        if (found == nodes[index].links.end()) return;
        auto const [to, link] = found->second;
        auto const bytes = base::to_byte_string(transmit.bytes.view());
        later(to, [=, this] {
            auto arriving = bytes;
            if (nodes[to].links.contains(link)) step(to, libp2p::Received{link, arriving});
        });
        later(index, [=, this, own = transmit.link] {
            if (nodes[index].links.contains(own)) step(index, libp2p::Written{own, bytes.size()});
        });
    }
    void obey(std::size_t index, libp2p::StoreOrder const& order) {
        auto const* const put = std::get_if<libp2p::PutPeer>(&order);
        if (put == nullptr) return;
        auto& peers = nodes[index].stored.peers;
        std::erase_if(peers, [&](auto const& peer) { return peer.id == put->peer.id; });
        peers.push_back(put->peer);
    }

    base::NoTrace trace_;
    std::deque<Pending> inputs_;
};

TEST(Component, nodes_that_know_one_seed_find_each_other_and_come_back_without_it) {
    Internet internet;
    auto const seed = internet.add({});
    for (int i = 0; i < 5; ++i) internet.add({internet.address(seed)});
    internet.run(40s);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(internet.peers(i), 5U) << "node " << i;

    internet.crash(3);
    internet.crash(seed);
    internet.run(5s);
    EXPECT_EQ(internet.peers(1), 3U);
    internet.restart(3, {});
    internet.run(60s);
    EXPECT_GE(internet.peers(3), 4U);
}

TEST(Component, answers_to_its_own_questions_are_not_shown_to_the_application) {
    Internet internet;
    auto const seed = internet.add({});
    internet.add({internet.address(seed)});
    internet.run(2min);
    EXPECT_FALSE(internet.nodes[1].events.empty());
    // What the component asked the DHT came back: the rendezvous key is provided, so nobody asks for that again.
    EXPECT_EQ(internet.nodes[1].core->state().discovery.provide_at, base::Instant::never());
    EXPECT_GT(internet.nodes[1].core->state().discovery.rounds, 2U);
}

TEST(Component, says_why_a_peer_is_there) {
    Internet internet;
    auto const seed = internet.add({});
    internet.add({internet.address(seed)});
    internet.run(10s);
    ASSERT_EQ(internet.peers(1), 1U);
    auto const why = internet.nodes[1].core->why();
    ASSERT_EQ(why.size(), 1U);
    EXPECT_EQ(why.front().state, "connected");
    EXPECT_EQ(why.front().source, "seed");
}

}  // namespace
}  // namespace mina::p2p
