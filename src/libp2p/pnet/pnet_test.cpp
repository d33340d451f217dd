// Goal: bytes of a private network come out as they went in, wherever the stream is cut, and only under one key.
// Method: libsodium's published XSalsa20 vector, two ends over a pipe that cuts and joins at random, a wrong key, a
// changed bit.
#include "libp2p/pnet/pnet.h"

#include "base/rng.h"
#include "base/text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace libp2p::pnet {
namespace {

template <std::size_t N>
base::ByteArray<N> array(std::string_view hex) {
    base::ByteArray<N> out{};
    auto const bytes = base::from_hex(hex);
    EXPECT_EQ(bytes.value_or(base::ByteString{}).size(), N);
    std::ranges::copy(*bytes, out.begin());
    return out;
}

base::ByteString random_bytes(base::Rng& rng, std::size_t size) {
    base::ByteString bytes(size);
    rng.fill_public(bytes);
    return bytes;
}

// Daniel Bernstein, "Cryptography in NaCl", section 8: the first 32 bytes of the stream.
TEST(pnet, stream_is_xsalsa20_of_key_and_nonce) {
    auto const key = array<32>("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
    auto const nonce = array<24>("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
    Codec codec(key, nonce);
    base::ByteArray<32> zeros{};
    codec.seal(zeros);
    EXPECT_EQ(base::to_hex(zeros), "eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880");
}

TEST(pnet, takes_the_nonce_alone_in_pieces_or_glued_to_data) {
    Key const key{1, 2, 3};
    Nonce const nonce{4, 5, 6};
    for (std::size_t piece = 1; piece <= 60; ++piece) {
        SCOPED_TRACE(piece);
        Codec sender(key, nonce);
        Codec receiver(key, Nonce{9});
        auto data = base::to_byte_string(base::as_bytes("/multistream/1.0.0 and what follows"));
        auto const plain = data;
        sender.seal(data);
        base::ByteString wire(nonce.begin(), nonce.end());
        base::append(wire, data);
        base::ByteString got;
        for (std::size_t at = 0; at < wire.size(); at += piece) {
            base::append(got, receiver.open(base::MutableBytes(wire).subspan(at, std::min(piece, wire.size() - at))));
        }
        EXPECT_EQ(got, plain);
    }
}

TEST(pnet, a_chunk_that_ends_with_the_nonce_leaves_nothing) {
    Codec receiver(Key{1}, Nonce{2});
    base::ByteString nonce(24, 7);
    EXPECT_TRUE(receiver.open(nonce).empty());
    EXPECT_TRUE(receiver.open({}).empty());
    base::ByteString byte(1, 0);
    EXPECT_EQ(receiver.open(byte).size(), 1U);
}

TEST(pnet, two_ends_understand_each_other_however_the_bytes_are_cut) {
    for (std::uint8_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        base::Rng rng(base::Rng::Seed{seed});
        Key key{};
        Nonce nonce{};
        rng.fill_public(key);
        rng.fill_public(nonce);
        Codec sender(key, nonce);
        Codec receiver(key, Nonce{});
        base::ByteString sent;
        base::ByteString got;
        base::ByteString wire(nonce.begin(), nonce.end());
        while (got.size() < 20'000) {
            if (rng.below(3) == 0) {
                auto data = random_bytes(rng, static_cast<std::size_t>(rng.below(3000)));
                base::append(sent, data);
                sender.seal(data);
                base::append(wire, data);
            }
            auto const size = static_cast<std::size_t>(rng.below(wire.size() + 1));
            base::append(got, receiver.open(base::MutableBytes(wire).first(size)));
            wire.erase(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(size));
        }
        ASSERT_TRUE(base::equal(got, base::ByteView(sent).first(got.size())));
    }
}

TEST(pnet, directions_are_independent) {
    Codec one(Key{1}, Nonce{1});
    Codec other(Key{1}, Nonce{2});
    base::ByteString a(100, 0);
    base::ByteString b(100, 0);
    one.seal(a);
    other.seal(b);
    EXPECT_NE(a, b);
}

TEST(pnet, another_key_or_nonce_gives_other_bytes) {
    base::ByteString const plain(64, 'x');
    for (int wrong = 0; wrong < 2; ++wrong) {
        Codec sender(Key{1}, Nonce{3});
        auto wire = plain;
        sender.seal(wire);
        Codec receiver(wrong == 0 ? Key{2} : Key{1}, Nonce{});
        base::ByteString nonce(24, 0);
        nonce[0] = wrong == 0 ? 3 : 4;
        receiver.open(nonce);
        EXPECT_FALSE(base::equal(receiver.open(wire), plain));
    }
}

// The layer has no authentication: a changed bit changes that bit and no other. The layers above must notice.
TEST(pnet, a_changed_bit_stays_where_it_was) {
    Codec sender(Key{1}, Nonce{});
    base::ByteString wire(100, 0x55);
    sender.seal(wire);
    wire[42] ^= 0x10;
    Codec receiver(Key{1}, Nonce{});
    base::ByteString nonce(24, 0);
    receiver.open(nonce);
    auto const got = receiver.open(wire);
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], i == 42 ? 0x45 : 0x55) << i;
}

}  // namespace
}  // namespace libp2p::pnet
