// XSalsa20Stream: the unauthenticated stream cipher of a libp2p private network, as one endless key stream.
#pragma once

#include "base/bytes.h"

namespace crypto {

class XSalsa20Stream {
public:
    XSalsa20Stream(base::ByteArray<32> const& key, base::ByteArray<24> const& nonce);

    /// XORs `data` with the next data.size() bytes of the key stream, in place.
    void apply(base::MutableBytes data);

private:
    base::ByteArray<32> subkey_{};       // HSalsa20 of the key and the first 16 bytes of the nonce
    base::ByteArray<8> nonce_{};         // the last 8 bytes
    std::uint64_t block_ = 0;            // next block of 64 bytes
    base::ByteArray<64> leftover_{};     // key stream of the block begun last
    std::uint8_t leftover_used_ = 64;
};

}  // namespace crypto
