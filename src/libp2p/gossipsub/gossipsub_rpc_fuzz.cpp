// Arbitrary bytes as RPCs of several peers, with verdicts and heartbeats between them. The invariants of the state hold
// after every action, and every RPC of ours can be read and fits its bound.
#include "libp2p/gossipsub/test_node.h"

namespace {

using namespace libp2p;
using namespace libp2p::gossipsub;
using namespace std::chrono_literals;

Config fuzz_config(bool is_signed) {
    auto config = test::test_config();
    if (!is_signed) {
        config.signing = SigningPolicy::strict_no_sign;
        config.message_id = topic_keyed_hash_id;
    }
    config.answer_rust_ids = true;
    config.pending_max = 4;
    config.pending_bytes_max = 1'000;
    config.seen_max = 8;
    config.unknown_topics_per_peer_max = 2;
    config.topics = {"k"};
    config.direct_peers.insert(test::id_number(3));
    return config;
}

void check_output(test::Node& node, Out const& out) {
    for (auto const& sent : test::sent_in(out)) {
        base::check(sent.rpc.messages.size() <= 1, "one message an RPC");
        base::check(!sent.rpc.messages.empty() || sent.rpc_size <= 16'384, "control that Rust reads");
        base::check(node.state.peers.contains(sent.peer), "sent to a peer");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::ByteView input(data, size);
    if (input.empty()) return 0;
    test::Node node(fuzz_config((input[0] & 1) != 0));
    input = input.subspan(1);
    node.subscribe("t");
    node.add_in(1, "t");
    node.add_in(2, "t", Direction::outbound);
    node.add_in(3, "t");
    node.add(4, Direction::inbound, Version::floodsub);
    node.add(5, Direction::inbound, Version::v1_0);
    // Each RPC has two bytes before it: who sends it and what follows, and its length.
    while (input.size() >= 2) {
        auto const peer = 1 + input[0] % 6U;
        auto const after = input[0] / 64U;
        auto const length = std::min<std::size_t>(input[1], input.size() - 2);
        base::ByteString const rpc = base::to_byte_string(input.subspan(2, length));
        input = input.subspan(2 + length);
        auto const out = node.receive(peer, rpc);
        check_output(node, out);
        for (auto const& arrived : test::events_in<MessageArrived>(out)) {
            if (after == 3) continue;
            check_output(node, node.apply(Verdict{arrived.key, static_cast<Acceptance>(after)}));
        }
        if (after == 2) check_output(node, node.advance(1s));
    }
    check_output(node, node.advance(3s));
    node.now = node.now + 400s;
    check_output(node, node.apply(Tick{}));
    base::check(node.state.pending.empty(), "no verdict is awaited for ever");
    return 0;
}
