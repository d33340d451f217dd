// noise: Noise_XX_25519_ChaChaPoly_SHA256 with libp2p's payload. spec: noise; noiseprotocol.org revision 34
//
//   initiator                                   responder
//     ── e ───────────────────────────────────►                 32 bytes, empty payload
//     ◄─ e, ee, s, es, payload ────────────────                 payload: identity key, signature, extensions
//     ── s, se, payload ──────────────────────►
//
// Frames are u16 big-endian length and at most 65,535 bytes. The payload is a protobuf: identity_key = 1,
// identity_sig = 2 over "noise-libp2p-static-key:" and the static key, extensions = 4 { stream_muxers = 2 }; it is
// written in that order, because Mina's Rust node reads by offsets, and read in any order.
// spec: noise#libp2p-data-in-handshake-messages; connections/inlined-muxer-negotiation
//
// The dialer checks the other side's peer id before it sends its last message. A changed bit anywhere, a payload shorter
// than a key and a signature, a frame out of turn: an error, and the connection is closed.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/suite.h"
#include "libp2p/wire/peer_id.h"

#include <optional>

namespace libp2p::noise {

inline constexpr std::size_t record_bytes_max = 65535;                                        // of one frame's body
inline constexpr std::size_t plaintext_bytes_max = record_bytes_max - crypto::aead_tag_bytes;   // 65,519
inline constexpr std::size_t frame_overhead_bytes = 2 + crypto::aead_tag_bytes;
inline constexpr std::size_t handshake_payload_bytes_max = 4096;
inline constexpr std::size_t muxers_max = 100;  // a longer list is ignored, as go does

enum class Error : std::uint8_t {
    malformed_frame,
    decryption_failed,
    bad_payload,
    bad_identity_key,
    bad_signature,
    wrong_peer_id,
    connected_to_self,
    weak_key,          // a public key of small order
    nonce_exhausted,
};
std::string_view to_string(Error error);

/// What a node keeps for all its handshakes: a static key made once, with its signature.
struct StaticKey {
    crypto::X25519Key secret{};
    crypto::X25519Key public_key{};
    base::ByteString identity_key;  // protobuf of the identity's public key
    base::ByteString signature;
};
/// Makes the static key of an identity from 32 secret random bytes.
StaticKey make_static_key(crypto::Suite const& suite, crypto::PrivateKey const& identity, crypto::X25519Key const& secret);

enum class Role : std::uint8_t { initiator, responder };

struct HandshakeConfig {
    crypto::Suite const* suite = nullptr;         // must outlive the connection
    StaticKey const* static_key = nullptr;        // must outlive the handshake
    Role role = Role::initiator;
    crypto::X25519Key ephemeral_secret{};         // fresh and secret
    std::vector<std::string> muxers;              // offered early, in order of preference; may be empty
    std::optional<PeerId> expected;               // whom the initiator dialed, if it knows
};

/// One side of an open transport. Not copyable: a counter must never be used twice.
class CipherState {
public:
    CipherState(crypto::Suite const& suite, crypto::AeadSecret const& secret) : suite_(&suite), key_(secret) {}

    /// Appends frames that carry the concatenation of `pieces` to `out`: one frame if it is at most
    /// plaintext_bytes_max. Fails only when the counter is used up (2^64 - 1).
    base::Result<std::size_t, Error> seal(std::span<base::ByteView const> pieces, base::ByteString& out);
    /// Decrypts one frame's body in place and returns the plaintext.
    base::Result<base::MutableBytes, Error> open(base::MutableBytes record);

    std::uint64_t counter() const { return counter_; }

private:
    crypto::Suite const* suite_;
    crypto::AeadKey key_;
    std::uint64_t counter_ = 0;
};

struct Secured {
    CipherState sending;
    CipherState receiving;
    crypto::PublicKey remote_key;
    PeerId remote;
    std::optional<std::string> muxer;  // agreed early, the first of the initiator's list that the responder has
};

class Handshake {
public:
    /// Appends the initiator's first message to `out`.
    Handshake(HandshakeConfig config, base::ByteString& out);

    struct Progress {
        std::size_t consumed = 0;
        std::optional<Secured> secured;  // set once; bytes behind `consumed` are transport frames
    };
    /// Reads handshake frames from `in`; appends what is to be sent to `out`.
    base::Result<Progress, Error> push(base::ByteView in, base::ByteString& out);

private:
    HandshakeConfig config_;
    // Symmetric state and keys: the implementation's choice.
    crypto::Hash256 chaining_key_{};
    crypto::Hash256 hash_{};
    std::optional<crypto::AeadKey> cipher_;
    std::uint64_t cipher_counter_ = 0;
    crypto::X25519Key ephemeral_public_{};
    crypto::X25519Key remote_ephemeral_{};
    crypto::X25519Key remote_static_{};
    int messages_ = 0;
    base::ByteString partial_;
};

/// Cuts a byte stream into frames and decrypts them. Whole frames are decrypted in the lent chunk; a frame that spans
/// chunks is collected first. Holds no buffer between whole frames.
class Opener {
public:
    explicit Opener(CipherState cipher) : cipher_(std::move(cipher)) {}

    /// Lends `chunk` until the next feed(); the previous chunk must have been drained with next().
    void feed(base::MutableBytes chunk);
    /// The next plaintext, nullopt when more bytes are needed. Valid until the next call of next() or feed().
    base::Result<std::optional<base::MutableBytes>, Error> next();

    std::size_t held_bytes() const { return partial_.size(); }

private:
    CipherState cipher_;
    base::MutableBytes chunk_;
    base::ByteString partial_;      // length bytes and body of a frame that spans chunks
    bool delivered_ = false;        // partial_ was handed out and is to be dropped
};

}  // namespace libp2p::noise
