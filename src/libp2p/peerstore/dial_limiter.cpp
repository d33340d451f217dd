#include "libp2p/peerstore/dial_limiter.h"

#include <algorithm>

namespace libp2p::peerstore {

DialLimiter::DialLimiter(DialLimits limits)
    : limits_(limits), level_limits_{limits.address, limits.ip, limits.group} {}

std::array<DialLimiter::Key, DialLimiter::levels> DialLimiter::keys_of(SocketAddress const& address) {
    auto const ip = IpRange::of(address.ip);
    return {Key{ip, address.port}, Key{ip, 0}, Key{group_of(address.ip), 0}};
}

base::Instant DialLimiter::permitted_at(SocketAddress const& address, base::Instant now) const {
    auto at = now;
    auto const longest = std::ranges::max(level_limits_, {}, &DialLimit::window).window;
    if (dials_.size() >= limits_.dials_max) {
        if (limits_.dials_max == 0) return base::Instant::never();
        at = std::max(at, dials_[dials_.size() - limits_.dials_max].first + longest);
    }
    auto const keys = keys_of(address);
    for (std::size_t level = 0; level < levels; ++level) {
        auto const& [dials_max, window] = level_limits_[level];
        if (dials_max == 0) return base::Instant::never();
        auto const found = by_level_[level].find(keys[level]);
        if (found == by_level_[level].end() || found->second.size() < dials_max) continue;
        at = std::max(at, found->second[found->second.size() - dials_max] + window);
    }
    return at;
}

void DialLimiter::prune(base::Instant now) {
    auto const longest = std::ranges::max(level_limits_, {}, &DialLimit::window).window;
    while (!dials_.empty() && (dials_.front().first + longest <= now || dials_.size() > limits_.dials_max)) {
        auto const keys = keys_of(dials_.front().second);
        for (std::size_t level = 0; level < levels; ++level) {
            auto const found = by_level_[level].find(keys[level]);
            found->second.pop_front();
            if (found->second.empty()) by_level_[level].erase(found);
        }
        dials_.pop_front();
    }
}

void DialLimiter::note(SocketAddress const& address, base::Instant now) {
    auto const keys = keys_of(address);
    for (std::size_t level = 0; level < levels; ++level) by_level_[level][keys[level]].push_back(now);
    dials_.emplace_back(now, address);
    prune(now);
}

void DialLimiter::describe(base::Describer& describer) const {
    base::DescribeScope const scope(describer, "dial_limiter");
    for (auto const& [at, address] : dials_) {
        base::DescribeScope const dial(describer, "dial", address.text());
        describer.field("at", at);
    }
}

}  // namespace libp2p::peerstore
