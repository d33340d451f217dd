#include "libp2p/peerstore/dialable.h"

#include "libp2p/wire/ip_range.h"

namespace libp2p::peerstore {

namespace {

// Multicast; reserved and broadcast. What follows 240.0.0.0 nobody answers at.
bool is_for_nobody(IpAddress const& ip) {
    auto const judged = IpRange::of(ip).ip;
    if (judged.is_unspecified()) return true;
    return judged.v6 ? judged.bytes[0] == 0xff : judged.bytes[0] == 0 || judged.bytes[0] >= 224;
}

}  // namespace

std::string_view to_string(Dialable dialable) {
    switch (dialable) {
        case Dialable::yes: return "yes";
        case Dialable::not_tcp: return "not TCP";
        case Dialable::bad_ip: return "bad IP";
        case Dialable::bad_port: return "bad port";
        case Dialable::private_address: return "private address";
        case Dialable::name: return "name";
    }
    return "?";
}

Dialable dialable(SocketAddress const& address, DialableRules rules) {
    if (is_for_nobody(address.ip)) return Dialable::bad_ip;
    if (address.port == 0) return Dialable::bad_port;
    if (address.ip.is_private() && !rules.private_addresses) return Dialable::private_address;
    return Dialable::yes;
}

Dialable dialable(Multiaddr const& address, DialableRules rules) {
    if (auto const socket = address.socket_address()) return dialable(*socket, rules);
    auto const name = address.dns_name();
    if (!name) return Dialable::not_tcp;
    if (!rules.names) return Dialable::name;
    return name->code != Multiaddr::dnsaddr && name->port == 0 ? Dialable::bad_port : Dialable::yes;
}

}  // namespace libp2p::peerstore
