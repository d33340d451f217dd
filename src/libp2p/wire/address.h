// IpAddress and SocketAddress: what a socket connects to.
#pragma once

#include "base/bytes.h"

#include <compare>
#include <optional>

namespace libp2p {

struct IpAddress {
    bool v6 = false;
    base::ByteArray<16> bytes{};  // network order; IPv4 uses the first four

    auto operator<=>(IpAddress const&) const = default;

    static IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);
    static std::optional<IpAddress> parse(std::string_view text);  // RFC 5952 and RFC 4291 forms, dotted IPv4; no zone
    std::string text() const;                                      // RFC 5952
    base::ByteView view() const { return {bytes.data(), v6 ? std::size_t{16} : std::size_t{4}}; }

    bool is_unspecified() const;
    bool is_loopback() const;
    /// Not routable on the public Internet: RFC 1918, 6598, 2544, link-local, unique-local, loopback, unspecified.
    bool is_private() const;
};

struct SocketAddress {
    IpAddress ip;
    std::uint16_t port = 0;

    auto operator<=>(SocketAddress const&) const = default;
    std::string text() const;  // "1.2.3.4:80", "[::1]:80"
};

}  // namespace libp2p
