// pnet: the private network of libp2p. spec: pnet/Private-Networks-PSK-V1
//
// Every connection starts with 24 random bytes from each side, sent at once and without waiting for the other's; then
// each direction is XORed with XSalsa20(key, that side's nonce). There is no authentication: a wrong key turns the
// other side's bytes into garbage, which multistream-select refuses.
//
//   inbound:  Nonce (0..23 bytes had) ──24 bytes──► Stream (every byte is decrypted in place)
//   outbound: the nonce goes out first, then every byte is encrypted in place
#pragma once

#include "base/bytes.h"
#include "crypto/salsa20.h"

#include <optional>

namespace libp2p::pnet {

using Key = base::ByteArray<32>;
using Nonce = base::ByteArray<24>;

class Codec {
public:
    /// `ours` is random and public; the caller sends it before anything else.
    Codec(Key const& key, Nonce const& ours) : key_(key), outbound_(key, ours) {}

    /// Decrypts `chunk` in place and returns what is left of it behind the other side's nonce (maybe nothing). The view
    /// is one of `chunk`; nothing is kept of it but the nonce.
    base::MutableBytes open(base::MutableBytes chunk);
    /// Encrypts `bytes` in place; they follow all bytes sealed before.
    void seal(base::MutableBytes bytes) { outbound_.apply(bytes); }

private:
    Key key_;
    crypto::XSalsa20Stream outbound_;
    std::optional<crypto::XSalsa20Stream> inbound_;
    Nonce their_nonce_{};
    std::uint8_t their_nonce_size_ = 0;
};

}  // namespace libp2p::pnet
