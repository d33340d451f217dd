// Goal: every order is answered, and does what it says, at whatever moment it comes.
// Method: two swarms on a simulated network, orders at chosen moments; what the simulator found first, made small.
#include "sim/swarm_node.h"
#include "sim/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class Orders : public testing::Test, public Scene {
protected:
    Orders() {
        for (int i = 0; i < 2; ++i) world.add({});
        for (NodeIndex i = 0; i < 2; ++i) world.start(i);
        libp2p::Resolved name;
        name.addresses.push_back(address_of(1).ip);
        world.add_name("other.sim", name);
    }
    std::unique_ptr<Node> make_node(NodeSpec const& spec) override {
        return std::make_unique<SwarmNode>(config_of(spec));
    }
    void on_event(NodeIndex node, libp2p::Event const& event) override {
        if (node != 0) return;
        if (std::holds_alternative<libp2p::event::Connected>(event)) ++connected;
        if (std::holds_alternative<libp2p::event::Disconnected>(event)) --connected;
    }
    void on_reply(NodeIndex, libp2p::Reply const& reply) override {
        EXPECT_FALSE(answers.contains(reply.request.value)) << "answered twice";
        answers[reply.request.value] = reply.result ? "ok" : reply.result.error();
    }
    void on_timer(std::uint64_t) override {}

    /// Orders node 0; returns the request.
    std::uint64_t order(libp2p::CommandBody body) {
        world.post(0, std::move(body), {++last_request});
        return last_request;
    }
    std::uint64_t connect(bool by_name = false, bool keep = false) {
        auto const address = by_name ? *libp2p::Multiaddr::from_text("/dns4/other.sim/tcp/8302")
                                     : libp2p::Multiaddr::tcp_at(address_of(1));
        return order(libp2p::command::Connect{address.with_peer_id(other), keep});
    }
    void run(base::Duration time) {
        world.run_until(world.now() + time);
        EXPECT_THAT(world.failures(), testing::IsEmpty());
    }

    World world{1, {}, *this};
    libp2p::PeerId other = libp2p::PeerId::of(key_of(1).public_key());
    std::map<std::uint64_t, std::string> answers;
    std::uint64_t last_request = 0;
    int connected = 0;
};

TEST_F(Orders, a_ban_ends_the_dial_and_answers_who_waits_for_it) {
    for (bool const by_name : {false, true}) {
        auto const waiting = connect(by_name);
        run(milliseconds(3));
        ASSERT_FALSE(answers.contains(waiting));
        auto const ban = order(libp2p::command::SetRule{other, libp2p::RuleKind::ban, seconds(2), {}});
        run(milliseconds(1));
        EXPECT_EQ(answers[ban], "ok");
        EXPECT_THAT(answers[waiting], HasSubstr("banned"));
        run(seconds(5));
        EXPECT_EQ(connected, 0);
    }
    auto const again = connect();
    run(seconds(2));
    EXPECT_EQ(answers[again], "ok");
    EXPECT_EQ(connected, 1);
}

TEST_F(Orders, hanging_up_ends_the_dial_and_answers_who_waits_for_it) {
    for (bool const by_name : {false, true}) {
        for (auto const after : {milliseconds(3), milliseconds(60), milliseconds(150)}) {
            auto const waiting = connect(by_name, true);
            run(after);
            if (answers.contains(waiting)) continue;  // it was connected by then
            auto const hang_up = order(libp2p::command::HangUp{other});
            run(milliseconds(1));
            EXPECT_EQ(answers[hang_up], "ok");
            EXPECT_THAT(answers[waiting], HasSubstr("hung up"));
            run(seconds(20));
            EXPECT_EQ(connected, 0);
        }
    }
    auto const again = connect();
    run(seconds(2));
    EXPECT_EQ(answers[again], "ok");
    EXPECT_EQ(connected, 1);
}

TEST_F(Orders, hanging_up_ends_a_connection_for_good) {
    connect(false, true);
    run(seconds(2));
    EXPECT_EQ(connected, 1);
    order(libp2p::command::HangUp{other});
    run(seconds(30));
    EXPECT_EQ(connected, 0);
}

}  // namespace
}  // namespace sim
