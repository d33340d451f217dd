// For tests: nodes on loopback in one thread, in a loop of poll(2) that is none of theirs.
#pragma once

#include <minap2p/node.h>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>

#include <poll.h>

namespace mina::p2p::testing {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A node of the local network that finds nobody by itself.
inline Config quiet_config() {
    Config config;
    config.network = "local";
    config.listen = {"/ip4/127.0.0.1/tcp/0"};
    config.dht = Config::Dht::off;
    config.limits.peers_min = 0;
    config.limits.peers_target = 0;
    return config;
}

struct Member {
    std::unique_ptr<Node> node;
    std::vector<Event> events;
    std::function<void(Event const&)> on_event;  // beside being kept
    std::size_t turns = 0;

    PeerId id() const { return node->status().peer; }
    std::string address() const { return node->status().addresses.front(); }
    template <class E>
    std::vector<E> of() const {
        std::vector<E> found;
        for (auto const& event : events) {
            if (auto const* const one = std::get_if<E>(&event)) found.push_back(*one);
        }
        return found;
    }
    template <class E>
    bool has() const {
        return !of<E>().empty();
    }
};

class Net {
public:
    Member& add(Config const& config = quiet_config()) {
        members_.push_back(std::make_unique<Member>());
        auto* const member = members_.back().get();
        auto made = Node::create(config, [member](Event const& event) {
            member->events.push_back(event);
            if (member->on_event) member->on_event(event);
        });
        EXPECT_TRUE(made) << made.error().text();
        member->node = std::make_unique<Node>(std::move(*made));
        return *member;
    }

    /// Polls, turns what is ready, until this holds. False when it does not come about in time.
    bool until(std::function<bool()> const& holds, std::chrono::milliseconds time_max = 20s) {
        auto const end = Clock::now() + time_max;
        while (!holds()) {
            if (Clock::now() >= end) return false;
            turn_once(std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()));
        }
        return true;
    }
    void run_for(std::chrono::milliseconds time) {
        until([] { return false; }, time);
    }
    /// `a` dials `b`, and both know what the other is.
    void join(Member& a, Member& b) {
        a.node->connect(b.address());
        auto const knows = [](Member const& one, Member const& other) {
            for (auto const& peer : one.node->peers()) {
                if (peer.peer == other.id() && peer.is_connected && peer.takes_gossip) {
                    for (auto const& fact : one.of<event::PeerIdentified>()) {
                        if (fact.peer == other.id()) return true;
                    }
                }
            }
            return false;
        };
        ASSERT_TRUE(until([&] { return knows(a, b) && knows(b, a); }));
    }

private:
    void turn_once(std::chrono::milliseconds wait_max) {
        std::vector<pollfd> ready;
        for (auto const& member : members_) ready.push_back({member->node ? member->node->poll_fd() : -1, POLLIN, 0});
        ::poll(ready.data(), ready.size(), static_cast<int>(wait_max.count()));
        for (std::size_t i = 0; i < members_.size(); ++i) {
            if (ready[i].revents == 0 || !members_[i]->node) continue;
            ++members_[i]->turns;
            members_[i]->node->turn();
        }
    }

    std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace mina::p2p::testing
