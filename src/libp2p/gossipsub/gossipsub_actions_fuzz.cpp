// Random actions, legal and illegal, in any order: peers that come twice or never came, topics left and entered,
// verdicts on messages that are not there, control of every kind. The invariants of the state hold after each.
#include "libp2p/gossipsub/test_node.h"

namespace {

using namespace libp2p;
using namespace libp2p::gossipsub;
using namespace std::chrono_literals;

/// Choices read from the input; zeros when it has run out.
class Choices {
public:
    explicit Choices(base::ByteView input) : rest_(input) {}
    bool done() const { return rest_.empty(); }
    std::uint8_t below(std::uint8_t bound) {
        if (rest_.empty()) return 0;
        auto const value = rest_[0];
        rest_ = rest_.subspan(1);
        return static_cast<std::uint8_t>(value % bound);
    }

private:
    base::ByteView rest_;
};

std::string topic_of(Choices& choices) { return std::string(1, static_cast<char>('a' + choices.below(4))); }

base::ByteString id_of(Choices& choices) {
    auto id = base::to_byte_string(test::id_number(20 + choices.below(2)).bytes());
    base::append_u64_be(id, choices.below(8));
    return id;
}

base::ByteString rpc_of(Choices& choices) {
    auto const topic = topic_of(choices);
    switch (choices.below(7)) {
        case 0: return test::subscription_rpc(topic, choices.below(3) != 0);
        case 1: return test::graft_rpc(topic);
        case 2: return test::prune_rpc(topic, std::uint64_t{1} << choices.below(64));
        case 3: return test::ihave_rpc(topic, {id_of(choices), id_of(choices)});
        case 4: return test::iwant_rpc({id_of(choices), id_of(choices)});
        case 5: return base::ByteString(choices.below(20), choices.below(255));
        default: {
            static std::map<std::pair<std::string, unsigned>, base::ByteString> made;  // a curve operation each
            auto const number = choices.below(16);
            auto& rpc = made[{topic, number}];
            if (rpc.empty()) {
                auto const author = 20U + number % 2U;
                rpc = test::message_rpc(test::message_by(author, topic, "x", number / 2U, crypto::stand_in_suite()));
            }
            return rpc;
        }
    }
}

Config fuzz_config(Choices& choices) {
    auto config = test::test_config();
    config.flood_publish = choices.below(2) == 1;
    config.answer_rust_ids = choices.below(2) == 1;
    config.mesh_outbound_min = 1;
    config.mesh_low = 2;
    config.mesh_target = 3;
    config.mesh_high = 4;
    config.gossip_peers_min = 2;
    config.pending_max = 3;
    config.seen_max = 6;
    config.topics_max = 3;
    config.peers_max = 10;
    config.unknown_topics_per_peer_max = 2;
    config.topics = {"a"};
    config.cache.messages_max = 4;
    config.direct_peers.insert(test::id_number(3));
    return config;
}

void step(test::Node& node, Choices& choices) {
    auto const peer = 1U + choices.below(12);
    switch (choices.below(14)) {
        case 0: node.add(peer, static_cast<Direction>(choices.below(2)), static_cast<Version>(choices.below(3))); return;
        case 1: node.apply(PeerRemoved{PeerKey{peer}}); return;
        case 2: node.apply(Subscribe{topic_of(choices)}); return;
        case 3: node.apply(Unsubscribe{topic_of(choices)}); return;
        case 4: node.publish(topic_of(choices), std::string(choices.below(3), 'p')); return;
        case 5: {
            MessageKey const key{node.state.next_message - choices.below(6)};
            node.apply(Verdict{key, static_cast<Acceptance>(choices.below(3))});
            return;
        }
        case 6: node.advance(std::chrono::milliseconds(100) * choices.below(20)); return;
        case 7: node.apply(Tick{}); return;
        case 8:
            node.now = node.now + std::chrono::seconds(choices.below(250));
            node.apply(Tick{});
            return;
        default: test::sent_in(node.receive(peer, rpc_of(choices))); return;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    Choices choices({data, size});
    test::Node node(fuzz_config(choices));
    while (!choices.done()) step(node, choices);
    base::DigestDescriber describer;
    describe(node.state, describer);
    describer.finish();
    return 0;
}
