// IpRange: addresses with a common prefix, in CIDR notation.
#pragma once

#include "base/result.h"
#include "libp2p/wire/address.h"

namespace libp2p {

struct IpRange {
    IpAddress ip;                   // its bits beyond the prefix are 0
    std::uint8_t prefix_bits = 0;   // at most 32 or 128

    auto operator<=>(IpRange const&) const = default;

    /// "10.0.0.0/8", "2001:db8::/32", or one address. Bits beyond the prefix are cleared. The error says what was
    /// wrong.
    static base::Result<IpRange, std::string> parse(std::string_view text);
    /// The range of `prefix_bits` that holds `ip`; at most its own bits are taken.
    static IpRange of(IpAddress const& ip, std::uint8_t prefix_bits);
    /// Just this address.
    static IpRange of(IpAddress const& ip);
    bool contains(IpAddress const& ip) const;
    /// As parse() takes it; without a prefix when it is one address.
    std::string text() const;
};

/// The range that one operator is taken to own, for bounds on diversity: /16 of IPv4, /32 of IPv6.
IpRange group_of(IpAddress const& ip);

}  // namespace libp2p
