#include "crypto/key_formats.h"

#include "crypto/libraries.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <array>
#include <bit>

namespace crypto {

namespace {

// SEQUENCE { SEQUENCE { OID ecPublicKey, OID prime256v1 }, BIT STRING { 04, x, y } }: only the
// point varies.
constexpr std::array<std::uint8_t, 27> p256_prefix{
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::size_t p256_bytes = p256_prefix.size() + 64;

// SEQUENCE { OID rsaEncryption, NULL }
constexpr std::array<std::uint8_t, 15> rsa_algorithm{0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                     0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

constexpr std::uint8_t tag_integer = 0x02;
constexpr std::uint8_t tag_bit_string = 0x03;
constexpr std::uint8_t tag_sequence = 0x30;

// Takes one element of DER with a definite, minimal length off `from`; false for anything else.
bool take(base::ByteView& from, std::uint8_t tag, base::ByteView& content) {
    if (from.size() < 2 || from[0] != tag) return false;
    std::size_t size = from[1];
    std::size_t header = 2;
    if (size >= 0x80) {
        auto const count = size & 0x7f;
        if (count < 1 || count > 2 || from.size() < 2 + count)
            return false;  // our limits fit in two bytes
        size = from[2];
        if (count == 2) size = size << 8 | from[3];
        if (size < (count == 1 ? 0x80U : 0x100U)) return false;
        header += count;
    }
    if (from.size() - header < size) return false;
    content = from.subspan(header, size);
    from = from.subspan(header + size);
    return true;
}

// The magnitude of a positive DER integer, without its sign byte.
bool take_positive(base::ByteView& from, base::ByteView& magnitude) {
    if (!take(from, tag_integer, magnitude) || magnitude.empty()) return false;
    if (magnitude[0] >= 0x80) return false;
    if (magnitude[0] != 0) return true;
    magnitude = magnitude.subspan(1);
    return !magnitude.empty() && magnitude[0] >= 0x80;
}

bool is_p256_point(base::ByteView der) {
    auto const* at = der.data();
    ERR_set_mark();
    auto* const key =
        d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(der.size()), open_ssl().library, nullptr);
    ERR_pop_to_mark();
    EVP_PKEY_free(key);
    return key != nullptr;
}

}  // namespace

base::Result<std::size_t, KeyError> rsa_modulus_bits(base::ByteView der) {
    base::ByteView outer;
    if (!take(der, tag_sequence, outer) || !der.empty()) return base::fail(KeyError::malformed);
    if (outer.size() < rsa_algorithm.size() ||
        !base::equal(outer.first(rsa_algorithm.size()), rsa_algorithm)) {
        return base::fail(KeyError::malformed);
    }
    outer = outer.subspan(rsa_algorithm.size());
    base::ByteView bits;
    if (!take(outer, tag_bit_string, bits) || !outer.empty())
        return base::fail(KeyError::malformed);
    if (bits.empty() || bits[0] != 0) return base::fail(KeyError::malformed);  // no unused bits
    bits = bits.subspan(1);
    base::ByteView numbers;
    if (!take(bits, tag_sequence, numbers) || !bits.empty()) return base::fail(KeyError::malformed);
    base::ByteView modulus;
    base::ByteView exponent;
    if (!take_positive(numbers, modulus) || !take_positive(numbers, exponent) || !numbers.empty()) {
        return base::fail(KeyError::malformed);
    }
    // The cost of a verification grows with both. Go refuses exponents above 2^31 - 1 as well; even
    // ones are no keys.
    if (exponent.size() > 4 || (exponent.size() == 4 && exponent[0] >= 0x80))
        return base::fail(KeyError::bad_size);
    if (exponent.back() % 2 == 0 || (exponent.size() == 1 && exponent[0] < 3))
        return base::fail(KeyError::malformed);
    return modulus.size() * 8 - static_cast<std::size_t>(std::countl_zero(modulus[0]));
}

base::Result<bool, KeyError> check_public_key(KeyType type, base::ByteView body) {
    switch (type) {
        case KeyType::ed25519:
            if (body.size() != ed25519_bytes) return base::fail(KeyError::bad_size);
            return true;
        case KeyType::secp256k1: {
            if (body.size() != secp256k1_bytes) return base::fail(KeyError::bad_size);
            secp256k1_pubkey key;
            if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &key, body.data(),
                                          body.size()) != 1) {
                return base::fail(KeyError::malformed);
            }
            return true;
        }
        case KeyType::ecdsa:
            if (body.size() != p256_bytes) return base::fail(KeyError::bad_size);
            if (!base::equal(body.first(p256_prefix.size()), p256_prefix) || !is_p256_point(body)) {
                return base::fail(KeyError::malformed);
            }
            return true;
        case KeyType::rsa: {
            TRY(auto const bits, rsa_modulus_bits(body));
            if (bits < rsa_bits_min || bits > rsa_bits_max) return base::fail(KeyError::bad_size);
            return true;
        }
    }
    return base::fail(KeyError::unsupported_type);
}

}  // namespace crypto
