// Two nodes in one program, from the installed headers alone: they meet, one asks the other, both part.
#include <minap2p/messages.h>
#include <minap2p/node.h>

#include <cstdio>

#include <poll.h>

namespace p2p = mina::p2p;

int main() {
    p2p::Config config{.network = "local", .listen = {"/ip4/127.0.0.1/tcp/0"},
                       .served = {p2p::Method::get_transition_knowledge}};
    p2p::Node* served = nullptr;
    auto server = p2p::Node::create(config, [&](p2p::Event const& event) {
        auto const* question = std::get_if<p2p::event::QuestionReceived>(&event);
        if (question != nullptr) served->answer_nothing(question->question);
    });
    if (!server) return std::fprintf(stderr, "%s\n", server.error().text().c_str()), 1;
    served = &*server;

    p2p::Node* asking = nullptr;
    auto client = p2p::Node::create(config, [&](p2p::Event const& event) {
        auto const* peer = std::get_if<p2p::event::PeerIdentified>(&event);
        if (peer == nullptr) return;
        asking->request_transition_knowledge(peer->peer, [&](auto const& answer) {
            std::printf("answer: %s\n", answer ? "none known" : answer.error().text.c_str());
            asking->stop();
            served->stop();
        });
    });
    if (!client) return std::fprintf(stderr, "%s\n", client.error().text().c_str()), 1;
    asking = &*client;
    client->connect(server->status().addresses.front());

    pollfd ready[] = {{server->poll_fd(), POLLIN, 0}, {client->poll_fd(), POLLIN, 0}};
    while (!server->has_stopped() || !client->has_stopped()) {
        if (::poll(ready, 2, 20'000) <= 0) return std::fprintf(stderr, "nothing happens\n"), 1;
        server->turn();
        client->turn();
    }
    std::printf("stopped, minap2p %s\n", std::string(p2p::version()).c_str());
}
