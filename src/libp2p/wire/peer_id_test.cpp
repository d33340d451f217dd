// Goal: peer ids are what every other implementation computes, in bytes and in text.
// Method: the specification's keys and examples, ids of Mina's seeds, every limit, truncations.
#include "libp2p/wire/peer_id.h"

#include "base/text.h"
#include "crypto/hash.h"
#include "crypto/key_vectors.h"

#include <gtest/gtest.h>

namespace libp2p {
namespace {

using base::ByteString;
using base::ByteView;

ByteString hex(std::string_view text) { return base::from_hex(text).value(); }
crypto::PublicKey key_of(std::string_view vector) {
    return crypto::PublicKey::decode(hex(vector)).value();
}

ByteString identity_of_size(std::size_t size) {
    ByteString bytes{0x00, static_cast<std::uint8_t>(size)};
    bytes.resize(2 + size, 0x07);
    return bytes;
}

// spec: peer-ids#peer-ids "keys that serialize to at most 42 bytes must be hashed using the
// identity multihash"
TEST(peer_id, of_a_short_key_inlines_it) {
    for (auto const vector : {crypto::vectors::ed25519_public, crypto::vectors::secp256k1_public}) {
        auto const id = PeerId::of(key_of(vector));
        auto expected = ByteString{0x00, static_cast<std::uint8_t>(vector.size() / 2)};
        base::append(expected, hex(vector));
        EXPECT_TRUE(base::equal(id.bytes(), expected));
        EXPECT_EQ(id.inlined_key().value(), key_of(vector));
    }
}

// spec: peer-ids#peer-ids "If the length is greater than 42, then hash it using the SHA256
// multihash"
TEST(peer_id, of_a_long_key_hashes_it) {
    for (auto const vector : {crypto::vectors::rsa_public, crypto::vectors::ecdsa_public}) {
        auto const id = PeerId::of(key_of(vector));
        auto expected = ByteString{0x12, 0x20};
        base::append(expected, crypto::sha256(hex(vector)));
        EXPECT_TRUE(base::equal(id.bytes(), expected));
        EXPECT_TRUE(id.text().starts_with("Qm"));
        EXPECT_EQ(id.inlined_key().error(), crypto::KeyError::unsupported_type);
    }
}

TEST(peer_id, of_ed25519_reads_as_12d3koow_and_back) {
    auto const id = PeerId::of(key_of(crypto::vectors::ed25519_public));
    EXPECT_TRUE(id.text().starts_with("12D3KooW")) << id.text();
    EXPECT_EQ(PeerId::from_text(id.text()).value(), id);
}

// The ids that Mina's published seed lists name.
TEST(peer_id, of_mina_seeds_hold_ed25519_keys) {
    for (auto const text : {"12D3KooWSDTiXcdBVpN12ZqXJ49qCFp8zB1NnovuhZu6A28GLF1J",
                            "12D3KooWCa1d7G3SkRxy846qTvdAFX69NnoYZ32orWVLqJcDVGHW",
                            "12D3KooWAdgYL6hv18M3iDBdaK1dRygPivSfAfBNDzie6YqydVbs"}) {
        auto const id = PeerId::from_text(text);
        ASSERT_TRUE(id) << text;
        EXPECT_EQ(id->text(), text);
        EXPECT_EQ(id->inlined_key().value().type(), crypto::KeyType::ed25519);
        EXPECT_EQ(PeerId::of(id->inlined_key().value()), *id);
    }
}

// spec: peer-ids#decoding, the examples
TEST(peer_id, reads_the_text_forms_of_the_specification) {
    auto const bare = PeerId::from_text("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
    auto const cid =
        PeerId::from_text("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe");
    ASSERT_TRUE(bare);
    ASSERT_TRUE(cid);
    EXPECT_EQ(*bare, *cid);
    ByteString with_codec{0x01, 0x72};
    base::append(with_codec, bare->bytes());
    EXPECT_EQ(PeerId::from_text("z" + base::to_base58(with_codec)).value(), *bare);
    EXPECT_TRUE(PeerId::from_text("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA"));
}

TEST(peer_id, refuses_other_text) {
    for (auto const text :
         {"", "1", "Qm", "b", "z", "hello", "12D3KooW0OIl",
          "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5",
          "bafybeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe",  // codec dag-pb
          "BAFZBEIE5745RPV2M6TJYUUGYWY4D5EWRQGQQHFNF445HE3OMZPJBX5XQXE", "b!!!!"}) {
        EXPECT_FALSE(PeerId::from_text(text)) << text;
    }
    EXPECT_EQ(PeerId::from_text("1" + std::string(1000, '2')).error(), PeerIdError::bad_size);
}

TEST(peer_id, takes_identity_hashes_of_1_to_42_bytes) {
    EXPECT_EQ(PeerId::from_bytes(identity_of_size(0)).error(), PeerIdError::bad_size);
    EXPECT_TRUE(PeerId::from_bytes(identity_of_size(1)));
    EXPECT_TRUE(PeerId::from_bytes(identity_of_size(42)));
    EXPECT_EQ(PeerId::from_bytes(identity_of_size(43)).error(), PeerIdError::bad_size);
}

TEST(peer_id, takes_sha2_256_of_32_bytes_and_no_other_hash) {
    ByteString sha{0x12, 32};
    sha.resize(34, 1);
    EXPECT_TRUE(PeerId::from_bytes(sha));
    EXPECT_EQ(PeerId::from_bytes(ByteView(sha).first(33)).error(), PeerIdError::malformed);
    sha.push_back(1);
    EXPECT_EQ(PeerId::from_bytes(sha).error(), PeerIdError::malformed);
    EXPECT_EQ(PeerId::from_bytes(ByteString{0x12, 2, 1, 1}).error(), PeerIdError::bad_size);
    EXPECT_EQ(PeerId::from_bytes(ByteString{0x13, 1, 1}).error(), PeerIdError::unsupported_hash);
    EXPECT_EQ(PeerId::from_bytes(ByteString{0x00, 0x81, 0x00, 1}).error(), PeerIdError::bad_size)
        << "a padded length";
    EXPECT_EQ(PeerId::from_bytes({}).error(), PeerIdError::malformed);
    EXPECT_EQ(PeerId::from_bytes(ByteString{0x00}).error(), PeerIdError::malformed);
}

// An id that inlines another writing of a key is not the id of that key: it must not pass for it.
TEST(peer_id, that_inlines_a_key_in_another_form_yields_no_key) {
    auto const canonical = hex(crypto::vectors::ed25519_public);
    ByteString swapped(canonical.begin() + 2, canonical.end());
    base::append(swapped, ByteView(canonical).first(2));
    ASSERT_TRUE(crypto::PublicKey::decode(swapped));
    ByteString bytes{0x00, static_cast<std::uint8_t>(swapped.size())};
    base::append(bytes, swapped);
    EXPECT_EQ(PeerId::from_bytes(bytes).value().inlined_key().error(), crypto::KeyError::malformed);
    EXPECT_FALSE(PeerId::from_bytes(identity_of_size(36)).value().inlined_key());
    EXPECT_FALSE(PeerId().inlined_key());
}

TEST(peer_id, is_ordered_by_its_bytes) {
    auto const id = [](ByteString const& bytes) { return PeerId::from_bytes(bytes).value(); };
    auto const shorter = id({0x00, 1, 9});
    auto const longer = id({0x00, 2, 1, 1});
    auto const later = id({0x00, 2, 1, 2});
    EXPECT_LT(shorter, longer);
    EXPECT_LT(longer, later);
    EXPECT_LT(PeerId(), shorter);
    EXPECT_EQ(longer <=> longer, std::strong_ordering::equal);
    EXPECT_TRUE(PeerId().empty());
    EXPECT_EQ(PeerId().text(), "");
}

}  // namespace
}  // namespace libp2p
