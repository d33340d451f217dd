// Goal: one endless XSalsa20 key stream, however it is cut. Method: NaCl's vector, libsodium's
// one-shot function.
#include "crypto/salsa20.h"

#include "base/rng.h"
#include "base/text.h"
#include "crypto/salsa20_wide.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>

namespace crypto {
namespace {

using base::ByteString;
using base::ByteView;

// "Cryptography in NaCl", section 10: the first key stream bytes of its secretbox example.
TEST(xsalsa20, has_the_vector_of_nacl) {
    base::ByteArray<32> key{};
    base::ByteArray<24> nonce{};
    std::ranges::copy(
        *base::from_hex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"),
        key.begin());
    std::ranges::copy(*base::from_hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37"),
                      nonce.begin());
    ByteString data(32);
    XSalsa20Stream(key, nonce).apply(data);
    EXPECT_EQ(base::to_hex(data),
              "eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880");
}

TEST(xsalsa20, gives_the_same_stream_however_it_is_cut) {
    for (std::uint8_t seed = 0; seed < 200; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 1});
        base::ByteArray<32> key{};
        base::ByteArray<24> nonce{};
        rng.fill_public(key);
        rng.fill_public(nonce);
        ByteString text(rng.below(20'000));
        rng.fill_public(text);
        ByteString expected(text.size());
        crypto_stream_xsalsa20_xor(expected.data(), text.data(), text.size(), nonce.data(),
                                   key.data());

        XSalsa20Stream stream(key, nonce);
        for (std::size_t at = 0; at < text.size();) {
            // Mostly short cuts, so that blocks are left begun; sometimes long ones.
            auto const most = rng.below(4) == 0 ? std::uint64_t{8000} : std::uint64_t{130};
            auto const size = std::min<std::size_t>(text.size() - at, rng.below(most));
            stream.apply(base::MutableBytes(text).subspan(at, size));
            at += size;
        }
        ASSERT_EQ(text, expected) << "seed " << int{seed};
    }
}

// Blocks around 2^32, where the two words of the counter carry, and around 2^64, where it wraps.
TEST(wide_salsa20, is_libsodiums_salsa20_at_every_counter) {
    if (!has_wide_salsa20()) GTEST_SKIP() << "this processor has no registers of 512 bits";
    for (std::uint8_t seed = 0; seed < 100; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 2});
        base::ByteArray<32> key{};
        base::ByteArray<8> nonce{};
        rng.fill_public(key);
        rng.fill_public(nonce);
        ByteString text((1 + rng.below(8)) * wide_salsa20_bytes);
        rng.fill_public(text);
        for (auto const near :
             {std::uint64_t{0}, std::uint64_t{1} << 32, std::uint64_t{7} << 32, rng.next()}) {
            auto const block = near - rng.below(100);
            ByteString expected(text.size());
            crypto_stream_salsa20_xor_ic(expected.data(), text.data(), text.size(), nonce.data(),
                                         block, key.data());
            auto data = text;
            xor_wide_salsa20(data, key, nonce, block);
            ASSERT_EQ(data, expected) << "seed " << int{seed} << " block " << block;
        }
    }
}

TEST(wide_salsa20, does_not_need_aligned_bytes) {
    if (!has_wide_salsa20()) GTEST_SKIP() << "this processor has no registers of 512 bits";
    base::ByteArray<32> const key{1};
    base::ByteArray<8> const nonce{2};
    ByteString expected(wide_salsa20_bytes);
    xor_wide_salsa20(expected, key, nonce, 5);
    for (std::size_t offset = 1; offset < 64; ++offset) {
        ByteString data(offset + wide_salsa20_bytes + 1);
        xor_wide_salsa20(base::MutableBytes(data).subspan(offset, wide_salsa20_bytes), key, nonce,
                         5);
        EXPECT_TRUE(base::equal(ByteView(data).subspan(offset, wide_salsa20_bytes), expected))
            << offset;
        EXPECT_EQ(data.front(), 0);
        EXPECT_EQ(data.back(), 0);
    }
}

TEST(xsalsa20, applied_twice_from_the_start_gives_the_text_back) {
    base::ByteArray<32> const key{1};
    base::ByteArray<24> const nonce{2};
    ByteString const text(1000, 0x42);
    auto data = text;
    XSalsa20Stream(key, nonce).apply(data);
    EXPECT_NE(data, text);
    XSalsa20Stream(key, nonce).apply(data);
    EXPECT_EQ(data, text);
}

}  // namespace
}  // namespace crypto
