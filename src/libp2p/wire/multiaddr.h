// Multiaddr: a self-describing address, kept in its binary form. spec: multiformats/multiaddr
//
// Known components: ip4 ip6 tcp udp dns dns4 dns6 dnsaddr p2p ip6zone unix quic quic-v1 ws wss tls sni noise http https
// p2p-circuit webtransport certhash webrtc webrtc-direct onion3. Others are refused: their length cannot be known.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "libp2p/wire/address.h"
#include "libp2p/wire/peer_id.h"

#include <compare>
#include <optional>

namespace libp2p {

enum class MultiaddrError : std::uint8_t { empty, malformed, unknown_protocol, bad_value, too_long };
std::string_view to_string(MultiaddrError error);

inline constexpr std::size_t multiaddr_bytes_max = 512;

class Multiaddr {
public:
    /// Protocol codes of the multicodec table.
    enum Code : std::uint32_t { ip4 = 4, tcp = 6, ip6 = 41, dns = 53, dns4 = 54, dns6 = 55, dnsaddr = 56, p2p = 421 };
    struct Component {
        std::uint32_t code = 0;
        base::ByteView value;  // without a length prefix
    };

    Multiaddr() = default;
    /// "/ip4/…/tcp/…"; /ipfs/ID is taken for /p2p/ID, and a slash at the end is ignored.
    static base::Result<Multiaddr, MultiaddrError> from_text(std::string_view text);
    /// One binary form per address: minimal varints, values that print, nothing after a path.
    static base::Result<Multiaddr, MultiaddrError> from_bytes(base::ByteView bytes);
    static Multiaddr tcp_at(SocketAddress const& address);

    base::ByteView bytes() const { return bytes_; }
    std::string text() const;
    bool empty() const { return bytes_.empty(); }
    /// The values are views into this address.
    std::vector<Component> components() const;

    /// Exactly /ip4|ip6/…/tcp/PORT, with or without a trailing /p2p/ID.
    std::optional<SocketAddress> socket_address() const;
    /// Exactly /dns|dns4|dns6/NAME/tcp/PORT[/p2p/ID] or /dnsaddr/NAME[/p2p/ID].
    struct Name {
        std::uint32_t code = 0;
        std::string_view name;
        std::uint16_t port = 0;  // 0 for dnsaddr
    };
    /// The name is a view into this address.
    std::optional<Name> dns_name() const;
    /// The last component, when it is /p2p/ID.
    std::optional<PeerId> peer_id() const;

    Multiaddr with_peer_id(PeerId const& id) const;  // replaces one that is there; `id` is not empty
    Multiaddr without_peer_id() const;

    bool operator==(Multiaddr const&) const = default;
    auto operator<=>(Multiaddr const&) const = default;

private:
    base::ByteString bytes_;
};

}  // namespace libp2p
