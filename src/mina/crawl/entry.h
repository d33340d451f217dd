// Entry: what a crawl has found out about a peer.
#pragma once

#include "base/time.h"
#include "libp2p/wire/multiaddr.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mina::crawl {

/// What a round trip was measured by.
enum class RttSource : std::uint8_t {
    none,
    ping,
    connect,  // the time until the connection was open: several round trips
};
constexpr std::string_view to_string(RttSource source) {
    switch (source) {
        case RttSource::none: return "none";
        case RttSource::ping: return "ping";
        case RttSource::connect: return "connect";
    }
    return "?";
}

/// The reason of peers that the crawl has not come to before it was stopped.
inline constexpr std::string_view not_visited = "not visited";
/// The reason of those that it was visiting.
inline constexpr std::string_view broken_off = "not asked to the end";

struct Entry {
    libp2p::PeerId peer;                      // empty: a given address behind which nobody was reached
    std::vector<libp2p::Multiaddr> addresses; // without /p2p; of one that was reached, where it was first
    bool reachable = false;                   // a connection was open, and the peer had proved who it is
    std::string reason;                       // why not, or why the rest is not complete; empty: all is well
    std::string agent;                        // what it says; any bytes
    std::vector<std::string> protocols;       // the same
    std::optional<base::Duration> round_trip;
    RttSource rtt_source = RttSource::none;
    std::vector<libp2p::PeerId> neighbours;   // whom it has named, in that order
    bool has_dht = false;                     // it announces the network's Kademlia

    bool operator==(Entry const&) const = default;
};

}  // namespace mina::crawl
