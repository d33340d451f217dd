// DialLimiter: how often addresses are dialed that only third parties vouch for, so that nobody can aim this node at
// somebody. It counts dials per address, per IP and per group of addresses, each within its window.
//
// Bound: dials_max dials within the longest window; at the bound nothing is permitted until the oldest has left it.
#pragma once

#include "base/describe.h"
#include "libp2p/wire/ip_range.h"

#include "base/time.h"

#include <array>
#include <deque>
#include <map>
#include <vector>

namespace libp2p::peerstore {

struct DialLimit {
    std::size_t dials_max = 1;
    base::Duration window = std::chrono::minutes(10);
};

struct DialLimits {
    DialLimit address{1, std::chrono::minutes(10)};
    DialLimit ip{4, std::chrono::minutes(10)};
    DialLimit group{8, std::chrono::minutes(1)};
    std::size_t dials_max = 1024;
};

class DialLimiter {
public:
    explicit DialLimiter(DialLimits limits = {});

    /// When the address may be dialed: now, or later.
    base::Instant permitted_at(SocketAddress const& address, base::Instant now) const;
    /// It is dialed now.
    void note(SocketAddress const& address, base::Instant now);

    void describe(base::Describer& describer) const;

private:
    static constexpr std::size_t levels = 3;
    using Key = std::pair<IpRange, std::uint16_t>;
    static std::array<Key, levels> keys_of(SocketAddress const& address);
    void prune(base::Instant now);

    DialLimits limits_;
    std::array<DialLimit, levels> level_limits_;
    std::deque<std::pair<base::Instant, SocketAddress>> dials_;                 // the oldest first
    std::array<std::map<Key, std::deque<base::Instant>>, levels> by_level_;  // the same dials
};

}  // namespace libp2p::peerstore
