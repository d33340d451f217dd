// Goal: the hash functions are the published ones. Method: vectors of the standards, and Mina's
// network keys.
#include "crypto/hash.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace crypto {
namespace {

using base::as_bytes;
using base::ByteString;
using base::ByteView;
using base::to_hex;

TEST(sha256, has_the_vectors_of_fips_180_4) {
    EXPECT_EQ(to_hex(sha256({})),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(sha256, hashes_two_parts_as_their_concatenation) {
    for (std::size_t cut = 0; cut <= 3; ++cut) {
        auto const text = as_bytes("abc");
        EXPECT_EQ(sha256(text.first(cut), text.subspan(cut)), sha256(text)) << cut;
    }
}

// RFC 4231, test cases 1, 2 and 6.
TEST(hmac_sha256, has_the_vectors_of_rfc_4231) {
    EXPECT_EQ(to_hex(hmac_sha256(ByteString(20, 0x0b), as_bytes("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want "),
                                 as_bytes("for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(
        to_hex(hmac_sha256(ByteString(131, 0xaa),
                           as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 5869, test case 3: without salt and info HKDF is the two-output form of Noise. Its output
// ends in output 2.
TEST(noise_hkdf, has_the_vector_of_rfc_5869) {
    auto const [output1, output2] = noise_hkdf(Hash256{}, ByteString(22, 0x0b));
    EXPECT_EQ(to_hex(output1), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    EXPECT_EQ(to_hex(ByteView(output2).first(10)), "9d201395faa4b61a96c8");
}

// RFC 7693 gives the 64-byte form; these are of the reference implementation and its known-answer
// tests.
TEST(blake2b, has_the_vectors_for_32_bytes) {
    EXPECT_EQ(to_hex(blake2b_256({})),
              "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    EXPECT_EQ(to_hex(blake2b_256(as_bytes("abc"))),
              "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(blake2b, depends_on_its_key) {
    EXPECT_NE(blake2b_256(as_bytes("abc"), as_bytes("key")), blake2b_256(as_bytes("abc")));
    EXPECT_NE(blake2b_256(as_bytes("abc"), ByteString(64, 1)),
              blake2b_256(as_bytes("abc"), ByteString(64, 2)));
}

// mina: the key of the private network is the hash of a prefix and the chain id.
TEST(blake2b, makes_the_network_keys_of_mina) {
    struct Network {
        std::string_view chain_id;
        std::string_view key;
    };
    for (auto const& network : {
             Network{"0718f61ab88f9d0fa643ff4dc3a3d5998dd6d51a6008b2b0339b0dbb26133886",
                     "01986ff2974ae2e399a4ecea985466c0c98a88fa4af22c33d3db22922157f6ea"},
             Network{"ebfce0d570bc22eb041e1a7b0a46bbc3ed5d0a1030ef2ab5e36eef908b93eba8",
                     "d2bd05093d390d3ca504066553705c4df70931945d21efcb5c779b6491e1a6dc"},
             Network{"a7351abc7ddf2ea92d1b38cc8e636c271c1dfd2c081c637f62ebc2af34eb7cc1",
                     "14dd173ece861212645c98d9bb1fdb1930aff5cfb59077ab27fe1375096bcc68"},
             Network{"29936104443aaf264a7f0192ac64b1c7173198c1ed404c1bcff5e562e05eb7f6",
                     "45818b1ab9bc781268800a92ee9f1155d4c779861924d99354c7cba83cb9d874"},
         }) {
        EXPECT_EQ(to_hex(blake2b_256(as_bytes("/coda/0.0.1/" + std::string(network.chain_id)))),
                  network.key);
    }
}

}  // namespace
}  // namespace crypto
