// Hash functions.
#pragma once

#include "base/bytes.h"

#include <utility>

namespace crypto {

using Hash256 = base::ByteArray<32>;

/// FIPS 180-4 SHA-256 of the concatenation of two parts.
Hash256 sha256(base::ByteView data, base::ByteView more = {});

/// RFC 7693 BLAKE2b with 32 bytes of output. `key` of at most 64 bytes; empty means unkeyed.
Hash256 blake2b_256(base::ByteView data, base::ByteView key = {});

/// RFC 2104 HMAC-SHA-256 of the concatenation of two parts.
Hash256 hmac_sha256(base::ByteView key, base::ByteView data, base::ByteView more = {});

/// HKDF with two outputs. spec: noise#4.3 "HKDF(chaining_key, input_key_material, num_outputs)"
std::pair<Hash256, Hash256> noise_hkdf(Hash256 const& chaining_key, base::ByteView input_key_material);

}  // namespace crypto
