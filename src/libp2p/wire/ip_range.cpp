#include "libp2p/wire/ip_range.h"

#include <fmt/format.h>

#include <algorithm>

namespace libp2p {

namespace {

constexpr std::uint8_t v4_bits = 32;
constexpr std::uint8_t v6_bits = 128;
constexpr std::uint8_t mapped_bits = 96;  // of the prefix ::ffff:0:0, which holds the IPv4 addresses

std::uint8_t bits_of(IpAddress const& ip) { return ip.v6 ? v6_bits : v4_bits; }

bool is_mapped(IpAddress const& ip) {
    if (!ip.v6) return false;
    auto const zeros = std::span(ip.bytes).first(10);
    return std::ranges::all_of(zeros, [](std::uint8_t byte) { return byte == 0; }) && ip.bytes[10] == 0xff &&
           ip.bytes[11] == 0xff;
}

// A dual-stack socket reaches ::ffff:a.b.c.d as the IPv4 address it holds, so it is judged as that.
IpAddress unmapped(IpAddress const& ip) {
    if (!is_mapped(ip)) return ip;
    return IpAddress::v4(ip.bytes[12], ip.bytes[13], ip.bytes[14], ip.bytes[15]);
}

void clear_beyond(IpAddress& ip, std::uint8_t prefix_bits) {
    for (std::size_t i = 0; i < ip.bytes.size(); ++i) {
        auto const first_bit = 8 * i;
        if (first_bit >= prefix_bits) {
            ip.bytes[i] = 0;
        } else if (prefix_bits - first_bit < 8) {
            ip.bytes[i] &= static_cast<std::uint8_t>(0xff << (8 - (prefix_bits - first_bit)));
        }
    }
}

std::optional<std::uint8_t> parse_bits(std::string_view text) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    unsigned value = 0;
    for (auto const c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > v6_bits) return std::nullopt;
    return static_cast<std::uint8_t>(value);
}

}  // namespace

base::Result<IpRange, std::string> IpRange::parse(std::string_view text) {
    auto const slash = text.find('/');
    auto const ip = IpAddress::parse(text.substr(0, slash));
    if (!ip) return base::fail(fmt::format("\"{}\" is no IP address", text.substr(0, slash)));
    if (slash == std::string_view::npos) return of(*ip);
    auto const bits = parse_bits(text.substr(slash + 1));
    if (!bits || *bits > bits_of(*ip)) {
        return base::fail(fmt::format("\"{}\" is no prefix length of {}: it has at most {} bits",
                                      text.substr(slash + 1), ip->v6 ? "IPv6" : "IPv4", bits_of(*ip)));
    }
    return of(*ip, *bits);
}

IpRange IpRange::of(IpAddress const& ip, std::uint8_t prefix_bits) {
    auto bits = std::min(prefix_bits, bits_of(ip));
    IpRange range{ip, bits};
    if (is_mapped(ip) && bits >= mapped_bits) {
        bits = static_cast<std::uint8_t>(bits - mapped_bits);
        range = {unmapped(ip), bits};
    }
    clear_beyond(range.ip, bits);
    return range;
}

IpRange IpRange::of(IpAddress const& ip) { return of(ip, bits_of(ip)); }

bool IpRange::contains(IpAddress const& other) const {
    auto judged = unmapped(other);
    if (judged.v6 != ip.v6) return false;
    clear_beyond(judged, prefix_bits);
    return judged == ip;
}

std::string IpRange::text() const {
    if (prefix_bits == bits_of(ip)) return ip.text();
    return fmt::format("{}/{}", ip.text(), prefix_bits);
}

IpRange group_of(IpAddress const& ip) {
    auto const judged = unmapped(ip);
    return IpRange::of(judged, judged.v6 ? 32 : 16);
}

}  // namespace libp2p
