// PeerId: who a peer is: the multihash of its encoded key, the identity hash if that has at most 42 bytes, else SHA-256.
// spec: peer-ids#peer-ids
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/keys.h"

#include <compare>

namespace libp2p {

enum class PeerIdError : std::uint8_t { malformed, unsupported_hash, bad_size };
std::string_view to_string(PeerIdError error);

class PeerId {
public:
    static constexpr std::size_t bytes_max = 44;

    PeerId() = default;
    static PeerId of(crypto::PublicKey const& key);
    /// From the multihash: identity (0x00) of at most 42 bytes, or sha2-256 (0x12) of 32.
    static base::Result<PeerId, PeerIdError> from_bytes(base::ByteView multihash);
    /// From base58btc ("12D3KooW…", "Qm…") or a CIDv1 of codec libp2p-key in base32 ("bafz…") or base58 ("z…").
    static base::Result<PeerId, PeerIdError> from_text(std::string_view text);

    base::ByteView bytes() const { return {bytes_.data(), size_}; }
    std::string text() const;
    bool empty() const { return size_ == 0; }
    /// The key itself, when the id is an identity multihash of a valid key in its canonical form.
    base::Result<crypto::PublicKey, crypto::KeyError> inlined_key() const;

    /// Lexicographic on the bytes; the order both sides of a double dial compute.
    std::strong_ordering operator<=>(PeerId const& other) const;
    bool operator==(PeerId const& other) const { return base::equal(bytes(), other.bytes()); }

private:
    base::ByteArray<bytes_max> bytes_{};
    std::uint8_t size_ = 0;
};

}  // namespace libp2p
