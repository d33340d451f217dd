// Goal: records are RFC 8439's under Noise's nonces, whichever library makes them, and nothing
// altered opens. Method: the vector of RFC 8439 A.5; every size around the switch of libraries
// against libsodium; changed bytes.
#include "crypto/aead.h"

#include "base/rng.h"
#include "base/text.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>

namespace crypto {
namespace {

using base::as_bytes;
using base::ByteString;
using base::ByteView;

AeadSecret secret_of(std::uint64_t seed) {
    AeadSecret secret{};
    base::Rng rng(base::Rng::Seed{static_cast<std::uint8_t>(seed)});
    rng.fill_private(secret);
    return secret;
}

ByteString random_bytes(base::Rng& rng, std::size_t size) {
    ByteString bytes(size);
    rng.fill_public(bytes);
    return bytes;
}

ByteString seal(AeadKey& key, std::uint64_t counter, ByteView associated_data, ByteView text) {
    ByteString out(text.size() + aead_tag_bytes);
    key.seal(counter, associated_data, std::array{text}, out);
    return out;
}

std::optional<ByteString> open(AeadKey& key, std::uint64_t counter, ByteView associated_data,
                               ByteString record) {
    if (!key.open(counter, associated_data, record)) return std::nullopt;
    record.resize(record.size() - aead_tag_bytes);
    return record;
}

ByteString sealed_by_libsodium(AeadSecret const& secret, std::uint64_t counter,
                               ByteView associated_data, ByteView text) {
    base::ByteArray<12> nonce{};
    for (std::size_t i = 0; i < 8; ++i)
        nonce[4 + i] = static_cast<std::uint8_t>(counter >> (8 * i));
    ByteString out(text.size() + aead_tag_bytes);
    crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, text.data(), text.size(),
                                              associated_data.data(), associated_data.size(),
                                              nullptr, nonce.data(), secret.data());
    return out;
}

TEST(aead, has_the_vector_of_rfc_8439_a5) {
    AeadSecret secret{};
    auto const bytes =
        base::from_hex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0").value();
    std::ranges::copy(bytes, secret.begin());
    auto const associated = base::from_hex("f33388860000000000004e91").value();
    auto const text = as_bytes(
        "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, "
        "replaced, or obsoleted by other documents at any time. It is inappropriate to use "
        "Internet-Drafts as reference material or to cite them other than as /\xe2\x80\x9cwork in "
        "progress./\xe2\x80\x9d");
    ASSERT_EQ(text.size(), 265U);
    AeadKey key(secret);
    auto const record = seal(key, 0x0807060504030201, associated, text);
    EXPECT_EQ(base::to_hex(ByteView(record).first(16)), "64a0861575861af460f062c79be643bd");
    EXPECT_EQ(base::to_hex(ByteView(record).last(16)), "eead9d67890cbb22392336fea1851f38");
    EXPECT_EQ(open(key, 0x0807060504030201, associated, record), base::to_byte_string(text));
}

TEST(aead, is_the_same_cipher_on_both_sides_of_the_switch_of_libraries) {
    auto const secret = secret_of(1);
    AeadKey sealing(secret);
    AeadKey opening(secret);
    base::Rng rng(base::Rng::Seed{2});
    std::vector<std::size_t> sizes{0, 1, 15, 16, 17, 63, 64, 65, 16384, 65519};
    for (std::size_t size = aead_small_bytes - 40; size <= aead_small_bytes + 40; ++size)
        sizes.push_back(size);
    std::uint64_t counter = 0xFFFF'FFF0;  // crosses 32 bits on the way
    for (auto const size : sizes) {
        auto const text = random_bytes(rng, size);
        auto const associated = random_bytes(rng, rng.below(40));
        auto const record = seal(sealing, counter, associated, text);
        EXPECT_EQ(record, sealed_by_libsodium(secret, counter, associated, text)) << size;
        EXPECT_EQ(open(opening, counter, associated, record), text) << size;
        ++counter;
    }
}

TEST(aead, gathers_pieces_as_their_concatenation) {
    auto const secret = secret_of(3);
    AeadKey key(secret);
    for (std::uint8_t seed = 0; seed < 100; ++seed) {
        base::Rng rng(base::Rng::Seed{seed, 7});
        auto const text = random_bytes(rng, rng.below(3000));
        std::vector<ByteView> pieces;
        for (auto rest = ByteView(text); !rest.empty();) {
            auto const size = rng.below(3) == 0 ? 0 : 1 + rng.below(rest.size());
            pieces.push_back(rest.first(size));
            rest = rest.subspan(size);
        }
        ByteString out(text.size() + aead_tag_bytes);
        key.seal(seed, as_bytes("ad"), pieces, out);
        EXPECT_EQ(out, sealed_by_libsodium(secret, seed, as_bytes("ad"), text))
            << "seed " << int{seed};
    }
}

TEST(aead, seals_in_place_when_one_piece_starts_where_the_output_starts) {
    auto const secret = secret_of(4);
    for (std::size_t const size : {0U, 100U, 5000U}) {
        base::Rng rng(base::Rng::Seed{9});
        auto const text = random_bytes(rng, size);
        auto buffer = text;
        buffer.resize(size + aead_tag_bytes);
        AeadKey key(secret);
        key.seal(5, {}, std::array{ByteView(buffer).first(size)}, buffer);
        EXPECT_EQ(buffer, sealed_by_libsodium(secret, 5, {}, text)) << size;
    }
}

class Altered : public testing::TestWithParam<std::size_t> {};

TEST_P(Altered, byte_counter_associated_data_or_key_does_not_open) {
    auto const size = GetParam();
    AeadKey key(secret_of(5));
    AeadKey other(secret_of(6));
    base::Rng rng(base::Rng::Seed{3});
    auto const text = random_bytes(rng, size);
    auto const record = seal(key, 7, as_bytes("ad"), text);
    auto const step = std::max<std::size_t>(1, record.size() / 97);
    for (std::size_t at = 0; at < record.size(); at += step) {
        auto altered = record;
        altered[at] ^= 0x10;
        EXPECT_FALSE(open(key, 7, as_bytes("ad"), altered)) << at;
    }
    for (std::size_t i = 1; i <= aead_tag_bytes; ++i) {
        auto altered = record;
        altered[record.size() - i] ^= 1;
        EXPECT_FALSE(open(key, 7, as_bytes("ad"), altered)) << i;
    }
    EXPECT_FALSE(open(key, 8, as_bytes("ad"), record));
    EXPECT_FALSE(open(key, 7, as_bytes("AD"), record));
    EXPECT_FALSE(open(key, 7, {}, record));
    EXPECT_FALSE(open(other, 7, as_bytes("ad"), record));
    EXPECT_FALSE(open(key, 7, as_bytes("ad"), ByteString(record.begin(), record.end() - 1)));
    EXPECT_EQ(open(key, 7, as_bytes("ad"), record), text) << "failures leave the key usable";
    EXPECT_EQ(ERR_peek_error(), 0U) << "failures leave nothing in OpenSSL's error queue";
}
INSTANTIATE_TEST_SUITE_P(both_libraries, Altered, testing::Values(0, 40, 2000));

TEST(aead, refuses_a_record_shorter_than_a_tag) {
    AeadKey key(secret_of(7));
    for (std::size_t size = 0; size < aead_tag_bytes; ++size) {
        EXPECT_FALSE(open(key, 0, {}, ByteString(size))) << size;
    }
}

TEST(aead, moves_and_changes_direction_with_its_context) {
    auto const secret = secret_of(8);
    ByteString const text(4000, 0x61);
    AeadKey first(secret);
    auto const record = seal(first, 1, {}, text);
    AeadKey second(std::move(first));
    EXPECT_EQ(second.secret(), secret);
    EXPECT_EQ(open(second, 1, {}, record), text);
    EXPECT_EQ(seal(second, 1, {}, text), record);
    AeadKey third(secret_of(9));
    EXPECT_NE(seal(third, 1, {}, text), record);
    third = std::move(second);
    EXPECT_EQ(open(third, 1, {}, record), text);
    EXPECT_EQ(seal(third, 1, {}, text), record);
}

}  // namespace
}  // namespace crypto
