// Goal: the core hears of every connection exactly what happened to it, and its orders are carried
// out. Method: nodes with fake cores on one loop, over loopback; raw sockets where the other side
// has to misbehave.
#include "runtime/fake_core.h"
#include "runtime/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

namespace runtime::testing {
namespace {

using libp2p::LinkError;
using libp2p::LinkId;

/// A node that dials, another that accepts, and the link between them.
struct Pair {
    explicit Pair(Options const& options = {})
        : dialer(loop, {}, options), listener(loop, {loopback()}, options) {
        dialed = dialer.dial(listener.address());
        EXPECT_TRUE(turn_until(
            loop, [&] { return dialer.dialed.contains(dialed) && listener.accepted.size() == 1; }));
        if (!listener.accepted.empty()) accepted = listener.accepted[0].link;
    }
    EventLoop loop;
    Node dialer;
    Node listener;
    LinkId dialed;
    LinkId accepted;
};

/// The other side as a plain blocking socket, connected to a node.
Fd raw_connection(libp2p::SocketAddress const& to, int receive_buffer = 0) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (receive_buffer > 0) set_option(fd.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer);
    KernelAddress const kernel(to);
    EXPECT_EQ(::connect(fd.get(), kernel.get(), kernel.size), 0);
    return fd;
}

TEST(runtime, start_is_the_first_input_and_names_the_bound_addresses) {
    EventLoop loop;
    Node node(loop);
    // A connection that waits already does not come before it.
    auto const waiting = raw_connection(node.address());
    bool first = true;
    auto const take = node.core.on_input;
    node.core.on_input = [&](libp2p::Input const& input) {
        EXPECT_EQ(std::holds_alternative<libp2p::Start>(input), std::exchange(first, false));
        take(input);
    };
    ASSERT_TRUE(turn_until(loop, [&] { return node.accepted.size() == 1; }));
    ASSERT_EQ(node.starts.size(), 1U);
    EXPECT_EQ(node.starts[0].listening, std::vector{node.address()});
}

TEST(runtime, both_sides_know_the_addresses_and_the_ids_keep_their_parity) {
    Pair pair;
    auto const& accepted = pair.listener.accepted[0];
    EXPECT_EQ(accepted.local, pair.listener.address());
    EXPECT_EQ(accepted.remote, pair.dialer.dialed[pair.dialed]);
    EXPECT_EQ(accepted.link.value % 2, 1U);
}

TEST(runtime, bytes_arrive_and_are_credited) {
    Pair pair;
    pair.dialer.send(pair.dialed, "hello");
    ASSERT_TRUE(
        turn_until(pair.loop, [&] { return pair.listener.received[pair.accepted] == "hello"; }));
    EXPECT_TRUE(turn_until(pair.loop, [&] { return pair.dialer.written[pair.dialed] == 5; }));
}

TEST(runtime, ipv6_works_alike) {
    if (!Listener::bind(loopback_v6())) GTEST_SKIP() << "no IPv6 loopback";
    EventLoop loop;
    Node dialer(loop, {loopback_v6()});
    Node listener(loop, {loopback_v6()});
    auto const link = dialer.dial(listener.address());
    ASSERT_TRUE(turn_until(
        loop, [&] { return dialer.dialed.contains(link) && listener.accepted.size() == 1; }));
    EXPECT_TRUE(listener.accepted[0].remote.ip.v6);
    EXPECT_EQ(listener.accepted[0].remote, dialer.dialed[link]);
    dialer.send(link, "six");
    EXPECT_TRUE(
        turn_until(loop, [&] { return listener.received[listener.accepted[0].link] == "six"; }));
}

TEST(runtime, an_abort_is_a_reset_for_the_other_side) {
    Pair pair;
    pair.dialer.order(libp2p::Close{pair.dialed, false});
    ASSERT_TRUE(
        turn_until(pair.loop, [&] { return pair.listener.closed.contains(pair.accepted); }));
    EXPECT_EQ(pair.listener.closed[pair.accepted].error, LinkError::reset);
    EXPECT_TRUE(pair.dialer.closed.empty());
    EXPECT_EQ(pair.dialer.runtime.links(), 0U);
    EXPECT_EQ(pair.listener.runtime.links(), 0U);
}

TEST(runtime, an_orderly_close_is_an_end_of_stream_after_all_bytes) {
    Pair pair({.dns_servers = {}, .socket_buffer_bytes = 64 * 1024});
    std::string const text(2'000'000, 'q');
    pair.dialer.send(pair.dialed, text);
    pair.dialer.order(libp2p::Close{pair.dialed, true});
    ASSERT_TRUE(
        turn_until(pair.loop, [&] { return pair.listener.closed.contains(pair.accepted); }));
    EXPECT_EQ(pair.listener.closed[pair.accepted].error, std::nullopt);
    EXPECT_EQ(pair.listener.received[pair.accepted].size(), text.size());
    ASSERT_TRUE(turn_until(pair.loop, [&] { return pair.dialer.runtime.links() == 0; }));
    EXPECT_TRUE(pair.dialer.closed.empty());
    EXPECT_TRUE(pair.dialer.written.empty()) << "an input about a closed link";
}

TEST(runtime, an_orderly_close_is_not_spoiled_by_bytes_that_nobody_reads) {
    // Closing a socket with unread bytes sends a reset, and that can overtake what was written
    // before.
    Pair pair;
    pair.dialer.order(libp2p::SetReading{pair.dialed, false});
    pair.listener.send(pair.accepted, std::string(200'000, 'u'));
    turn_for(pair.loop, std::chrono::milliseconds(30));
    pair.dialer.send(pair.dialed, "goodbye");
    pair.dialer.order(libp2p::Close{pair.dialed, true});
    ASSERT_TRUE(
        turn_until(pair.loop, [&] { return pair.listener.closed.contains(pair.accepted); }));
    EXPECT_EQ(pair.listener.closed[pair.accepted].error, std::nullopt);
    EXPECT_EQ(pair.listener.received[pair.accepted], "goodbye");
    EXPECT_TRUE(pair.dialer.received.empty());
}

TEST(runtime, an_orderly_close_takes_at_most_a_second) {
    EventLoop loop;
    Node node(loop, {loopback()}, {.dns_servers = {}, .socket_buffer_bytes = 8192});
    auto const deaf = raw_connection(node.address(), 4096);
    ASSERT_TRUE(turn_until(loop, [&] { return node.accepted.size() == 1; }));
    node.send(node.accepted[0].link, std::string(1'000'000, 'd'));
    node.order(libp2p::Close{node.accepted[0].link, true});
    auto const begun = loop.now();
    ASSERT_TRUE(turn_until(loop, [&] { return node.runtime.links() == 0; }));
    EXPECT_GE(loop.now() - begun, std::chrono::milliseconds(900));
    EXPECT_LT(loop.now() - begun, std::chrono::seconds(3));
}

TEST(runtime, stop_lets_links_finish_closing) {
    Pair pair({.dns_servers = {}, .socket_buffer_bytes = 64 * 1024});
    pair.dialer.send(pair.dialed, std::string(1'000'000, 's'));
    pair.dialer.order(libp2p::Close{pair.dialed, true});
    pair.loop.stop();
    pair.loop.run();
    EXPECT_EQ(pair.dialer.runtime.links(), 0U);
    EXPECT_EQ(pair.listener.received[pair.accepted].size(), 1'000'000U);
}

TEST(runtime, a_connecting_link_can_be_closed) {
    EventLoop loop;
    Node node(loop);
    auto const link = node.dial(node.address());
    node.order(libp2p::Close{link, false});
    turn_for(loop, std::chrono::milliseconds(50));
    EXPECT_FALSE(node.dialed.contains(link));
    EXPECT_FALSE(node.dial_failed.contains(link));
}

TEST(runtime, a_refused_dial_says_so_with_and_without_the_listening_port) {
    EventLoop loop;
    Node node(loop);
    libp2p::SocketAddress nobody;
    { nobody = Listener::bind(loopback())->address(); }
    for (bool const from_listen_port : {false, true}) {
        auto const link = node.dial(nobody, from_listen_port);
        ASSERT_TRUE(turn_until(loop, [&] { return node.dial_failed.contains(link); }));
        EXPECT_EQ(node.dial_failed[link], LinkError::refused);
    }
    EXPECT_EQ(node.runtime.counters().dial_failures, 2U);
    EXPECT_EQ(node.runtime.links(), 0U);
}

TEST(runtime, system_errors_become_the_words_of_the_core) {
    EXPECT_EQ(to_link_error(ECONNREFUSED), LinkError::refused);
    EXPECT_EQ(to_link_error(ENETUNREACH), LinkError::unreachable);
    EXPECT_EQ(to_link_error(EHOSTUNREACH), LinkError::unreachable);
    EXPECT_EQ(to_link_error(EAFNOSUPPORT), LinkError::unreachable);
    EXPECT_EQ(to_link_error(ETIMEDOUT), LinkError::timed_out);
    EXPECT_EQ(to_link_error(ECONNRESET), LinkError::reset);
    EXPECT_EQ(to_link_error(EPIPE), LinkError::reset);
    EXPECT_EQ(to_link_error(EADDRINUSE), LinkError::address_in_use);
    EXPECT_EQ(to_link_error(EADDRNOTAVAIL), LinkError::address_in_use);
    EXPECT_EQ(to_link_error(EMFILE), LinkError::out_of_descriptors);
    EXPECT_EQ(to_link_error(EIO), LinkError::other);
}

TEST(runtime, a_dial_to_a_silent_destination_lasts_until_the_core_closes_it) {
    // A listener whose queue is full drops SYNs.
    EventLoop loop;
    Node node(loop);
    auto listener = Listener::bind(loopback());
    ASSERT_TRUE(listener);
    ASSERT_EQ(::listen(listener->fd(), 0), 0);
    std::vector<Fd> fillers;
    for (int i = 0; i < 8; ++i) {
        fillers.push_back(open_tcp_socket(false));
        KernelAddress const kernel(listener->address());
        ::connect(fillers.back().get(), kernel.get(), kernel.size);
    }
    auto const link = node.dial(listener->address());
    turn_for(loop, std::chrono::milliseconds(200));
    EXPECT_FALSE(node.dialed.contains(link));
    EXPECT_FALSE(node.dial_failed.contains(link));
    node.order(libp2p::Close{link, false});
    ASSERT_TRUE(turn_until(loop, [&] { return node.runtime.links() == 0; }));
}

TEST(runtime, a_paused_link_brings_nothing_until_it_is_resumed) {
    Pair pair;
    pair.listener.order(libp2p::SetReading{pair.accepted, false});
    turn_for(pair.loop, std::chrono::milliseconds(10));
    pair.dialer.send(pair.dialed, "later");
    auto const steps = pair.listener.runtime.counters().steps;
    turn_for(pair.loop, std::chrono::milliseconds(50));
    EXPECT_EQ(pair.listener.runtime.counters().steps, steps);
    pair.listener.order(libp2p::SetReading{pair.accepted, true});
    EXPECT_TRUE(
        turn_until(pair.loop, [&] { return pair.listener.received[pair.accepted] == "later"; }));
}

TEST(runtime, a_paused_link_still_tells_of_a_reset_and_does_not_spin) {
    Pair pair;
    pair.listener.order(libp2p::SetReading{pair.accepted, false});
    turn_for(pair.loop, std::chrono::milliseconds(10));
    pair.dialer.order(libp2p::Close{pair.dialed, false});
    ASSERT_TRUE(
        turn_until(pair.loop, [&] { return pair.listener.closed.contains(pair.accepted); }));
    EXPECT_EQ(pair.listener.closed[pair.accepted].error, LinkError::reset);
}

TEST(runtime, writing_into_a_reset_connection_ends_it_once_with_the_error) {
    for (bool const reading : {true, false}) {
        Pair pair;
        pair.listener.order(libp2p::SetReading{pair.accepted, reading});
        turn_for(pair.loop, std::chrono::milliseconds(10));
        pair.dialer.order(libp2p::Close{pair.dialed, false});
        for (int i = 0; i < 5; ++i) pair.listener.send(pair.accepted, "into the void");
        ASSERT_TRUE(
            turn_until(pair.loop, [&] { return pair.listener.closed.contains(pair.accepted); }));
        EXPECT_EQ(pair.listener.closed[pair.accepted].error, LinkError::reset);
        turn_for(pair.loop, std::chrono::milliseconds(20));
        EXPECT_EQ(pair.listener.runtime.links(), 0U);
    }
}

TEST(runtime, no_input_about_a_link_follows_its_close) {
    EventLoop loop;
    Node node(loop);
    auto const take = node.core.on_input;
    std::map<LinkId, bool> closed;
    node.core.on_input = [&](libp2p::Input const& input) {
        take(input);
        if (auto const* received = std::get_if<libp2p::Received>(&input)) {
            EXPECT_FALSE(closed[received->link]);
            closed[received->link] = true;
            node.core.effects.emplace_back(
                libp2p::Transmit{received->link, base::SharedBytes::copy_of(base::as_bytes("x"))});
            node.core.effects.emplace_back(
                libp2p::Close{received->link, received->link.value % 4 == 1});
            node.core.effects.emplace_back(
                libp2p::Transmit{received->link, base::SharedBytes::copy_of(base::as_bytes("y"))});
            node.core.effects.emplace_back(libp2p::SetReading{received->link, true});
            node.core.effects.emplace_back(libp2p::Close{received->link, true});
        }
        if (auto const* written = std::get_if<libp2p::Written>(&input)) {
            EXPECT_FALSE(closed[written->link]);
        }
        if (auto const* ended = std::get_if<libp2p::Closed>(&input)) {
            EXPECT_FALSE(closed[ended->link]);
        }
    };
    std::vector<Fd> clients;
    for (int i = 0; i < 8; ++i) clients.push_back(raw_connection(node.address()));
    ASSERT_TRUE(turn_until(loop, [&] { return node.accepted.size() == 8; }));
    for (auto const& client : clients) {
        ASSERT_EQ(::send(client.get(), "ab", 2, MSG_NOSIGNAL), 2);
        ASSERT_EQ(::send(client.get(), "cd", 2, MSG_NOSIGNAL), 2);
    }
    ASSERT_TRUE(turn_until(loop, [&] { return closed.size() == 8; }));
    for (auto const& client : clients) ::send(client.get(), "ef", 2, MSG_NOSIGNAL);
    clients.clear();
    EXPECT_TRUE(turn_until(loop, [&] { return node.runtime.links() == 0; }));
}

TEST(runtime, small_writes_are_sent_at_once_on_both_sides) {
    EventLoop loop;
    Node node(loop);
    // Accepted sockets inherit the option of the listener: nothing may have to be set for each.
    auto listener = Listener::bind(loopback());
    ASSERT_TRUE(listener);
    auto const client = raw_connection(listener->address());
    Fd const accepted(::accept4(listener->fd(), nullptr, nullptr, SOCK_CLOEXEC));
    int value = 0;
    socklen_t size = sizeof value;
    ASSERT_EQ(::getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    EXPECT_NE(value, 0);
    auto const dialing = open_tcp_socket(false);
    ASSERT_EQ(::getsockopt(dialing.get(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    EXPECT_NE(value, 0);
}

TEST(runtime, what_an_application_orders_in_a_callback_is_a_later_step) {
    EventLoop loop;
    struct Eager final : Node {
        using Node::Node;
        void on_reply(libp2p::Reply const& reply) override {
            Node::on_reply(reply);
            if (replies.size() < 3) {
                runtime.post({{reply.request.value + 1}, libp2p::command::Shutdown{}});
            }
        }
    } node(loop);
    auto const take = node.core.on_input;
    std::vector<std::uint64_t> commands;
    node.core.on_input = [&](libp2p::Input const& input) {
        take(input);
        auto const* const command = std::get_if<libp2p::Command>(&input);
        if (command == nullptr) return;
        commands.push_back(command->request.value);
        node.core.effects.emplace_back(libp2p::Deliver{libp2p::event::Warning{"first"}});
        node.core.effects.emplace_back(libp2p::Reply{command->request, libp2p::reply::Done{}});
    };
    node.runtime.post({{7}, libp2p::command::Shutdown{}});
    ASSERT_TRUE(turn_until(loop, [&] { return node.replies.size() == 3; }));
    EXPECT_EQ(commands, (std::vector<std::uint64_t>{7, 8, 9}));
    EXPECT_EQ(node.events.size(), 3U);
}

TEST(runtime, a_deadline_brings_one_tick_in_time) {
    EventLoop loop;
    Node node(loop);
    turn_for(loop, std::chrono::milliseconds(5));
    node.core.deadline = loop.now() + std::chrono::milliseconds(30);
    auto const due = *node.core.deadline;
    ASSERT_TRUE(turn_until(loop, [&] { return node.ticks == 1; }));
    EXPECT_GE(node.core.now, due);
    EXPECT_LT(node.core.now - due, std::chrono::seconds(1));
    turn_for(loop, std::chrono::milliseconds(20));
    EXPECT_EQ(node.ticks, 1);
}

TEST(runtime, an_idle_node_does_nothing) {
    Pair pair;
    turn_for(pair.loop, std::chrono::milliseconds(20));
    auto const steps = pair.listener.runtime.counters().steps;
    int turns = 0;
    turn_until(pair.loop, [&] { return ++turns > 1000; }, std::chrono::milliseconds(300));
    EXPECT_LT(turns, 20);
    EXPECT_EQ(pair.listener.runtime.counters().steps, steps);
}

class DescriptorLimit {
public:
    explicit DescriptorLimit(rlim_t more) {
        ::getrlimit(RLIMIT_NOFILE, &former_);
        Fd const next(::dup(0));
        auto limit = former_;
        limit.rlim_cur = static_cast<rlim_t>(next.get()) + more;
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &former_); }
    DescriptorLimit(DescriptorLimit const&) = delete;
    DescriptorLimit& operator=(DescriptorLimit const&) = delete;

private:
    rlimit former_{};
};

TEST(runtime, without_descriptors_connections_are_turned_away_and_the_loop_rests) {
    EventLoop loop;
    Node node(loop);
    turn_for(loop, std::chrono::milliseconds(5));
    std::vector<Fd> clients;
    int turns = 0;
    {
        for (int i = 0; i < 20; ++i) clients.push_back(open_tcp_socket(false));
        DescriptorLimit const limit(5);
        KernelAddress const kernel(node.address());
        for (auto const& client : clients) ::connect(client.get(), kernel.get(), kernel.size);
        ASSERT_TRUE(turn_until(loop, [&] {
            return node.accepted.size() + node.runtime.counters().turned_away == 20;
        }));
        EXPECT_LE(node.accepted.size(), 5U);
        EXPECT_GE(node.accepted.size(), 1U);
        // Dials fail with their own word.
        auto const link = node.dial(node.address());
        ASSERT_TRUE(turn_until(loop, [&] { return node.dial_failed.contains(link); }));
        EXPECT_EQ(node.dial_failed[link], LinkError::out_of_descriptors);
        turn_until(loop, [&] { return ++turns > 10'000; }, std::chrono::milliseconds(300));
    }
    EXPECT_LT(turns, 50) << "the loop spins";
    // With descriptors again, the node takes connections again.
    auto const before = node.accepted.size();
    clients.clear();
    auto const late = raw_connection(node.address());
    EXPECT_TRUE(turn_until(loop, [&] { return node.accepted.size() == before + 1; }));
}

}  // namespace
}  // namespace runtime::testing
