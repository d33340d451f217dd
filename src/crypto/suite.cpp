#include "crypto/suite.h"

#include "crypto/libraries.h"

#include <sodium.h>

namespace crypto {

namespace {

class RealSuite final : public Suite {
public:
    X25519Key x25519_public(X25519Key const& secret) const override {
        prepare_sodium();
        X25519Key key{};
        crypto_scalarmult_curve25519_base(key.data(), secret.data());
        return key;
    }

    std::optional<X25519Key> x25519_shared(X25519Key const& secret,
                                           X25519Key const& peer) const override {
        prepare_sodium();
        X25519Key shared{};
        if (crypto_scalarmult_curve25519(shared.data(), secret.data(), peer.data()) != 0)
            return std::nullopt;
        return shared;
    }

    base::ByteString sign(PrivateKey const& key, base::ByteView message) const override {
        return crypto::sign(key, message);
    }

    bool verify(PublicKey const& key, base::ByteView message,
                base::ByteView signature) const override {
        return crypto::verify(key, message, signature);
    }

    void seal(AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              std::span<base::ByteView const> pieces, base::MutableBytes out) const override {
        key.seal(counter, associated_data, pieces, out);
    }

    bool open(AeadKey& key, std::uint64_t counter, base::ByteView associated_data,
              base::MutableBytes record) const override {
        return key.open(counter, associated_data, record);
    }
};

}  // namespace

Suite const& real_suite() {
    static RealSuite const suite;
    return suite;
}

}  // namespace crypto
