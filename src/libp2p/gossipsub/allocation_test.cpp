// Allocations on the data plane. Goal: their number for a message does not depend on how many peers it goes to, and stays
// what it is. Method: the global operator new counts.
#include "libp2p/gossipsub/test_node.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

namespace {
std::size_t allocations = 0;
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace libp2p::gossipsub {
namespace {

constexpr auto topic = "coda/consensus-messages/0.0.1";

test::Node node_with_mesh(std::uint64_t peers) {
    auto config = test::test_config();
    config.message_id = topic_keyed_hash_id;
    config.mesh_target = peers;
    test::Node node(std::move(config));
    node.subscribe(topic);
    for (std::uint64_t peer = 1; peer <= peers; ++peer) node.add_in(peer, topic);
    return node;
}

struct Count {
    std::size_t arrival = 0;
    std::size_t duplicate = 0;
    std::size_t forwarding = 0;
};
Count count_for(std::uint64_t peers) {
    auto node = node_with_mesh(peers);
    auto const rpc = test::message_rpc(
        test::message_by(50, topic, std::string(1'024, 'x'), 1, crypto::stand_in_suite()));
    Out out;
    out.effects.reserve(64);
    out.events.reserve(64);
    base::Env const env{node.now, node.rng, node.trace};
    auto const counted = [&](Action const& action) {
        allocations = 0;
        reduce(node.state, action, env, out);
        return allocations;
    };
    Count count;
    count.arrival = counted(RpcReceived{PeerKey{1}, rpc});
    count.duplicate = counted(RpcReceived{PeerKey{1}, rpc});
    auto const key = std::get<MessageArrived>(out.events.front()).key;
    count.forwarding = counted(Verdict{key, Acceptance::accept});
    return count;
}

TEST(Allocations, of_a_message_are_few_and_do_not_grow_with_its_receivers) {
    auto const few = count_for(6);
    auto const many = count_for(12);
    EXPECT_EQ(few.arrival, many.arrival);
    EXPECT_EQ(few.forwarding, many.forwarding);
    EXPECT_LE(few.arrival, 20u);
    EXPECT_LE(few.duplicate, 2u);  // the list of messages in the RPC, and the id
    EXPECT_LE(few.forwarding, 4u);
    RecordProperty("arrival", static_cast<int>(few.arrival));
    RecordProperty("duplicate", static_cast<int>(few.duplicate));
    RecordProperty("forwarding", static_cast<int>(few.forwarding));
}

TEST(Allocations, of_a_publication_do_not_grow_with_its_receivers) {
    auto const count = [](std::uint64_t peers) {
        auto node = node_with_mesh(peers);
        Out out;
        out.effects.reserve(64);
        out.events.reserve(64);
        auto const data = base::SharedBytes::take(base::ByteString(1'024, 1));
        Action const action = Publish{topic, data, RequestId{1}};
        allocations = 0;
        reduce(node.state, action, base::Env{node.now, node.rng, node.trace}, out);
        return allocations;
    };
    // The two lists of receivers grow by doubling.
    EXPECT_LE(count(12), count(6) + 4);
    EXPECT_LE(count(12), 28u);
}

}  // namespace
}  // namespace libp2p::gossipsub
