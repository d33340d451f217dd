// Xx: the handshake pattern XX over 25519, ChaChaPoly and SHA256, for any prologue and payloads.
// spec: noiseprotocol.org revision 34, sections 5 and 7
//
//   message 0   e                 initiator to responder; its payload is in the clear
//   message 1   e, ee, s, es      responder to initiator
//   message 2   s, se             initiator to responder
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/hash.h"
#include "crypto/suite.h"
#include "libp2p/noise/error.h"

#include <optional>

namespace libp2p::noise {

enum class Role : std::uint8_t { initiator, responder };

/// The size of message `index` (0 to 2) with an empty payload.
std::size_t xx_message_bytes(int index);

class Xx {
public:
    struct Keys {
        crypto::X25519Key static_secret{};
        crypto::X25519Key static_public{};
        crypto::X25519Key ephemeral_secret{};  // fresh and secret
    };
    /// `suite` must outlive this object.
    Xx(crypto::Suite const& suite, Role role, Keys const& keys, base::ByteView prologue = {});
    ~Xx();
    Xx(Xx&&) = default;
    Xx& operator=(Xx&&) = default;

    /// Messages written and read so far; 3 is the end.
    int messages() const { return messages_; }
    bool our_turn() const { return messages_ < 3 && (messages_ % 2 == 0) == (role_ == Role::initiator); }

    /// The next message of ours. Requires our_turn(). After an error (weak_key) the handshake is dead.
    base::Result<base::ByteString, Error> write(base::ByteView payload);
    /// Reads the next message of theirs, in place, and returns its payload. Requires that it is theirs to send. After
    /// an error (malformed_frame, decryption_failed, weak_key) the handshake is dead.
    base::Result<base::MutableBytes, Error> read(base::MutableBytes message);

    /// The other side's static key: known after its message with `s`.
    crypto::X25519Key const& remote_static() const { return remote_static_; }
    /// The hash of all that was said.
    crypto::Hash256 const& hash() const { return hash_; }

    struct Secrets {
        crypto::AeadSecret sending{};
        crypto::AeadSecret receiving{};
    };
    /// Requires messages() == 3.
    Secrets split() const;

private:
    using Step = base::Result<void, Error>;
    void mix_hash(base::ByteView data) { hash_ = crypto::sha256(hash_, data); }
    void mix_key(base::ByteView material);
    Step mix_shared(crypto::X25519Key const& secret, crypto::X25519Key const& peer);
    Step mix_static();
    void encrypt(base::ByteView plaintext, base::ByteString& out);
    base::Result<base::MutableBytes, Error> decrypt(base::MutableBytes ciphertext);

    crypto::Suite const* suite_;
    Role role_;
    Keys keys_;
    crypto::X25519Key ephemeral_public_{};
    crypto::X25519Key remote_ephemeral_{};
    crypto::X25519Key remote_static_{};
    crypto::Hash256 chaining_key_{};
    crypto::Hash256 hash_{};
    std::optional<crypto::AeadKey> cipher_;
    std::uint64_t counter_ = 0;
    int messages_ = 0;
};

}  // namespace libp2p::noise
