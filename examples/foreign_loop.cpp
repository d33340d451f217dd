// A node in a loop that is not its own: one descriptor for poll(2), beside a timer of the program. It counts what comes
// in for some seconds, says what it is connected to, and parts.
//
//   foreign_loop NETWORK SECONDS [PEER…]
#include <minap2p/node.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <poll.h>

using namespace mina::p2p;

int main(int count, char** arguments) {
    if (count < 3) return std::fprintf(stderr, "foreign_loop NETWORK SECONDS [PEER...]\n"), 2;
    std::size_t events = 0;
    std::size_t messages = 0;
    Config config{.network = arguments[1], .listen = {"/ip4/127.0.0.1/tcp/0"}};
    config.peers.assign(arguments + 3, arguments + count);
    auto node = Node::create(config, [&](Event const& event) {
        ++events;
        if (std::holds_alternative<event::BlockReceived>(event)) ++messages;
        if (std::holds_alternative<event::TransactionsReceived>(event)) ++messages;
        if (std::holds_alternative<event::SnarkWorkReceived>(event)) ++messages;
    });
    if (!node) return std::fprintf(stderr, "%s\n", node.error().text().c_str()), 1;

    using Clock = std::chrono::steady_clock;
    auto const end = Clock::now() + std::chrono::seconds(std::atoi(arguments[2]));
    std::size_t turns = 0;
    bool is_told = false;
    while (!node->has_stopped()) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd ready{node->poll_fd(), POLLIN, 0};
        ::poll(&ready, 1, is_told ? -1 : static_cast<int>(left > 0 ? left : 0));
        if (ready.revents != 0) {
            node->turn();  // never waits
            ++turns;
        }
        if (!is_told && Clock::now() >= end) {
            for (auto const& peer : node->peers()) {
                std::printf("%s %s %s\n", peer.peer.text.c_str(), peer.state.c_str(), peer.address.c_str());
            }
            std::printf("%zu events, %zu messages, %zu turns\n", events, messages, turns);
            node->stop();
            is_told = true;
        }
    }
}
