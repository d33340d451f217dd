// Which addresses are accepted from others and told to them, and what a group of addresses is.
#pragma once

#include "libp2p/wire/multiaddr.h"

#include <vector>

namespace libp2p::kademlia {

/// Addresses that are likely in one hand: an IPv4 /16, an IPv6 /32, all DNS names. 0: of no group, as private addresses
/// are, so that a network on one machine is not thinned out.
using Group = std::uint64_t;
Group group_of(Multiaddr const& address);

bool is_private(Multiaddr const& address);

/// Of an address by TCP, IP or DNS, that can be dialed: itself without /p2p; else nothing. Private ones only if
/// allowed, unspecified and multicast ones never.
std::optional<Multiaddr> accepted(Multiaddr const& address, PeerId const& of, bool private_addresses);
/// The accepted ones, without duplicates, the first `count_max`.
std::vector<Multiaddr> accepted(std::vector<Multiaddr> const& addresses, PeerId const& of, bool private_addresses,
                                std::size_t count_max);

/// Whether an asker at `asker` may be told this address: loopback is told on loopback only, private addresses to
/// private ones.
bool is_tellable(Multiaddr const& address, Multiaddr const& asker, bool private_addresses);

/// Appends what is new of `more`, up to `count_max` in all.
void add_addresses(std::vector<Multiaddr>& into, std::vector<Multiaddr> const& more, std::size_t count_max);

}  // namespace libp2p::kademlia
