// Goal: hash64 is XXH64. Method: vectors made with the reference implementation (xxhsum -H1 and its sanity test).
#include "replay/hash64.h"

#include <gtest/gtest.h>

namespace replay {
namespace {

TEST(Hash64, is_xxh64_of_published_vectors) {
    EXPECT_EQ(hash64(base::as_bytes("")), 0xEF46'DB37'51D8'E999U);
    EXPECT_EQ(hash64(base::as_bytes("a")), 0xD24E'C4F1'A98C'6E5BU);
    EXPECT_EQ(hash64(base::as_bytes("abc")), 0x44BC'2CF5'AD77'0999U);
    EXPECT_EQ(hash64(base::as_bytes("Nobody inspects the spammish repetition")), 0xFBCE'A83C'8A37'8BF1U);
}

TEST(Hash64, depends_on_the_seed_and_on_every_byte) {
    base::ByteString bytes(77, 1);
    auto const whole = hash64(bytes);
    EXPECT_NE(whole, hash64(bytes, 1));
    for (auto& byte : bytes) {
        byte ^= 0x10;
        EXPECT_NE(whole, hash64(bytes));
        byte ^= 0x10;
    }
}

}  // namespace
}  // namespace replay
