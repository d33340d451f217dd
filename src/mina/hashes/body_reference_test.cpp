// Goal: the reference is Mina's. Method: the block of devnet, if it is at hand; values that another program made, of
// bodies of one chunk and of several; the edge between them.
#include "mina/hashes/body_reference.h"

#include "base/text.h"
#include "mina/messages/berkeley/block.h"
#include "mina/messages/messages.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace mina::hashes {
namespace {

base::ByteString body_of(std::size_t size) {
    base::ByteString body(size);
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::uint8_t>(i * 7 % 251);
    return body;
}

std::string reference_of(std::size_t size) { return base::to_hex(body_reference(body_of(size))); }

TEST(body_reference, of_one_chunk_and_of_several) {
    EXPECT_EQ(reference_of(0), "e1c18fc2241d2f939315e1e9e97a558de53f9f0912358b84d658f855af40ce09");
    EXPECT_EQ(reference_of(262'137), "ce1e05cc6413cf82bc2ec2187591a95c23c1d23d6471eac79541225356006530");
    EXPECT_EQ(reference_of(262'138), "ae05eaae6f50dbf25abf3ed1060866e33a62d502f12454bd94e760dc07c18ef8");
    EXPECT_EQ(reference_of(600'000), "1f48de24235e10ba6f2bfab00db14a0fcf4e2a3dad7d307293ed772713cfab93");
    EXPECT_EQ(reference_of(9'000'000), "a7194cafd5e591130dc7cff70e1d23f921b37a4a99736020ce39c221c8d12caa");
}

TEST(body_reference, of_devnets_block_357934) {
    std::ifstream file(std::string(MINAP2P_SHARED_DIR) + "/data/berkeley/devnet-357934-block.bin", std::ios::binary);
    if (!file) GTEST_SKIP() << "no devnet-357934-block.bin";
    base::ByteString const bytes(std::istreambuf_iterator<char>(file), {});
    binprot::Arena arena;
    auto const block = messages::decode<berkeley::Block>(bytes, arena);
    ASSERT_TRUE(block);
    auto const named = (*block)->header.protocol_state.body.blockchain_state.body_reference;
    EXPECT_TRUE(base::equal(body_reference(messages::encode((*block)->body)), named));
}

}  // namespace
}  // namespace mina::hashes
