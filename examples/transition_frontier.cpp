// A transition frontier: takes blocks and says what is to become of them, asks peers for their best tip and for blocks
// that it lacks, and answers peers that ask the same.
//
//   transition_frontier NETWORK LISTEN [PEER…]
#include <minap2p/messages.h>
#include <minap2p/node.h>

#include <csignal>
#include <cstdio>
#include <map>

using namespace mina::p2p;

static Node* stopping = nullptr;

int main(int count, char** arguments) {
    if (count < 3) return std::fprintf(stderr, "transition_frontier NETWORK LISTEN [PEER...]\n"), 2;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::map<StateHash, std::pair<Bytes, BlockSummary>> chain;  // all that is known; a real one has a root and a bound
    StateHash tip;
    Node* node = nullptr;

    auto const add = [&](Bytes const& block, BlockSummary const& summary) {
        if (!chain.emplace(summary.state_hash, std::pair(block, summary)).second) return;
        if (chain.size() == 1 || summary.height > chain[tip].second.height) tip = summary.state_hash;
        std::printf("block %s height %u\n", summary.state_hash.text.c_str(), summary.height);
    };
    auto const add_all = [&](Method method, Result<Bytes, CallError> const& answer) {
        if (!answer) return void(std::printf("no answer: %s\n", answer.error().text.c_str()));
        auto const blocks = blocks_of(method, node->format(), *answer);
        for (auto const& block : blocks ? *blocks : std::vector<Bytes>()) {
            if (auto const summary = summarize_block(node->format(), block)) add(block, *summary);
        }
    };
    auto const on_event = [&](Event const& event) {
        if (auto const* ready = std::get_if<event::Ready>(&event)) {
            std::printf("ready %s\n", ready->addresses.front().c_str());
        } else if (auto const* peer = std::get_if<event::PeerIdentified>(&event)) {
            // Who joins asks for the best tip, and then for the block before it: the chain that leads there.
            node->request_best_tip(peer->peer, [&, id = peer->peer](auto const& answer) {
                add_all(Method::get_best_tip, answer);
                if (chain.empty() || chain.contains(chain[tip].second.previous_state_hash)) return;
                node->request_transition_chain(id, {chain[tip].second.previous_state_hash},
                                               [&](auto const& rest) { add_all(Method::get_transition_chain, rest); });
            });
        } else if (auto const* received = std::get_if<event::BlockReceived>(&event)) {
            // Here a real frontier verifies the proof, and says later.
            node->give_verdict(received->message, received->summary.height > 0 ? Verdict::accept : Verdict::reject);
            add(received->block, received->summary);
        } else if (auto const* question = std::get_if<event::QuestionReceived>(&event)) {
            std::vector<Bytes> blocks;
            for (auto const& hash : question->state_hashes) {
                if (auto const at = chain.find(hash); at != chain.end()) blocks.push_back(at->second.first);
            }
            if (question->method == Method::get_best_tip && !chain.empty()) {
                node->answer(question->question, best_tip_answer(chain[tip].first, {}, chain[tip].first));
            } else if (question->method == Method::get_transition_chain && !blocks.empty()) {
                node->answer(question->question, transition_chain_answer(blocks));
            } else {
                node->answer_nothing(question->question);
            }
        }
    };

    Config config{.network = arguments[1], .listen = {arguments[2]}, .verdicts = Config::Verdicts::application,
                  .served = {Method::get_best_tip, Method::get_transition_chain}};
    config.peers.assign(arguments + 3, arguments + count);
    auto made = Node::create(config, on_event);
    if (!made) return std::fprintf(stderr, "%s\n", made.error().text().c_str()), 1;
    node = stopping = &*made;
    for (auto const number : {SIGINT, SIGTERM}) std::signal(number, [](int) { stopping->stop(); });
    node->run();
}
