// Goal: a header is what its block says; what the tree answers with is what Mina's verifier folds. Method: made chains
// of every format, and the real block of devnet, if it is at hand.
#include "mina/block_tree/block_tree.h"

#include "base/rng.h"
#include "mina/hashes/chain_proof.h"
#include "mina/made_chain/made_chain.h"
#include "mina/schema/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace mina::block_tree {
namespace {

constexpr std::uint64_t start_ms = 1'800'000'000'000;

binprot::List<binprot::Field> list_of(std::vector<BodyHash> const& bodies) {
    static_assert(sizeof(BodyHash) == sizeof(binprot::Field));
    return {reinterpret_cast<binprot::Field const*>(bodies.data()), bodies.size()};
}

TEST(block_header, says_what_the_block_says) {
    for (auto const format : messages::formats) {
        auto const blocks = made_chain::made_chain(format, 5, 6, start_ms, 1'000);
        StateHash previous;
        StateHash genesis;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            auto const header = header_of(format, blocks[i]);
            ASSERT_TRUE(header) << header.error();
            EXPECT_EQ(header->previous, previous);
            EXPECT_EQ(header->genesis, genesis);
            EXPECT_EQ(header->height, i + 1);
            EXPECT_EQ(header->global_slot, i);
            EXPECT_EQ(header->timestamp_ms, start_ms + i * made_chain::slot_ms(format));
            EXPECT_EQ(header->bytes, blocks[i].size());
            EXPECT_EQ(header->format, format);
            EXPECT_NE(header->vrf_output, base::ByteArray<32>{});
            EXPECT_EQ(header->state, *hashes::state_hash_after(previous, header->body));
            previous = header->state;
            if (i == 0) genesis = header->state;
        }
    }
}

TEST(block_header, is_of_whole_blocks_of_the_format_only) {
    auto const block = made_chain::made_chain(messages::Format::berkeley, 5, 1, start_ms)[0];
    EXPECT_FALSE(header_of(messages::Format::mesa_array_inputs, block));
    EXPECT_EQ(header_of(messages::Format::berkeley, base::ByteView(block).first(500)).error().substr(0, 7), "offset ");
    EXPECT_FALSE(header_of(messages::Format::berkeley, base::ByteView(block).first(block.size() - 1)));
    EXPECT_FALSE(header_of(messages::Format::berkeley, {}));
}

TEST(block_header, random_blocks_have_one_or_a_reason_why_not) {
    base::Rng rng(base::Rng::Seed{3});
    auto const& type = *schema::find_root(messages::schema_of(messages::Format::mesa), "block")->type;
    std::size_t without = 0;
    for (int i = 0; i < 100; ++i) {
        schema::RandomShape const shape{.bytes_max = 1'000, .depth_max = 20};
        auto const block = schema::random_value(type, shape, [&] { return rng.next(); });
        auto const header = header_of(messages::Format::mesa, block);
        if (header) continue;
        EXPECT_FALSE(header.error().empty());
        ++without;
    }
    EXPECT_GT(without, 50U) << "most have strings of another size than is hashed";
}

TEST(block_header, of_devnets_block_357934) {
    std::ifstream file(std::string(MINAP2P_SHARED_DIR) + "/data/berkeley/devnet-357934-block.bin", std::ios::binary);
    if (!file) GTEST_SKIP() << "no devnet-357934-block.bin";
    base::ByteString const block(std::istreambuf_iterator<char>(file), {});
    auto const header = header_of(messages::Format::berkeley, block);
    ASSERT_TRUE(header) << header.error();
    EXPECT_EQ(to_string(header->state), "3NK56ZbCS31qb8SvCtCCYza4beRDtKgXA2JL6s3evKouG2KkKtiy");
    EXPECT_EQ(to_string(header->previous), "3NK7aKav8mKMH83Bg44oHyCsawDa2eTpuSyNpELnvsYc1F1vbdUZ");
    EXPECT_EQ(to_string(header->body), "3WvKYEqnshzrLVGxkobdJKzAE6F5eW6aurNpMibqyWvdhdVSXEdu");
    EXPECT_EQ(header->height, 357'934U);
    Tree tree(Config{});
    EXPECT_TRUE(tree.add(*header, header->timestamp_ms));
    EXPECT_FALSE(tree.best_tip_proof()) << "nothing is known of its ancestors";
}

TEST(block_tree_proofs, are_what_the_verifier_folds) {
    for (auto const format : messages::formats) {
        Config config;
        config.k = 5;
        Tree tree(config);
        auto const blocks = made_chain::made_chain(format, 6, 9, start_ms, 500);
        std::vector<Header> headers;
        for (auto const& block : blocks) headers.push_back(*header_of(format, block));
        for (auto const& header : headers) {
            EXPECT_TRUE(tree.add(header, start_ms + 1'000'000'000));
            auto const proof = tree.best_tip_proof();
            ASSERT_TRUE(proof) << "it reaches to genesis, or k blocks back";
            EXPECT_EQ(hashes::fold_body_hashes(proof->root, list_of(proof->bodies)), proof->tip);
        }
        for (auto const& header : headers) {
            auto const proof = tree.transition_chain_proof(header.state);
            ASSERT_TRUE(proof);
            EXPECT_EQ(proof->start, headers.front().state);
            EXPECT_EQ(hashes::fold_body_hashes(proof->start, list_of(proof->bodies)), header.state);
        }
    }
}

}  // namespace
}  // namespace mina::block_tree
