// Goal: keys of all four types decode as the specification has them, only good signatures verify,
// and no key costs more than it may. Method: the specification's vectors, OpenSSL as the signer for
// the types we only verify, mutations.
#include "crypto/keys.h"

#include "base/text.h"
#include "base/writer.h"
#include "crypto/key_vectors.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace crypto {
namespace {

using base::as_bytes;
using base::ByteString;
using base::ByteView;

ByteString hex(std::string_view text) { return base::from_hex(text).value(); }

base::ByteArray<32> array32(std::string_view text) {
    base::ByteArray<32> array{};
    std::ranges::copy(hex(text), array.begin());
    return array;
}

ByteString protobuf(std::uint64_t type, ByteView data) {
    ByteString out{0x08};
    base::append_varint(out, type);
    out.push_back(0x12);
    base::append_counted(out, data);
    return out;
}

ByteString sign_with_openssl(EVP_PKEY* key, ByteView message) {
    auto* const context = EVP_MD_CTX_new();
    std::size_t size = 0;
    EXPECT_EQ(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key), 1);
    EXPECT_EQ(EVP_DigestSign(context, nullptr, &size, message.data(), message.size()), 1);
    ByteString signature(size);
    EXPECT_EQ(EVP_DigestSign(context, signature.data(), &size, message.data(), message.size()), 1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return signature;
}

// The private key of a vector: its protobuf body is DER that OpenSSL reads.
EVP_PKEY* openssl_key(std::string_view vector, std::size_t header_bytes) {
    auto const bytes = hex(vector);
    auto const* at = bytes.data() + header_bytes;
    return d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(bytes.size() - header_bytes));
}

void expect_only_this_verifies(PublicKey const& key, ByteView message,
                               ByteString const& signature) {
    EXPECT_TRUE(verify(key, message, signature));
    EXPECT_FALSE(verify(key, as_bytes("another message"), signature));
    EXPECT_FALSE(verify(key, message, {}));
    EXPECT_FALSE(verify(key, message, ByteView(signature).first(signature.size() - 1)));
    auto longer = signature;
    longer.push_back(0);
    EXPECT_FALSE(verify(key, message, longer));
    EXPECT_FALSE(verify(key, message, ByteString(signature_bytes_max + 1, 0)));
    auto const step = std::max<std::size_t>(1, signature.size() / 16);
    for (std::size_t at = 0; at < signature.size(); at += step) {
        auto altered = signature;
        altered[at] ^= 0x01;
        EXPECT_FALSE(verify(key, message, altered)) << at;
    }
    EXPECT_EQ(ERR_peek_error(), 0U) << "failures leave nothing in OpenSSL's error queue";
}

TEST(public_key, decodes_and_encodes_the_vectors_of_the_specification) {
    struct Vector {
        KeyType type;
        std::string_view text;
    };
    for (auto const& vector : {Vector{KeyType::rsa, vectors::rsa_public},
                               Vector{KeyType::ed25519, vectors::ed25519_public},
                               Vector{KeyType::secp256k1, vectors::secp256k1_public},
                               Vector{KeyType::ecdsa, vectors::ecdsa_public}}) {
        auto const key = PublicKey::decode(hex(vector.text));
        ASSERT_TRUE(key) << to_string(vector.type) << ": " << to_string(key.error());
        EXPECT_EQ(key->type(), vector.type);
        EXPECT_EQ(base::to_hex(key->encode()), vector.text);
    }
}

TEST(private_key, gives_the_public_key_of_the_vectors) {
    auto const ed25519 = PrivateKey::decode(hex(vectors::ed25519_private));
    ASSERT_TRUE(ed25519);
    EXPECT_EQ(base::to_hex(ed25519->public_key().encode()), vectors::ed25519_public);
    EXPECT_EQ(base::to_hex(ed25519->encode()), vectors::ed25519_private);
    auto const secp256k1 = PrivateKey::decode(hex(vectors::secp256k1_private));
    ASSERT_TRUE(secp256k1);
    EXPECT_EQ(base::to_hex(secp256k1->public_key().encode()), vectors::secp256k1_public);
    EXPECT_EQ(base::to_hex(secp256k1->encode()), vectors::secp256k1_private);
}

// RFC 8032 7.1, test 2.
TEST(private_key, signs_the_ed25519_vector_of_rfc_8032) {
    auto const key = PrivateKey::ed25519_from_seed(
        array32("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    EXPECT_EQ(base::to_hex(key.public_key().raw()),
              "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    auto const signature = sign(key, ByteString{0x72});
    EXPECT_EQ(base::to_hex(signature),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(signature, of_ed25519_verifies_and_nothing_else_does) {
    auto const key = PrivateKey::decode(hex(vectors::ed25519_private)).value();
    expect_only_this_verifies(key.public_key(), as_bytes("message"),
                              sign(key, as_bytes("message")));
}

TEST(signature, of_secp256k1_verifies_and_nothing_else_does) {
    auto const key = PrivateKey::decode(hex(vectors::secp256k1_private)).value();
    auto const signature = sign(key, as_bytes("message"));
    EXPECT_EQ(signature, sign(key, as_bytes("message"))) << "nonces are those of RFC 6979";
    expect_only_this_verifies(key.public_key(), as_bytes("message"), signature);
}

TEST(signature, of_ecdsa_by_openssl_verifies_and_nothing_else_does) {
    auto* const signer = openssl_key(vectors::ecdsa_private, 4);
    ASSERT_NE(signer, nullptr);
    auto const key = PublicKey::decode(hex(vectors::ecdsa_public)).value();
    expect_only_this_verifies(key, as_bytes("message"),
                              sign_with_openssl(signer, as_bytes("message")));
    EVP_PKEY_free(signer);
}

TEST(signature, of_rsa_by_openssl_verifies_and_nothing_else_does) {
    auto* const signer = openssl_key(vectors::rsa_private, 5);
    ASSERT_NE(signer, nullptr);
    auto const key = PublicKey::decode(hex(vectors::rsa_public)).value();
    expect_only_this_verifies(key, as_bytes("message"),
                              sign_with_openssl(signer, as_bytes("message")));
    EVP_PKEY_free(signer);
}

TEST(signature, of_an_empty_message_verifies) {
    for (auto const vector : {vectors::ed25519_private, vectors::secp256k1_private}) {
        auto const key = PrivateKey::decode(hex(vector)).value();
        EXPECT_TRUE(verify(key.public_key(), {}, sign(key, {})));
    }
    for (auto const vector : {vectors::ecdsa_private, vectors::rsa_private}) {
        auto* const signer = openssl_key(vector, vector == vectors::rsa_private ? 5 : 4);
        auto const public_vector =
            vector == vectors::rsa_private ? vectors::rsa_public : vectors::ecdsa_public;
        EXPECT_TRUE(verify(PublicKey::decode(hex(public_vector)).value(), {},
                           sign_with_openssl(signer, {})));
        EVP_PKEY_free(signer);
    }
}

TEST(signature, under_no_key_does_not_verify) {
    EXPECT_FALSE(verify(PublicKey(), as_bytes("m"), ByteString(64, 1)));
}

// A small-order "public key" verifies signatures of anything in a careless implementation.
TEST(signature, under_an_ed25519_key_of_small_order_does_not_verify) {
    base::ByteArray<32> identity{1};
    ByteString signature(64);
    signature[0] = 1;
    EXPECT_FALSE(verify(PublicKey::ed25519(identity), as_bytes("m"), signature));
}

// JavaScript peers do not normalise: the same signature with n - s must verify too.
TEST(signature, of_secp256k1_with_a_high_s_verifies) {
    auto const key = PrivateKey::decode(hex(vectors::secp256k1_private)).value();
    auto const low = sign(key, as_bytes("message"));
    constexpr std::string_view order_hex =
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    auto const order = hex(order_hex);
    auto const r_size = low[3];
    auto const s = ByteView(low).subspan(6 + r_size);  // 30 len 02 r_size r… 02 s_size s…
    ByteString negated(33);
    int borrow = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        auto const minuend = int{order[31 - i]};
        auto const subtrahend = i < s.size() ? int{s[s.size() - 1 - i]} : 0;
        auto const difference = minuend - subtrahend - borrow;
        borrow = difference < 0 ? 1 : 0;
        negated[32 - i] = static_cast<std::uint8_t>(difference & 0xff);
    }
    ByteString high{0x30, static_cast<std::uint8_t>(2 + r_size + 2 + 33), 0x02, r_size};
    base::append(high, ByteView(low).subspan(4, r_size));
    base::append(high, ByteString{0x02, 33});
    base::append(high, negated);
    EXPECT_TRUE(verify(key.public_key(), as_bytes("message"), high));
}

TEST(public_key, accepts_its_fields_in_either_order) {
    auto const raw = hex(vectors::ed25519_public);
    ByteString swapped(raw.begin() + 2, raw.end());
    base::append(swapped, ByteView(raw).first(2));
    auto const key = PublicKey::decode(swapped);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->encode(), raw);
}

TEST(public_key, refuses_what_is_not_exactly_two_fields) {
    auto const good = hex(vectors::ed25519_public);
    auto with = [&](ByteString const& more) {
        auto bytes = good;
        base::append(bytes, more);
        return PublicKey::decode(bytes);
    };
    EXPECT_EQ(PublicKey::decode({}).error(), KeyError::malformed);
    EXPECT_EQ(with({0x08, 0x01}).error(), KeyError::malformed) << "type twice";
    EXPECT_EQ(with({0x12, 0x00}).error(), KeyError::malformed) << "data twice";
    EXPECT_EQ(with({0x18, 0x00}).error(), KeyError::malformed) << "a third field";
    EXPECT_EQ(with({0x80}).error(), KeyError::malformed) << "a broken tag";
    EXPECT_EQ(PublicKey::decode(ByteView(good).first(2)).error(), KeyError::malformed) << "no data";
    EXPECT_EQ(PublicKey::decode(ByteView(good).subspan(2)).error(), KeyError::malformed)
        << "no type";
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(PublicKey::decode(ByteView(good).first(size))) << size;
    }
    EXPECT_EQ(PublicKey::decode(protobuf(4, ByteString(32))).error(), KeyError::unsupported_type);
    EXPECT_EQ(PublicKey::decode(protobuf(~0ULL, ByteString(32))).error(),
              KeyError::unsupported_type);
    EXPECT_EQ(PublicKey::decode(ByteString(encoded_key_bytes_max + 1, 0)).error(),
              KeyError::bad_size);
}

TEST(public_key, refuses_bodies_of_the_wrong_size_or_form) {
    for (std::size_t const size : {0U, 31U, 33U}) {
        EXPECT_EQ(PublicKey::decode(protobuf(1, ByteString(size))).error(), KeyError::bad_size)
            << size;
    }
    for (std::size_t const size : {0U, 32U, 34U, 65U}) {
        EXPECT_EQ(PublicKey::decode(protobuf(2, ByteString(size, 4))).error(), KeyError::bad_size)
            << size;
    }
    EXPECT_EQ(PublicKey::decode(protobuf(2, ByteString(33, 0xff))).error(), KeyError::malformed);
    auto off_curve = hex(vectors::ecdsa_public);
    off_curve.back() ^= 1;
    EXPECT_EQ(PublicKey::decode(off_curve).error(), KeyError::malformed);
    auto other_curve = hex(vectors::ecdsa_public);
    other_curve[4 + 22] ^= 1;  // within the object identifier of the curve
    EXPECT_EQ(PublicKey::decode(other_curve).error(), KeyError::malformed);
    EXPECT_EQ(PublicKey::decode(protobuf(3, ByteString(90))).error(), KeyError::bad_size);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(private_key, refuses_copies_of_the_public_key_that_disagree) {
    auto const good = hex(vectors::ed25519_private);
    auto const body = ByteString(good.begin() + 4, good.end());
    auto old_form = body;
    base::append(old_form, ByteView(body).subspan(32));
    auto const decoded = PrivateKey::decode(protobuf(1, old_form));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->encode(), good);
    old_form.back() ^= 1;
    EXPECT_EQ(PrivateKey::decode(protobuf(1, old_form)).error(), KeyError::malformed);
    auto wrong = good;
    wrong.back() ^= 1;
    EXPECT_EQ(PrivateKey::decode(wrong).error(), KeyError::malformed);
}

TEST(private_key, refuses_other_sizes_types_and_scalars_outside_the_group) {
    EXPECT_EQ(PrivateKey::decode(protobuf(1, ByteString(32))).error(), KeyError::bad_size);
    EXPECT_EQ(PrivateKey::decode(protobuf(2, ByteString(31, 1))).error(), KeyError::bad_size);
    EXPECT_EQ(PrivateKey::decode(hex(vectors::ecdsa_private)).error(), KeyError::unsupported_type);
    EXPECT_EQ(PrivateKey::secp256k1_from_secret({}).error(), KeyError::bad_size);
    EXPECT_EQ(PrivateKey::secp256k1_from_secret(
                  array32("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"))
                  .error(),
              KeyError::bad_size);
    EXPECT_TRUE(PrivateKey::secp256k1_from_secret(
        array32("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140")));
}

// A key of RSA with a modulus of `bits` ones and the exponent of `exponent`, as DER
// SubjectPublicKeyInfo.
ByteString rsa_der(std::size_t bits, std::string_view exponent = "010001") {
    auto element = [](std::uint8_t tag, ByteView content) {
        ByteString out{tag};
        if (content.size() >= 0x10000) {
            base::append(out, ByteString{0x83, static_cast<std::uint8_t>(content.size() >> 16)});
            base::append_u16_be(out, static_cast<std::uint16_t>(content.size()));
        } else if (content.size() >= 0x100) {
            out.push_back(0x82);
            base::append_u16_be(out, static_cast<std::uint16_t>(content.size()));
        } else if (content.size() >= 0x80) {
            out.push_back(0x81);
            out.push_back(static_cast<std::uint8_t>(content.size()));
        } else {
            out.push_back(static_cast<std::uint8_t>(content.size()));
        }
        base::append(out, content);
        return out;
    };
    ByteString modulus((bits + 7) / 8, 0xff);
    if (bits % 8 != 0) {
        modulus[0] = static_cast<std::uint8_t>(0xff >> (8 - bits % 8));
    } else {
        modulus.insert(modulus.begin(), 0);
    }
    auto numbers = element(0x02, modulus);
    base::append(numbers, element(0x02, hex(exponent)));
    ByteString bit_string{0};
    base::append(bit_string, element(0x30, numbers));
    auto content = hex("300d06092a864886f70d0101010500");
    base::append(content, element(0x03, bit_string));
    return element(0x30, content);
}

TEST(rsa_key, is_accepted_from_2048_to_8192_bits) {
    EXPECT_TRUE(PublicKey::decode(protobuf(0, rsa_der(2048))));
    EXPECT_TRUE(PublicKey::decode(protobuf(0, rsa_der(3001))));
    EXPECT_TRUE(PublicKey::decode(protobuf(0, rsa_der(8192))));
    EXPECT_EQ(PublicKey::decode(protobuf(0, rsa_der(2047))).error(), KeyError::bad_size);
    EXPECT_EQ(PublicKey::decode(protobuf(0, rsa_der(1024))).error(), KeyError::bad_size);
    EXPECT_EQ(PublicKey::decode(protobuf(0, rsa_der(8193))).error(), KeyError::bad_size);
}

TEST(rsa_key, is_refused_with_an_exponent_that_costs_or_cannot_be) {
    EXPECT_TRUE(PublicKey::decode(protobuf(0, rsa_der(2048, "03"))));
    EXPECT_TRUE(PublicKey::decode(protobuf(0, rsa_der(2048, "7fffffff"))));
    EXPECT_EQ(PublicKey::decode(protobuf(0, rsa_der(2048, "0080000001"))).error(),
              KeyError::bad_size);
    EXPECT_EQ(PublicKey::decode(protobuf(0, rsa_der(2048, "0100000001"))).error(),
              KeyError::bad_size);
    for (auto const exponent : {"00", "01", "02", "010000", "ff", "0003", ""}) {
        EXPECT_EQ(PublicKey::decode(protobuf(0, rsa_der(2048, exponent))).error(),
                  KeyError::malformed)
            << exponent;
    }
}

// One key must have one encoding, else it would have many peer ids.
TEST(rsa_key, is_refused_in_any_form_but_the_strict_one) {
    auto const good = rsa_der(2048);
    ASSERT_TRUE(PublicKey::decode(protobuf(0, good)));
    auto longer = good;
    longer.push_back(0);
    EXPECT_EQ(PublicKey::decode(protobuf(0, longer)).error(), KeyError::malformed);
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(PublicKey::decode(protobuf(0, ByteView(good).first(size)))) << size;
    }
    // Every byte of the frame is fixed: up to the modulus, and the header of the exponent.
    auto expect_fixed = [&](std::size_t at) {
        auto altered = good;
        altered[at] ^= 0x01;
        EXPECT_FALSE(PublicKey::decode(protobuf(0, altered))) << at;
    };
    for (std::size_t at = 0; at < 32; ++at) expect_fixed(at);
    expect_fixed(good.size() - 5);
    expect_fixed(good.size() - 4);
}

// CVE-2023-39533: a huge RSA key in a handshake makes the verifier burn its processor.
TEST(rsa_key, adv_cve_2023_39533_a_huge_key_is_refused_before_any_arithmetic) {
    for (std::size_t const bits : {8193U, 16384U, 65536U, 1'000'000U}) {
        auto const key = protobuf(0, rsa_der(bits));
        auto const start = std::chrono::steady_clock::now();
        for (int i = 0; i < 100; ++i)
            EXPECT_EQ(PublicKey::decode(key).error(), KeyError::bad_size) << bits;
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(100)) << bits;
    }
}

}  // namespace
}  // namespace crypto
