// A transaction pool: takes transactions of others, and broadcasts its own, as they come on standard input in JSON.
//
//   transaction_pool NETWORK LISTEN [PEER…]      each line of input: a list of transactions
#include <minap2p/messages.h>
#include <minap2p/node.h>

#include <cstdio>
#include <set>

#include <poll.h>
#include <unistd.h>

using namespace mina::p2p;

int main(int count, char** arguments) {
    if (count < 3) return std::fprintf(stderr, "transaction_pool NETWORK LISTEN [PEER...]\n"), 2;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::set<std::string> pool;  // hashes; a real one has a bound
    Node* node = nullptr;
    auto const on_event = [&](Event const& event) {
        if (auto const* ready = std::get_if<event::Ready>(&event)) {
            std::printf("ready %s\n", ready->addresses.front().c_str());
        } else if (auto const* received = std::get_if<event::TransactionsReceived>(&event)) {
            auto const before = pool.size();
            pool.insert(received->hashes.begin(), received->hashes.end());
            std::printf("received %zu transactions, %zu new\n", received->counts.total(), pool.size() - before);
            // What is in the pool already need not be told again.
            node->give_verdict(received->message, pool.size() > before ? Verdict::accept : Verdict::ignore);
        } else if (auto const* message = std::get_if<event::BlockReceived>(&event)) {
            node->give_verdict(message->message, Verdict::accept);
        } else if (auto const* refused = std::get_if<event::MessageRefused>(&event)) {
            std::printf("refused from %s: %s\n", refused->via.text.c_str(), refused->reason.c_str());
        }
    };

    Config config{.network = arguments[1], .listen = {arguments[2]}, .verdicts = Config::Verdicts::application};
    config.peers.assign(arguments + 3, arguments + count);
    auto made = Node::create(config, on_event);
    if (!made) return std::fprintf(stderr, "%s\n", made.error().text().c_str()), 1;
    node = &*made;

    std::size_t under_way = 0;
    auto const broadcast = [&](std::string const& line) {
        auto const list = from_json(MessageKind::transactions, node->format(), line);
        if (!list) return void(std::fprintf(stderr, "%s\n", list.error().text().c_str()));
        ++under_way;
        node->broadcast_transactions(*list, [&](Result<Broadcast> const& done) {
            --under_way;
            if (!done) return void(std::fprintf(stderr, "%s\n", done.error().text().c_str()));
            std::printf("broadcast to %zu peers\n", done->peers.size());
        }, {.wait_for_peer = std::chrono::seconds(20)});
    };
    // Standard input and the node in one poll(2). When all of the input is told, it says goodbye.
    pollfd ready[] = {{node->poll_fd(), POLLIN, 0}, {0, POLLIN, 0}};
    std::string input;
    while (!node->has_stopped()) {
        ::poll(ready, 2, -1);
        if (ready[1].revents != 0) {
            char chunk[4096];
            auto const size = ::read(0, chunk, sizeof chunk);
            if (size > 0) input.append(chunk, static_cast<std::size_t>(size));
            if (size <= 0) ready[1] = {-1, 0, 0};  // which poll() passes over
            for (auto end = input.find('\n'); end != std::string::npos; end = input.find('\n')) {
                broadcast(input.substr(0, end));
                input.erase(0, end + 1);
            }
        }
        node->turn();
        if (ready[1].fd < 0 && under_way == 0) node->stop();
    }
}
