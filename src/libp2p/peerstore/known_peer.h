// KnownPeer: what the address book knows of one peer, and the pure functions that rank peers and order addresses.
#pragma once

#include "libp2p/peerstore/stored.h"

#include <compare>

namespace libp2p::peerstore {

/// Where an address was learned.
enum class Source : std::uint8_t {
    operator_given,   // by configuration or command
    seed,             // of the network
    store,            // of the last run
    identify,         // the peer's own word
    connection,       // the other end of a connection that we dialed
    kademlia,         // third parties, from here on
    provider,
    initial_peers,
    gossip_exchange,
};
inline constexpr int source_count = 9;
std::string_view to_string(Source source);
/// Somebody else's word on a peer.
bool is_third_party(Source source);

struct KnownAddress {
    Multiaddr address;                          // without /p2p
    Source source = Source::kademlia;           // the best that named it
    base::Instant told_at = long_ago;           // last
    base::Instant last_success = long_ago;      // of a dial
    base::Instant last_failure = long_ago;
    std::uint32_t failures = 0;                 // since the last success
};

struct KnownPeer {
    PeerId id;
    std::vector<KnownAddress> addresses;
    Source source = Source::kademlia;           // the best that named it
    std::vector<PeerId> tellers;                // different third parties that named it; the first is charged for it
    std::string agent;
    base::Instant told_at = long_ago;           // last, by anybody
    base::Instant last_connected = long_ago;    // when a connection was open last; now, while one is
    base::Instant last_dialed_well = long_ago;  // a connection that we dialed was open last
    base::Instant last_failed = long_ago;       // a dial failed, or a connection ended young
    std::uint32_t failures = 0;                 // since the last success
    std::uint32_t failures_before = 0;          // while connected: counts again if the connection ends young
    base::Instant next_dial_at = long_ago;      // not before; see AddressBook
    base::Instant connected_at = base::Instant::never();  // the connection that is open; never: none
    bool is_outbound = false;                   // that connection was dialed by us
    bool is_dialing = false;
    bool is_anchor = false;
    bool has_private_only = false;              // it names nothing but private addresses, which are not dialed here

    bool is_connected() const { return connected_at != base::Instant::never(); }
    /// Not only third parties vouch for it.
    bool is_proven() const;
    /// Named by configuration: never evicted.
    bool is_protected() const;
};

/// Whom to dial first: the smaller.
struct DialRank {
    std::uint8_t level = 0;          // operator given, anchor, recently connected, seed, known, told by several, told
    std::uint32_t failures = 0;
    std::uint32_t few_tellers = 0;   // the fewer have named it, the larger
    auto operator<=>(DialRank const&) const = default;
};
DialRank dial_rank(KnownPeer const& peer, base::Instant now);
inline constexpr std::uint32_t failures_dead = 10;  // a peer that has failed so often is worth least
inline constexpr base::Duration recently = std::chrono::hours(24);

/// What it is worth to remember: the smallest goes first. Does not depend on the time.
struct Worth {
    std::uint8_t level = 0;
    std::uint8_t few_failures = 0;  // in steps, so that one failure costs nobody its place
    std::uint32_t tellers = 0;
    base::Instant told_at;
    auto operator<=>(Worth const&) const = default;
    /// More by other things than the time.
    bool is_above(Worth const& other) const;
};
Worth worth_of(KnownPeer const& peer);

/// The addresses in the order to dial: the last that succeeded first; then public before private, fewer failures first,
/// IPv6 and IPv4 in turn (RFC 8305).
std::vector<KnownAddress const*> dial_order(KnownPeer const& peer);

/// Of the first IP address in the order of learning; nullopt when it has only names.
std::optional<IpAddress> first_ip(KnownPeer const& peer);

inline constexpr std::size_t stored_addresses_max = 8;
/// As it is kept. `last_connected` of a peer that we dialed and are connected to is `now`.
StoredPeer to_stored(KnownPeer const& peer, base::Instant now);

}  // namespace libp2p::peerstore
