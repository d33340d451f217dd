// Salsa20 of sixteen blocks side by side, where the processor has registers of 512 bits.
#pragma once

#include "base/bytes.h"

namespace crypto {

inline constexpr std::size_t wide_salsa20_bytes = 1024;  // sixteen blocks

/// Whether this processor can run xor_wide_salsa20.
bool has_wide_salsa20();

/// XORs `data` with the key stream from `block` on, as crypto_stream_salsa20_xor_ic does. Requires
/// has_wide_salsa20() and a size that is a multiple of wide_salsa20_bytes.
void xor_wide_salsa20(base::MutableBytes data, base::ByteArray<32> const& key,
                      base::ByteArray<8> const& nonce, std::uint64_t block);

}  // namespace crypto
