// DialWatch: how often each node dials each address, and whether that is more than its limits allow.
//
// What may dial: discovery, whose back-off of a peer that it knows well begins at a second and doubles (eight dials in
// a minute at the most, twelve in ten), or which dials on hearsay once in ten minutes; and the lookups of Kademlia, not
// again for five minutes after a failure (two in ten minutes). A connection that ends young, as of a full peer, counts
// as a failure. A lookup's connection that succeeds lasts half a minute: two dials a minute at the most.
#pragma once

#include "libp2p/wire/address.h"
#include "sim/node.h"

#include <deque>

namespace sim::discovery {

class DialWatch {
public:
    static constexpr std::size_t dials_a_minute_max = 10;
    static constexpr std::size_t dials_in_ten_minutes_max = 24;

    /// False when it is one too many.
    bool note(NodeIndex node, libp2p::SocketAddress const& to, base::Instant now) {
        auto& dials = dials_[{node, to}];
        dials.push_back(now);
        while (now - dials.front() > std::chrono::minutes(10)) dials.pop_front();
        std::size_t last_minute = 0;
        for (auto const at : dials) last_minute += now - at <= std::chrono::minutes(1) ? 1U : 0U;
        minute_max_ = std::max(minute_max_, last_minute);
        ++total_;
        return last_minute <= dials_a_minute_max && dials.size() <= dials_in_ten_minutes_max;
    }
    std::size_t minute_max() const { return minute_max_; }
    std::uint64_t total() const { return total_; }

private:
    std::map<std::pair<NodeIndex, libp2p::SocketAddress>, std::deque<base::Instant>> dials_;
    std::size_t minute_max_ = 0;
    std::uint64_t total_ = 0;
};

}  // namespace sim::discovery
