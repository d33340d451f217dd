#include "libp2p/gossipsub/seen_cache.h"

#include "base/check.h"
#include "base/reader.h"

#include <sodium.h>

namespace libp2p::gossipsub {

SeenKey SeenCache::key_of(base::ByteView id) const {
    base::ByteArray<crypto_shorthash_siphashx24_BYTES> hash{};
    crypto_shorthash_siphashx24(hash.data(), id.data(), id.size(), secret_.data());
    base::Reader reader(hash);
    SeenKey key;
    key.high = reader.u64_be();
    key.low = reader.u64_be();
    return key;
}

std::optional<MessageKey> SeenCache::find(SeenKey key) const {
    auto const at = entries_.find(key);
    if (at == entries_.end()) return std::nullopt;
    return at->second.pending;
}

void SeenCache::insert(SeenKey key, MessageKey pending, base::Instant now) {
    if (!entries_.emplace(key, Entry{pending}).second) return;
    by_age_.push_back({key, now});
    constexpr std::uint64_t odd_multiplier = 0x9e37'79b9'7f4a'7c15;
    history_ = history_ * odd_multiplier + key.low;
    if (by_age_.size() > entries_max_) drop_oldest();
    base::assume(entries_.size() >= by_age_.size(), "each age is of a seen message");
}

void SeenCache::settle(SeenKey key, MessageKey message, base::Instant now) {
    auto const at = entries_.find(key);
    if (at == entries_.end() || at->second.pending != message) return;
    auto const was_held = at->second.is_held;
    at->second = {};
    // It is forgotten as any other, but not at once: other copies may be on their way.
    if (!was_held) return;
    by_age_.push_back({key, now});
    if (by_age_.size() > entries_max_) drop_oldest();
}

void SeenCache::expire(base::Instant now) {
    while (!by_age_.empty() && by_age_.front().since + ttl_ <= now) drop_oldest();
}

void SeenCache::drop_oldest() {
    auto const at = entries_.find(by_age_.front().key);
    by_age_.pop_front();
    base::check(at != entries_.end(), "each age is of a seen message");
    if (at->second.pending) {
        at->second.is_held = true;
    } else {
        entries_.erase(at);
    }
}

}  // namespace libp2p::gossipsub
