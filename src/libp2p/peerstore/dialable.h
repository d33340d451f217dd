// Which addresses are dialed at all.
#pragma once

#include "libp2p/wire/multiaddr.h"

namespace libp2p::peerstore {

enum class Dialable : std::uint8_t {
    yes,
    not_tcp,          // nothing that this node can dial
    bad_ip,           // unspecified, multicast, broadcast, reserved
    bad_port,         // 0
    private_address,  // RFC 1918 and the like, loopback
    name,             // a DNS name, where none are wanted
};
std::string_view to_string(Dialable dialable);

struct DialableRules {
    bool private_addresses = false;
    bool names = false;  // looked up: from those that may make this node ask for names
};

Dialable dialable(Multiaddr const& address, DialableRules rules);
Dialable dialable(SocketAddress const& address, DialableRules rules);

}  // namespace libp2p::peerstore
