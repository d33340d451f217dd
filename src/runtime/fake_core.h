// For tests: a core whose reactions a test writes, and a node that runs it on loopback.
#pragma once

#include "base/describe.h"
#include "runtime/runtime.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

namespace runtime::testing {

inline libp2p::SocketAddress loopback(std::uint16_t port = 0) {
    return {libp2p::IpAddress::v4(127, 0, 0, 1), port};
}
inline libp2p::SocketAddress loopback_v6(std::uint16_t port = 0) {
    return {*libp2p::IpAddress::parse("::1"), port};
}

class FakeCore final : public libp2p::Core {
public:
    /// Sees every input, and appends to `effects`.
    std::function<void(libp2p::Input const&)> on_input = [](auto const&) {};
    std::vector<libp2p::Effect> effects;
    std::optional<base::Instant> deadline;
    base::Instant now;
    int depth = 0;

    std::span<libp2p::Effect const> step(base::Instant at, libp2p::Input const& input) override {
        EXPECT_EQ(depth, 0) << "a step within a step";
        EXPECT_GE(at, now) << "time went back";
        now = at;
        effects.clear();
        ++depth;
        if (std::holds_alternative<libp2p::Tick>(input)) {
            EXPECT_TRUE(deadline && *deadline <= at) << "a tick before its time";
            deadline.reset();
        }
        on_input(input);
        --depth;
        return effects;
    }
    std::optional<libp2p::Deadline> next_deadline() const override {
        if (!deadline) return std::nullopt;
        return libp2p::Deadline{*deadline, "fake"};
    }
    void describe(base::Describer&) const override {}
};

inline std::vector<Listener> listeners_on(std::vector<libp2p::SocketAddress> const& addresses) {
    std::vector<Listener> listeners;
    for (auto const& address : addresses) {
        auto listener = Listener::bind(address);
        EXPECT_TRUE(listener) << listener.error();
        if (listener) listeners.push_back(std::move(*listener));
    }
    return listeners;
}

/// A core with its runtime, and what it was told.
class Node : public Application {
public:
    explicit Node(EventLoop& on, std::vector<libp2p::SocketAddress> const& addresses = {loopback()},
                  Options options = {})
        : loop(on), runtime(on, core, *this, listeners_on(addresses), std::move(options)) {
        core.on_input = [this](auto const& input) { take(input); };
    }
    virtual ~Node() = default;

    void on_event(libp2p::Event const& event) override { events.push_back(event); }
    void on_reply(libp2p::Reply const& reply) override { replies.push_back(reply); }

    libp2p::SocketAddress address() const { return runtime.listening().front(); }

    /// Orders effects at the next step: a command is posted to have one.
    void order(libp2p::Effect effect) {
        orders.push_back(std::move(effect));
        runtime.post({{}, libp2p::command::Shutdown{}});
    }
    libp2p::LinkId dial(libp2p::SocketAddress const& to, bool from_listen_port = false) {
        libp2p::LinkId const link{next_dialed += 2};
        order(libp2p::Dial{link, to, from_listen_port});
        return link;
    }
    void send(libp2p::LinkId link, std::string_view text) {
        order(libp2p::Transmit{link, base::SharedBytes::copy_of(base::as_bytes(text))});
    }

    struct Closing {
        std::optional<libp2p::LinkError> error;
        bool operator==(Closing const&) const = default;
    };

    EventLoop& loop;
    FakeCore core;
    Runtime runtime;
    std::vector<libp2p::Effect> orders;
    std::uint64_t next_dialed = 0;

    std::vector<libp2p::Start> starts;
    std::vector<libp2p::Accepted> accepted;
    std::map<libp2p::LinkId, libp2p::SocketAddress> dialed;
    std::map<libp2p::LinkId, libp2p::LinkError> dial_failed;
    std::map<libp2p::LinkId, std::string> received;
    std::map<libp2p::LinkId, std::uint64_t> written;
    std::map<libp2p::LinkId, Closing> closed;
    std::vector<libp2p::Resolved> resolved;
    std::vector<libp2p::Event> events;
    std::vector<libp2p::Reply> replies;
    int ticks = 0;

protected:
    virtual void on_received(libp2p::Received const& input) {
        received[input.link] += base::as_text(input.bytes);
    }
    virtual void on_written(libp2p::Written const& input) { written[input.link] += input.bytes; }

private:
    void take(libp2p::Input const& input) {
        if (auto const* start = std::get_if<libp2p::Start>(&input)) starts.push_back(*start);
        if (auto const* link = std::get_if<libp2p::Accepted>(&input)) accepted.push_back(*link);
        if (auto const* link = std::get_if<libp2p::Dialed>(&input)) {
            dialed[link->link] = link->local;
        }
        if (auto const* link = std::get_if<libp2p::DialFailed>(&input)) {
            dial_failed[link->link] = link->error;
        }
        if (auto const* link = std::get_if<libp2p::Received>(&input)) on_received(*link);
        if (auto const* link = std::get_if<libp2p::Written>(&input)) on_written(*link);
        if (auto const* link = std::get_if<libp2p::Closed>(&input)) {
            EXPECT_FALSE(closed.contains(link->link)) << "closed twice";
            closed[link->link] = {link->error};
        }
        if (auto const* answer = std::get_if<libp2p::Resolved>(&input)) resolved.push_back(*answer);
        ticks += std::holds_alternative<libp2p::Tick>(input);
        for (auto& effect : orders) core.effects.push_back(std::move(effect));
        orders.clear();
    }
};

/// Turns the loop until `done`, for up to `limit`; says whether it came.
template <class Done>
bool turn_until(EventLoop& loop, Done done, base::Duration limit = std::chrono::seconds(10)) {
    auto const end = loop.now() + limit;
    while (!done()) {
        if (loop.now() >= end) return false;
        loop.turn(std::min<base::Duration>(end - loop.now(), std::chrono::milliseconds(50)));
    }
    return true;
}

/// Turns it for that long, whatever happens.
inline void turn_for(EventLoop& loop, base::Duration time) {
    turn_until(loop, [] { return false; }, time);
}

}  // namespace runtime::testing
