// Suite: the primitives that cost, behind one interface. The node uses `real_suite()`; the simulator may use a stand-in
// that keeps every length and every failure path but does no curve arithmetic, to run thousands of nodes.
#pragma once

#include "base/bytes.h"
#include "crypto/aead.h"
#include "crypto/keys.h"

#include <optional>

namespace crypto {

using X25519Key = base::ByteArray<32>;

class Suite {
public:
    virtual ~Suite() = default;

    /// RFC 7748: the public key of a secret.
    virtual X25519Key x25519_public(X25519Key const& secret) const = 0;
    /// The shared secret; nullopt for a public key of small order.
    virtual std::optional<X25519Key> x25519_shared(X25519Key const& secret, X25519Key const& peer) const = 0;

    virtual base::ByteString sign(PrivateKey const& key, base::ByteView message) const = 0;
    virtual bool verify(PublicKey const& key, base::ByteView message, base::ByteView signature) const = 0;

    /// As AeadKey::seal and AeadKey::open.
    virtual void seal(AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
                      std::span<base::ByteView const> pieces, base::MutableBytes out) const = 0;
    virtual bool open(AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
                      base::MutableBytes record) const = 0;
};

/// The suite that does what it says.
Suite const& real_suite();

/// The simulator's suite. Not secret at all; a changed byte of a tag, a wrong counter or a wrong key still fails.
Suite const& stand_in_suite();

}  // namespace crypto
