// A block producer: broadcasts one block, and says which peers took it.
//
//   block_producer NETWORK FILE PEER…      FILE: a block in bin_prot, or as JSON when its name ends in .json
#include <minap2p/messages.h>
#include <minap2p/node.h>

#include <cstdio>
#include <fstream>
#include <iterator>

using namespace mina::p2p;

int main(int count, char** arguments) {
    if (count < 4) return std::fprintf(stderr, "block_producer NETWORK FILE PEER...\n"), 2;
    std::string const name = arguments[2];
    std::ifstream file(name, std::ios::binary);
    std::string const content{std::istreambuf_iterator<char>(file), {}};

    // It is found by nobody, and looks for no one but those it was given.
    Config config{.network = arguments[1], .listen = {}, .limits = {.peers_min = 0, .peers_target = 0}};
    config.peers.assign(arguments + 3, arguments + count);
    auto node = Node::create(config, [](Event const& event) {
        if (auto const* failed = std::get_if<event::ConnectFailed>(&event)) {
            std::fprintf(stderr, "no connection to %s: %s\n", failed->address.c_str(), failed->reason.c_str());
        }
    });
    if (!node) return std::fprintf(stderr, "%s\n", node.error().text().c_str()), 1;

    auto const block = name.ends_with(".json") ? from_json(MessageKind::block, node->format(), content)
                                               : Result<Bytes>(Bytes::copy_of(content));
    if (!block) return std::fprintf(stderr, "%s\n", block.error().text().c_str()), 1;
    if (auto const summary = summarize_block(node->format(), *block)) {
        std::printf("block %s height %u\n", summary->state_hash.text.c_str(), summary->height);
    }
    int code = 1;
    auto const on_done = [&](Result<Broadcast> const& done) {
        if (!done) std::fprintf(stderr, "%s\n", done.error().text().c_str());
        for (auto const& peer : done ? done->peers : std::vector<PeerId>()) {
            std::printf("taken by %s\n", peer.text.c_str());
            code = 0;
        }
        node->stop();  // what was sent goes out before the connections close
    };
    node->broadcast_block(*block, on_done, {.wait_for_peer = std::chrono::seconds(20)});
    node->run();
    return code;
}
