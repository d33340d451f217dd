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
    return at->second;
}

void SeenCache::insert(SeenKey key, MessageKey pending, base::Instant now) {
    if (!entries_.emplace(key, pending).second) return;
    by_age_.push_back({key, now});
    constexpr std::uint64_t odd_multiplier = 0x9e37'79b9'7f4a'7c15;
    history_ = history_ * odd_multiplier + key.low;
    if (entries_.size() > entries_max_) drop_oldest();
    base::assume(entries_.size() == by_age_.size(), "each seen message has one age");
}

void SeenCache::settle(SeenKey key) {
    auto const at = entries_.find(key);
    if (at != entries_.end()) at->second = MessageKey{};
}

void SeenCache::expire(base::Instant now) {
    while (!by_age_.empty() && by_age_.front().since + ttl_ <= now) drop_oldest();
}

void SeenCache::drop_oldest() {
    entries_.erase(by_age_.front().key);
    by_age_.pop_front();
}

}  // namespace libp2p::gossipsub
