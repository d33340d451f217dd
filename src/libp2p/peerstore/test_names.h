// For tests: peers, addresses and moments by short names.
#pragma once

#include "base/rng.h"
#include "libp2p/peerstore/stored.h"

#include <string>

namespace libp2p::peerstore::test {

using namespace std::chrono_literals;

inline PeerId peer(std::uint32_t number) {
    base::ByteArray<32> raw{};
    for (std::size_t i = 0; i < 4; ++i) raw[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
    return PeerId::of(crypto::PublicKey::ed25519(raw));
}

inline IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

inline IpRange range(std::string_view text) { return IpRange::parse(text).value(); }

inline Multiaddr address(std::string_view text) { return Multiaddr::from_text(text).value(); }

/// Public, in a group of its own for every 256.
inline SocketAddress socket(std::uint32_t number, std::uint16_t port = 8302) {
    auto const group = number / 256;
    return {IpAddress::v4(static_cast<std::uint8_t>(50 + group / 256), static_cast<std::uint8_t>(group % 256), 1,
                          static_cast<std::uint8_t>(number % 256)),
            port};
}

inline Multiaddr tcp(std::uint32_t number, std::uint16_t port = 8302) {
    return Multiaddr::tcp_at(socket(number, port));
}

inline base::Instant at(base::Duration since_start) { return base::Instant{} + since_start; }

inline base::Rng rng(std::uint8_t seed = 1) {
    base::Rng::Seed bytes{};
    bytes[0] = seed;
    return base::Rng(bytes);
}

}  // namespace libp2p::peerstore::test
