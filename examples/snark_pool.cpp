// A SNARK pool: takes work of others, broadcasts work of its own, and answers peers that ask for all of it.
//
//   snark_pool NETWORK LISTEN FILE|- [PEER…]      FILE: work to broadcast, a pool's diff in bin_prot
#include <minap2p/messages.h>
#include <minap2p/node.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>

using namespace mina::p2p;

static Node* stopping = nullptr;

int main(int count, char** arguments) {
    if (count < 4) return std::fprintf(stderr, "snark_pool NETWORK LISTEN FILE|- [PEER...]\n"), 2;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    struct Work {
        std::uint64_t fee = 0;
        Bytes diff;
    };
    std::map<std::string, Work> pool;  // by statement: the cheapest; a real one has a bound
    Node* node = nullptr;
    auto const on_event = [&](Event const& event) {
        if (auto const* ready = std::get_if<event::Ready>(&event)) {
            std::printf("ready %s\n", ready->addresses.front().c_str());
        } else if (auto const* work = std::get_if<event::SnarkWorkReceived>(&event)) {
            auto const known = pool.find(work->key);
            auto const is_wanted = work->proofs > 0 && (known == pool.end() || work->fee_nanomina < known->second.fee);
            if (is_wanted) pool[work->key] = {work->fee_nanomina, work->work};
            // Here a real pool verifies the proof first.
            node->give_verdict(work->message, is_wanted ? Verdict::accept : Verdict::ignore);
            std::printf("work of %zu proofs for %llu by %s, %zu in the pool\n", work->proofs,
                        static_cast<unsigned long long>(work->fee_nanomina), work->prover.c_str(), pool.size());
        } else if (auto const* question = std::get_if<event::QuestionReceived>(&event)) {
            // A real pool answers Some of a list of works (from_json makes it); this one has nothing to give away.
            std::printf("asked for all work by %s\n", question->peer.text.c_str());
            node->answer_nothing(question->question);
        } else if (auto const* peer = std::get_if<event::PeerIdentified>(&event)) {
            node->request_completed_snarks(peer->peer, [](Result<Bytes, CallError> const& answer) {
                auto const is_none = answer && is_nothing(Method::get_completed_snarks, *answer);
                auto const what = !answer ? answer.error().text : is_none ? "none" : "some";
                std::printf("completed snarks: %s\n", what.c_str());
            });
        }
    };

    Config config{.network = arguments[1], .listen = {arguments[2]}, .verdicts = Config::Verdicts::application,
                  .served = {Method::get_completed_snarks}};
    config.peers.assign(arguments + 4, arguments + count);
    auto made = Node::create(config, on_event);
    if (!made) return std::fprintf(stderr, "%s\n", made.error().text().c_str()), 1;
    node = stopping = &*made;
    for (auto const number : {SIGINT, SIGTERM}) std::signal(number, [](int) { stopping->stop(); });
    if (std::string const name = arguments[3]; name != "-") {
        std::ifstream file(name, std::ios::binary);
        std::string const diff{std::istreambuf_iterator<char>(file), {}};
        node->broadcast_snark_work(Bytes::copy_of(diff), [](Result<Broadcast> const& done) {
            std::printf("broadcast: %s\n", done ? "done" : done.error().text().c_str());
        }, {.wait_for_peer = std::chrono::seconds(20)});
    }
    node->run();
}
