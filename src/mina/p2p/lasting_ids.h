// LastingIds: a number for each peer, or each host, that stays the same when it comes back, so that a new connection
// brings no new budget to who counts by it.
//
// Bounds: `known_max` of those that nobody uses; then the one longest unused is forgotten, and before it all that are
// unused for longer than `kept`.
#pragma once

#include "base/check.h"
#include "base/describe.h"
#include "base/time.h"
#include "libp2p/wire/address.h"

#include <map>

namespace mina::p2p {

template <class Key>
class LastingIds {
public:
    static constexpr std::size_t known_max = 4096;

    explicit LastingIds(base::Duration kept = std::chrono::minutes(6)) : kept_(kept) {}

    /// Its number, from 1 on. Each use is to be ended.
    std::uint64_t begin_use(Key const& key, base::Instant now) {
        auto& entry = known_[key];
        ++entry.users;
        if (entry.id == 0) {
            entry.id = ++last_id_;
            if (known_.size() > known_max) make_room(now);
        }
        return entry.id;
    }
    /// Requires a use that has begun.
    void end_use(Key const& key, base::Instant now) {
        auto const found = known_.find(key);
        base::check(found != known_.end() && found->second.users > 0, "lasting ids: an end without a begin");
        --found->second.users;
        found->second.left_at = now;
    }
    std::size_t size() const { return known_.size(); }

    void describe(std::string_view name, base::Describer& describer) const {
        for (auto const& [key, entry] : known_) {
            base::DescribeScope const scope(describer, name, key.text());
            describer.field("id", entry.id);
            describer.field("users", entry.users);
            describer.field("left_at", entry.left_at);
        }
    }

private:
    struct Entry {
        std::uint64_t id = 0;
        std::size_t users = 0;
        base::Instant left_at;
    };

    void make_room(base::Instant now) {
        std::erase_if(known_, [&](auto const& each) {
            return each.second.users == 0 && each.second.left_at + kept_ <= now;
        });
        if (known_.size() <= known_max) return;
        auto oldest = known_.end();
        for (auto at = known_.begin(); at != known_.end(); ++at) {
            if (at->second.users != 0) continue;
            if (oldest == known_.end() || at->second.left_at < oldest->second.left_at) oldest = at;
        }
        if (oldest != known_.end()) known_.erase(oldest);
    }

    base::Duration kept_;
    std::map<Key, Entry> known_;
    std::uint64_t last_id_ = 0;
};

/// What counts as one host: an IPv4 address, or an IPv6 network that is given to one customer. This machine counts as
/// none.
inline std::optional<libp2p::IpAddress> host_of(libp2p::IpAddress ip) {
    if (ip.is_loopback()) return std::nullopt;
    if (ip.v6) std::fill(ip.bytes.begin() + 8, ip.bytes.end(), std::uint8_t{0});
    return ip;
}

}  // namespace mina::p2p
