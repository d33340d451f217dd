#include "libp2p/wire/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace libp2p {

namespace {

constexpr std::size_t groups = 8;  // of 16 bits, in an IPv6 address
constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<std::uint8_t> parse_octet(std::string_view text) {
    // A leading zero means octal to some parsers: refused, so that nobody can disagree about the
    // address.
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    unsigned value = 0;
    for (auto const c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255) return std::nullopt;
    return static_cast<std::uint8_t>(value);
}

std::optional<base::ByteArray<4>> parse_v4(std::string_view text) {
    base::ByteArray<4> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        auto const end = i + 1 < octets.size() ? text.find('.') : text.size();
        if (end == std::string_view::npos) return std::nullopt;
        auto const octet = parse_octet(text.substr(0, end));
        if (!octet) return std::nullopt;
        octets[i] = *octet;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return octets;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
    if (text.empty() || text.size() > 4) return std::nullopt;
    unsigned value = 0;
    for (auto const c : text) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9')
            digit = static_cast<unsigned>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<unsigned>(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = static_cast<unsigned>(c - 'A') + 10;
        else
            return std::nullopt;
        value = value << 4 | digit;
    }
    return static_cast<std::uint16_t>(value);
}

struct Groups {
    std::array<std::uint16_t, groups> values{};
    std::size_t count = 0;

    bool add(std::uint16_t value) {
        if (count == groups) return false;
        values[count++] = value;
        return true;
    }
};

// One side of a "::", or all of an address without one. A dotted IPv4 address may end it.
bool parse_groups(std::string_view text, bool may_end_in_v4, Groups& out) {
    while (!text.empty()) {
        auto const colon = text.find(':');
        auto const part = text.substr(0, colon);
        if (colon == std::string_view::npos && may_end_in_v4 && part.contains('.')) {
            auto const v4 = parse_v4(part);
            return v4 && out.add(static_cast<std::uint16_t>((*v4)[0] << 8 | (*v4)[1])) &&
                   out.add(static_cast<std::uint16_t>((*v4)[2] << 8 | (*v4)[3]));
        }
        auto const group = parse_group(part);
        if (!group || !out.add(*group)) return false;
        if (colon == std::string_view::npos) return true;
        text.remove_prefix(colon + 1);
        if (text.empty()) return false;  // ends in a single colon
    }
    return true;
}

// RFC 4291 2.2.
std::optional<base::ByteArray<16>> parse_v6(std::string_view text) {
    Groups head;
    Groups tail;
    auto const gap = text.find("::");
    if (gap == std::string_view::npos) {
        if (!parse_groups(text, true, head) || head.count != groups) return std::nullopt;
    } else {
        if (!parse_groups(text.substr(0, gap), false, head)) return std::nullopt;
        if (!parse_groups(text.substr(gap + 2), true, tail)) return std::nullopt;
        if (head.count + tail.count >= groups)
            return std::nullopt;  // "::" stands for at least one group
    }
    std::ranges::copy_n(tail.values.begin(), static_cast<std::ptrdiff_t>(tail.count),
                        head.values.end() - static_cast<std::ptrdiff_t>(tail.count));
    base::ByteArray<16> bytes{};
    for (std::size_t i = 0; i < groups; ++i) {
        bytes[2 * i] = static_cast<std::uint8_t>(head.values[i] >> 8);
        bytes[2 * i + 1] = static_cast<std::uint8_t>(head.values[i]);
    }
    return bytes;
}

bool is_mapped(IpAddress const& ip) {
    return ip.v6 && base::equal(ip.view().first(mapped_prefix.size()), mapped_prefix);
}

// A dual-stack socket reaches ::ffff:a.b.c.d as the IPv4 address it holds, so it is judged as that.
IpAddress unmapped(IpAddress const& ip) {
    if (!is_mapped(ip)) return ip;
    return IpAddress::v4(ip.bytes[12], ip.bytes[13], ip.bytes[14], ip.bytes[15]);
}

bool is_private_v4(base::ByteArray<16> const& b) {
    return b[0] == 0 || b[0] == 10 || b[0] == 127 ||  // "this network", RFC 1918, loopback
           (b[0] == 100 && (b[1] & 0xc0) == 64) ||    // RFC 6598
           (b[0] == 169 && b[1] == 254) ||            // link-local
           (b[0] == 172 && (b[1] & 0xf0) == 16) ||    // RFC 1918
           (b[0] == 192 && b[1] == 168) ||            // RFC 1918
           (b[0] == 198 && (b[1] & 0xfe) == 18);      // RFC 2544
}

}  // namespace

IpAddress IpAddress::v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return {.v6 = false, .bytes = {a, b, c, d}};
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (!text.contains(':')) {
        auto const octets = parse_v4(text);
        if (!octets) return std::nullopt;
        return v4((*octets)[0], (*octets)[1], (*octets)[2], (*octets)[3]);
    }
    auto const parsed = parse_v6(text);
    if (!parsed) return std::nullopt;
    return IpAddress{.v6 = true, .bytes = *parsed};
}

std::string IpAddress::text() const {
    if (!v6) return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
    if (is_mapped(*this)) return "::ffff:" + unmapped(*this).text();  // RFC 5952 5
    auto const group = [this](std::size_t i) {
        return static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    };
    // RFC 5952 4.2: the longest run of at least two zero groups is shortened, the first of equals.
    std::size_t gap = groups;
    std::size_t gap_size = 1;
    for (std::size_t i = 0; i < groups; ++i) {
        std::size_t size = 0;
        while (i + size < groups && group(i + size) == 0) ++size;
        if (size <= gap_size) continue;
        gap = i;
        gap_size = size;
    }
    std::string out;
    for (std::size_t i = 0; i < groups;) {
        if (i == gap) {
            out += "::";
            i += gap_size;
            continue;
        }
        if (!out.empty() && out.back() != ':') out += ':';
        out += fmt::format("{:x}", group(i));
        ++i;
    }
    return out;
}

bool IpAddress::is_unspecified() const { return unmapped(*this).bytes == base::ByteArray<16>{}; }

bool IpAddress::is_loopback() const {
    auto const ip = unmapped(*this);
    if (!ip.v6) return ip.bytes[0] == 127;
    base::ByteArray<16> one{};
    one[15] = 1;
    return ip.bytes == one;
}

bool IpAddress::is_private() const {
    auto const ip = unmapped(*this);
    if (!ip.v6) return is_private_v4(ip.bytes);
    return ip.is_unspecified() || ip.is_loopback() ||
           (ip.bytes[0] & 0xfe) == 0xfc ||                         // unique-local
           (ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80);  // link-local
}

std::string SocketAddress::text() const {
    return fmt::format(fmt::runtime(ip.v6 ? "[{}]:{}" : "{}:{}"), ip.text(), port);
}

}  // namespace libp2p
