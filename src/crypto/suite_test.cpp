// Goal: the real suite is RFC 7748; the stand-in behaves like it, in lengths and in failures.
// Method: the vectors of the standard; the same behaviour asked of both suites.
#include "crypto/suite.h"

#include "base/rng.h"
#include "base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace crypto {
namespace {

using base::as_bytes;
using base::ByteString;
using base::ByteView;

X25519Key key_of(std::string_view hex) {
    X25519Key key{};
    std::ranges::copy(base::from_hex(hex).value(), key.begin());
    return key;
}

// RFC 7748 6.1.
TEST(x25519, has_the_vectors_of_rfc_7748) {
    auto const alice = key_of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    auto const bob = key_of("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    auto const& suite = real_suite();
    EXPECT_EQ(base::to_hex(suite.x25519_public(alice)),
              "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    EXPECT_EQ(base::to_hex(suite.x25519_public(bob)),
              "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    EXPECT_EQ(base::to_hex(suite.x25519_shared(alice, suite.x25519_public(bob)).value()),
              "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

// RFC 7748 6.1 "check … whether the value is all-zero": the points of small order, in canonical
// form.
TEST(x25519, refuses_points_of_small_order) {
    auto const secret = key_of("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    for (auto const point : {"0000000000000000000000000000000000000000000000000000000000000000",
                             "0100000000000000000000000000000000000000000000000000000000000000",
                             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                             "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                             "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"}) {
        EXPECT_FALSE(real_suite().x25519_shared(secret, key_of(point))) << point;
    }
}

class EitherSuite : public testing::TestWithParam<bool> {
protected:
    Suite const& suite = GetParam() ? real_suite() : stand_in_suite();
    base::Rng rng{base::Rng::Seed{11}};

    X25519Key secret() {
        X25519Key key{};
        rng.fill_private(key);
        return key;
    }
};
INSTANTIATE_TEST_SUITE_P(suites, EitherSuite, testing::Bool(), [](auto const& of) {
    return std::string(of.param ? "real" : "stand_in");
});

TEST_P(EitherSuite, both_sides_share_one_secret_and_a_third_has_another) {
    auto const a = secret();
    auto const b = secret();
    auto const c = secret();
    auto const shared = suite.x25519_shared(a, suite.x25519_public(b));
    ASSERT_TRUE(shared);
    EXPECT_EQ(shared, suite.x25519_shared(b, suite.x25519_public(a)));
    EXPECT_NE(shared, suite.x25519_shared(c, suite.x25519_public(a)));
    EXPECT_NE(suite.x25519_public(a), suite.x25519_public(b));
    EXPECT_FALSE(suite.x25519_shared(a, X25519Key{}));
}

TEST_P(EitherSuite, signatures_verify_for_their_key_and_message_only) {
    auto const key = PrivateKey::ed25519_from_seed(secret());
    auto const other = PrivateKey::ed25519_from_seed(secret());
    auto signature = suite.sign(key, as_bytes("message"));
    EXPECT_EQ(signature.size(), 64U);
    EXPECT_TRUE(suite.verify(key.public_key(), as_bytes("message"), signature));
    EXPECT_FALSE(suite.verify(other.public_key(), as_bytes("message"), signature));
    EXPECT_FALSE(suite.verify(key.public_key(), as_bytes("messagf"), signature));
    EXPECT_FALSE(suite.verify(key.public_key(), as_bytes("message"), {}));
    signature[40] ^= 1;
    EXPECT_FALSE(suite.verify(key.public_key(), as_bytes("message"), signature));
}

TEST_P(EitherSuite, records_open_under_their_key_counter_and_associated_data_only) {
    AeadKey key(secret());
    AeadKey other(secret());
    for (std::size_t const size : {0U, 1U, 7U, 8U, 100U, 3000U}) {
        ByteString text(size);
        rng.fill_public(text);
        auto const cut = size / 3;
        std::array const pieces{ByteView(text).first(cut), ByteView(text).subspan(cut)};
        ByteString sealed(size + aead_tag_bytes);
        suite.seal(key, 9, as_bytes("ad"), pieces, sealed);
        auto opens = [&](AeadKey& with, std::uint64_t counter, std::string_view associated,
                         ByteString record) {
            return suite.open(with, counter, as_bytes(associated), record);
        };
        auto record = sealed;
        ASSERT_TRUE(suite.open(key, 9, as_bytes("ad"), record)) << size;
        EXPECT_TRUE(base::equal(ByteView(record).first(size), text)) << size;
        EXPECT_FALSE(opens(other, 9, "ad", sealed)) << size;
        EXPECT_FALSE(opens(key, 10, "ad", sealed)) << size;
        EXPECT_FALSE(opens(key, 9, "", sealed)) << size;
        EXPECT_FALSE(opens(key, 9, "ad", ByteString(15))) << size;
        for (std::size_t at = 0; at < sealed.size(); at += 1 + size / 50) {
            auto altered = sealed;
            altered[at] ^= 0x80;
            EXPECT_FALSE(opens(key, 9, "ad", altered)) << size << " at " << at;
        }
    }
}

}  // namespace
}  // namespace crypto
