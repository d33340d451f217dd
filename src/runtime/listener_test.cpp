// Goal: a port is claimed by one node only, and yet many dials leave from it. Method: real sockets
// on loopback.
#include "runtime/fake_core.h"
#include "runtime/sockets.h"

#include <netinet/in.h>

#include <algorithm>
#include <set>

namespace runtime::testing {
namespace {

bool has_ipv6() { return Listener::bind(loopback_v6()).has_value(); }

TEST(listener, learns_its_port_and_refuses_a_port_that_is_in_use) {
    auto const first = Listener::bind(loopback());
    ASSERT_TRUE(first) << first.error();
    ASSERT_NE(first->address().port, 0);
    auto const second = Listener::bind(first->address());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().find("cannot listen on " + first->address().text() +
                                  ": the port is in use; choose another"),
              0U)
        << second.error();
    EXPECT_EQ(second.error().find('\n'), std::string::npos);
}

TEST(listener, a_wildcard_and_a_concrete_address_conflict_both_ways) {
    auto const wildcard = Listener::bind({libp2p::IpAddress::v4(0, 0, 0, 0), 0});
    ASSERT_TRUE(wildcard);
    EXPECT_FALSE(Listener::bind(loopback(wildcard->address().port)));
    auto const concrete = Listener::bind(loopback());
    ASSERT_TRUE(concrete);
    EXPECT_FALSE(Listener::bind({libp2p::IpAddress::v4(0, 0, 0, 0), concrete->address().port}));
}

TEST(listener, ipv4_and_ipv6_may_have_the_same_port) {
    if (!has_ipv6()) GTEST_SKIP() << "no IPv6 loopback";
    auto const v6 = Listener::bind({*libp2p::IpAddress::parse("::"), 0});
    ASSERT_TRUE(v6) << v6.error();
    auto const v4 = Listener::bind({libp2p::IpAddress::v4(0, 0, 0, 0), v6->address().port});
    EXPECT_TRUE(v4) << v4.error();
}

TEST(listener, an_address_of_another_machine_is_refused_with_advice) {
    auto const listener = Listener::bind({libp2p::IpAddress::v4(192, 0, 2, 1), 0});
    ASSERT_FALSE(listener);
    EXPECT_NE(listener.error().find("this machine has no such address"), std::string::npos)
        << listener.error();
}

struct Dials {
    explicit Dials(libp2p::SocketAddress const& listen) : node(loop, {listen}) {}
    EventLoop loop;
    Node node;
};

void dials_leave_from_the_listening_port(libp2p::SocketAddress const& listen,
                                         libp2p::SocketAddress const& remote_listen) {
    Dials dials(listen);
    auto& [loop, node] = dials;
    std::vector<std::unique_ptr<Node>> remotes;
    for (int i = 0; i < 5; ++i) {
        remotes.push_back(std::make_unique<Node>(loop, std::vector{remote_listen}));
        node.dial(remotes.back()->address(), true);
    }
    ASSERT_TRUE(turn_until(loop, [&] {
        return node.dialed.size() == 5 &&
               std::ranges::all_of(remotes, [](auto& r) { return r->accepted.size() == 1; });
    }));
    for (auto const& remote : remotes) {
        EXPECT_EQ(remote->accepted[0].remote.port, node.address().port);
        EXPECT_EQ(remote->accepted[0].local, remote->address());
    }
    for (auto const& [link, local] : node.dialed) EXPECT_EQ(local.port, node.address().port);

    // In spite of all those sockets of the port, it is still one node's.
    EXPECT_FALSE(Listener::bind(node.address()));
    // And it still accepts.
    remotes[0]->dial({remote_listen.ip, node.address().port});
    EXPECT_TRUE(turn_until(loop, [&] { return node.accepted.size() == 1; }));
}

TEST(listener, dials_to_several_remotes_leave_from_a_wildcard_port_at_once) {
    dials_leave_from_the_listening_port({libp2p::IpAddress::v4(0, 0, 0, 0), 0}, loopback());
}

TEST(listener, dials_to_several_remotes_leave_from_a_concrete_port_at_once) {
    dials_leave_from_the_listening_port(loopback(), loopback());
}

TEST(listener, dials_leave_from_the_ipv6_port_at_once) {
    if (!has_ipv6()) GTEST_SKIP() << "no IPv6 loopback";
    dials_leave_from_the_listening_port({*libp2p::IpAddress::parse("::"), 0}, loopback_v6());
}

TEST(listener, a_second_dial_to_the_same_remote_falls_back_to_an_ephemeral_port) {
    EventLoop loop;
    Node node(loop);
    Node remote(loop);
    node.dial(remote.address(), true);
    node.dial(remote.address(), true);
    ASSERT_TRUE(
        turn_until(loop, [&] { return node.dialed.size() == 2 && remote.accepted.size() == 2; }));
    std::multiset<bool> from_port;
    for (auto const& [link, local] : node.dialed) {
        from_port.insert(local.port == node.address().port);
    }
    EXPECT_EQ(from_port, (std::multiset<bool>{false, true}));
}

TEST(listener, dialing_oneself_from_the_listening_port_meets_the_listener) {
    EventLoop loop;
    Node node(loop, {{libp2p::IpAddress::v4(0, 0, 0, 0), 0}});
    auto const link = node.dial(loopback(node.address().port), true);
    ASSERT_TRUE(
        turn_until(loop, [&] { return node.dialed.size() == 1 && node.accepted.size() == 1; }));
    EXPECT_EQ(node.accepted[0].remote, node.dialed[link]);
    EXPECT_NE(node.dialed[link].port, node.address().port);
}

TEST(listener, a_node_that_restarts_gets_its_port_back) {
    EventLoop loop;
    Node remote(loop);
    libp2p::SocketAddress address;
    {
        Node node(loop);
        address = node.address();
        node.dial(remote.address(), true);
        ASSERT_TRUE(turn_until(
            loop, [&] { return node.dialed.size() == 1 && remote.accepted.size() == 1; }));
    }
    // Its connection is in FIN-WAIT or TIME-WAIT now.
    auto const again = Listener::bind(address);
    EXPECT_TRUE(again) << again.error();
}

TEST(listener, a_listener_on_loopback_does_not_bind_dials_to_other_places) {
    EventLoop loop;
    Node node(loop);
    // 255.255.255.255 cannot be connected to; but the error is that of the destination, not of the
    // source.
    auto const link = node.dial({libp2p::IpAddress::v4(255, 255, 255, 255), 9}, true);
    ASSERT_TRUE(turn_until(loop, [&] { return node.dial_failed.size() == 1; }));
    EXPECT_EQ(node.dial_failed[link], libp2p::LinkError::unreachable);
}

}  // namespace
}  // namespace runtime::testing
