#include "libp2p/kademlia/addresses.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

bool is_mapped_v4(IpAddress const& ip) {
    if (!ip.v6) return false;
    for (std::size_t i = 0; i < 10; ++i) {
        if (ip.bytes[i] != 0) return false;
    }
    return ip.bytes[10] == 0xff && ip.bytes[11] == 0xff;
}

bool is_unicast(IpAddress const& ip) {
    if (ip.is_unspecified()) return false;
    if (ip.v6 && !is_mapped_v4(ip)) return ip.bytes[0] != 0xff;
    auto const first = ip.bytes[ip.v6 ? 12 : 0];
    return first != 0 && first < 224;
}

bool is_local_name(std::string_view name) {
    return name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local");
}

constexpr Group group(std::uint8_t kind, std::uint8_t a, std::uint8_t b, std::uint8_t c = 0, std::uint8_t d = 0) {
    return Group{kind} << 32 | Group{a} << 24 | Group{b} << 16 | Group{c} << 8 | Group{d};
}

}  // namespace

Group group_of(Multiaddr const& address) {
    if (auto const socket = address.socket_address()) {
        auto const& ip = socket->ip;
        if (ip.is_private()) return 0;
        if (!ip.v6) return group(4, ip.bytes[0], ip.bytes[1]);
        if (is_mapped_v4(ip)) return group(4, ip.bytes[12], ip.bytes[13]);
        return group(6, ip.bytes[0], ip.bytes[1], ip.bytes[2], ip.bytes[3]);
    }
    auto const name = address.dns_name();
    if (!name || is_local_name(name->name)) return 0;
    return group(1, 0, 0);  // anybody can have any number of names: all are in one hand
}

bool is_private(Multiaddr const& address) {
    if (auto const socket = address.socket_address()) return socket->ip.is_private();
    auto const name = address.dns_name();
    return name && is_local_name(name->name);
}

std::optional<Multiaddr> accepted(Multiaddr const& address, PeerId const& of, bool private_addresses) {
    auto const socket = address.socket_address();
    if (socket) {
        if (socket->port == 0 || !is_unicast(socket->ip)) return std::nullopt;
        if (!private_addresses && socket->ip.is_private()) return std::nullopt;
    } else {
        auto const name = address.dns_name();
        if (!name || name->port == 0) return std::nullopt;  // a dnsaddr would lead to any number of others
        if (!private_addresses && is_local_name(name->name)) return std::nullopt;
    }
    auto const id = address.peer_id();
    if (!id) return address;
    if (*id != of) return std::nullopt;
    return address.without_peer_id();
}

std::vector<Multiaddr> accepted(std::vector<Multiaddr> const& addresses, PeerId const& of, bool private_addresses,
                                std::size_t count_max) {
    std::vector<Multiaddr> result;
    for (auto const& address : addresses) {
        if (result.size() == count_max) break;
        auto taken = accepted(address, of, private_addresses);
        if (taken && std::ranges::find(result, *taken) == result.end()) result.push_back(std::move(*taken));
    }
    return result;
}

bool is_tellable(Multiaddr const& address, Multiaddr const& asker, bool private_addresses) {
    if (!is_private(address)) return true;
    if (!private_addresses || !is_private(asker)) return false;
    auto const from = asker.socket_address();
    auto const socket = address.socket_address();
    auto const is_loopback = socket ? socket->ip.is_loopback() : true;
    return !is_loopback || (from && from->ip.is_loopback());
}

void add_addresses(std::vector<Multiaddr>& into, std::vector<Multiaddr> const& more, std::size_t count_max) {
    for (auto const& address : more) {
        if (into.size() >= count_max) return;
        if (std::ranges::find(into, address) == into.end()) into.push_back(address);
    }
}

}  // namespace libp2p::kademlia
