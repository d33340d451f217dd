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
// The dialer checks the other side's peer id before it sends its last message. A changed bit anywhere, a payload
// shorter than a key and a signature, a frame out of turn: an error, and the connection is closed. A payload in the
// first message is not used, whatever it says.
//
//   xx.h       the handshake pattern itself, with any prologue and payload
//   payload.h  what libp2p puts into the second and third message
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/suite.h"
#include "libp2p/noise/error.h"
#include "libp2p/noise/xx.h"
#include "libp2p/wire/peer_id.h"

#include <optional>

namespace libp2p::noise {

inline constexpr std::size_t record_bytes_max = 65535;                                        // of one frame's body
inline constexpr std::size_t plaintext_bytes_max = record_bytes_max - crypto::aead_tag_bytes;   // 65,519
inline constexpr std::size_t frame_overhead_bytes = 2 + crypto::aead_tag_bytes;
inline constexpr std::size_t handshake_payload_bytes_max = 4096;
inline constexpr std::size_t muxers_max = 100;  // a longer list is ignored, as go does

/// What a node keeps for all its handshakes: a static key made once, with its signature.
struct StaticKey {
    crypto::X25519Key secret{};
    crypto::X25519Key public_key{};
    base::ByteString identity_key;  // protobuf of the identity's public key
    base::ByteString signature;
};
/// Makes the static key of an identity from 32 secret random bytes.
StaticKey make_static_key(crypto::Suite const& suite, crypto::PrivateKey const& identity,
                          crypto::X25519Key const& secret);

struct HandshakeConfig {
    crypto::Suite const* suite = nullptr;         // must outlive the connection
    StaticKey const* static_key = nullptr;        // must outlive the handshake
    Role role = Role::initiator;
    crypto::X25519Key ephemeral_secret{};         // fresh and secret
    std::vector<std::string> muxers;              // offered early, in order of preference; may be empty
    std::optional<PeerId> expected;               // whom we dialed, if we know
};

/// One direction of an open transport. Not copyable: a counter must never be used twice.
class CipherState {
public:
    /// `counter`: of the next record.
    CipherState(crypto::Suite const& suite, crypto::AeadSecret const& secret, std::uint64_t counter = 0)
        : suite_(&suite), key_(secret), counter_(counter) {}

    /// Appends frames that carry the concatenation of `pieces` to `out`: one frame if it is at most
    /// plaintext_bytes_max, else as many as it takes; one with an empty plaintext when there is nothing. Returns the
    /// number of bytes appended. No piece may lie in `out`. Fails only when the counter is used up (2^64 - 1), and
    /// then appends nothing.
    base::Result<std::size_t, Error> seal(std::span<base::ByteView const> pieces, base::ByteString& out);
    /// Decrypts one frame's body in place and returns the plaintext. After an error the direction is dead.
    base::Result<base::MutableBytes, Error> open(base::MutableBytes record);

    std::uint64_t counter() const { return counter_; }

private:
    crypto::Suite const* suite_;
    crypto::AeadKey key_;
    std::uint64_t counter_;
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
    /// Reads handshake frames from `in`; appends what is to be sent to `out`. After an error every push gives it again;
    /// not to be called after `secured`.
    base::Result<Progress, Error> push(base::ByteView in, base::ByteString& out);

private:
    struct Remote {
        crypto::PublicKey key;
        PeerId id;
        std::optional<std::string> muxer;
    };
    base::Result<bool, Error> collect(base::ByteView& in);
    base::Result<std::optional<Secured>, Error> on_message(base::ByteString& out);
    base::Result<void, Error> send(base::ByteView payload, base::ByteString& out);
    base::Result<Remote, Error> authenticate(base::ByteView payload) const;
    std::optional<std::string> agree(std::span<std::string_view const> theirs) const;
    Secured finish(Remote remote);

    HandshakeConfig config_;
    Xx xx_;
    base::ByteString partial_;      // length and body of the message that comes next
    std::optional<Error> failed_;
    bool finished_ = false;
};

/// Cuts a byte stream into frames and decrypts them. Whole frames are decrypted in the lent chunk; a frame that spans
/// chunks is collected first, in a buffer that grows with what has arrived. The buffer is kept while frames span chunks
/// and released when a chunk ends with a frame: an idle connection holds none.
class Opener {
public:
    explicit Opener(CipherState cipher) : cipher_(std::move(cipher)) {}

    /// Lends `chunk` until the next feed(); the previous chunk must have been drained with next().
    void feed(base::MutableBytes chunk);
    using Next = base::Result<std::optional<base::MutableBytes>, Error>;
    /// The next plaintext, maybe an empty one; nullopt when more bytes are needed. Valid until the next call of next()
    /// or feed(). After an error every call gives it again.
    Next next();

    /// Bytes of an unfinished frame held.
    std::size_t held_bytes() const { return partial_.size(); }
    /// Memory held for them.
    std::size_t held_capacity_bytes() const { return partial_.capacity(); }

private:
    void drop_delivered();
    base::Result<std::size_t, Error> frame_size(base::ByteView start) const;
    void collect(std::size_t size);
    Next open(base::MutableBytes frame);
    Next die(Error error);

    CipherState cipher_;
    base::MutableBytes chunk_;      // what is left of the lent one
    base::MutableBytes consumed_;   // the frame in the chunk that was handed out last
    base::ByteString partial_;      // length bytes and body of a frame that spans chunks
    std::optional<Error> failed_;
    bool delivered_ = false;        // partial_ was handed out and is to be dropped
};

}  // namespace libp2p::noise
