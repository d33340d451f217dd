// A key from a peer decodes to one whose encoding is canonical, or is refused; and verifying
// anything under it ends. The input: two bytes for the size of the key, the key, then the
// signature; the whole is the message.
#include "crypto/keys.h"

#include "base/check.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::ByteView const input(data, size);
    if (input.size() < 2) return 0;
    auto const rest = input.subspan(2);
    auto const key_size =
        std::min<std::size_t>(rest.size(), static_cast<std::size_t>(input[0] << 8 | input[1]));
    auto const encoded = rest.first(key_size);
    auto const signature = rest.subspan(key_size);

    if (auto const key = crypto::PublicKey::decode(encoded)) {
        auto const canonical = key->encode();
        base::check(canonical.size() <= encoded.size(), "the canonical form is the shortest");
        base::check(crypto::PublicKey::decode(canonical) == *key,
                    "the canonical form is the same key");
        static_cast<void>(crypto::verify(*key, input, signature));
    }
    if (auto const key = crypto::PrivateKey::decode(encoded)) {
        auto const decoded = crypto::PrivateKey::decode(key->encode());
        base::check(decoded && decoded->public_key() == key->public_key(),
                    "a private key survives a round trip");
        auto const signed_input = crypto::sign(*key, input);
        base::check(crypto::verify(key->public_key(), input, signed_input),
                    "what a key signs, it verifies");
    }
    return 0;
}
