// SeenCache: which messages have come before, by a keyed 128-bit hash of their ids. Bounded in time and in number: at
// the bound the oldest entry goes. One whose message awaits its verdict never goes: else a flood of small messages
// would make the next copy of a block look new. Such entries may come on top of the bound; there are at most two of
// each message pending, and those are bounded elsewhere. The hash key is a secret of the node, so that nobody can aim
// at a bucket or make one message look like another. It is looked up, never walked.
#pragma once

#include "base/time.h"
#include "libp2p/gossipsub/gossipsub_actions.h"

#include <deque>
#include <optional>
#include <unordered_map>

namespace libp2p::gossipsub {

struct SeenKey {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(SeenKey const&) const = default;
};

class SeenCache {
public:
    SeenCache(base::Duration ttl, std::size_t entries_max) : ttl_(ttl), entries_max_(entries_max) {}

    /// To be called once, before key_of().
    void set_secret(base::ByteArray<16> const& secret) { secret_ = secret; }
    SeenKey key_of(base::ByteView id) const;

    /// The message under this key and, while its verdict is pending, its MessageKey; else 0. nullopt: not seen.
    std::optional<MessageKey> find(SeenKey key) const;
    bool contains(SeenKey key) const { return entries_.contains(key); }
    /// Does nothing when it is there.
    void insert(SeenKey key, MessageKey pending, base::Instant now);
    /// The verdict on the message has come. Does nothing when the entry is another message's.
    void settle(SeenKey key, MessageKey message, base::Instant now);
    void expire(base::Instant now);

    std::size_t size() const { return entries_.size(); }
    /// A number that depends on every insertion so far and on their order: the cache's share of a state digest.
    std::uint64_t history() const { return history_; }

private:
    struct Hash {
        std::size_t operator()(SeenKey key) const noexcept { return key.low; }
    };
    struct Entry {
        MessageKey pending;    // 0 when there is a verdict
        bool is_held = false;  // pending when its turn to go came: not among those by age until its verdict
    };
    struct Aged {
        SeenKey key;
        base::Instant since;
    };
    void drop_oldest();
    base::Duration ttl_;
    std::size_t entries_max_;
    base::ByteArray<16> secret_{};
    std::uint64_t history_ = 0;
    std::unordered_map<SeenKey, Entry, Hash> entries_;
    std::deque<Aged> by_age_;
};

}  // namespace libp2p::gossipsub
