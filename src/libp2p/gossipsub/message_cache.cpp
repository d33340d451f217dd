#include "libp2p/gossipsub/message_cache.h"

namespace libp2p::gossipsub {

void MessageCache::put(MessageId id, CachedMessage message) {
    auto const [at, is_new] = messages_.try_emplace(std::move(id), std::move(message));
    if (!is_new) return;
    auto& cached = at->second;
    size_bytes_ += cached.frame.size();
    by_age_.push_back({at, heartbeat_});
    // Two messages of one origin differ in their ids when an author reuses a sequence number; the first one keeps it.
    if (!cached.origin.empty() && !by_origin_.try_emplace(cached.origin, at).second) cached.origin.clear();
    while (by_age_.size() > 1 && (by_age_.size() > limits_.messages_max || size_bytes_ > limits_.bytes_max)) {
        drop_oldest();
    }
}

CachedMessage* MessageCache::find(base::ByteView id) {
    auto const at = messages_.find(id);
    return at == messages_.end() ? nullptr : &at->second;
}

CachedMessage* MessageCache::find_origin(base::ByteView origin) {
    auto const at = by_origin_.find(origin);
    return at == by_origin_.end() ? nullptr : &at->second->second;
}

std::vector<base::ByteView> MessageCache::advertised(std::string_view topic) const {
    std::vector<base::ByteView> ids;
    for (auto at = by_age_.rbegin(); at != by_age_.rend(); ++at) {
        if (at->heartbeat + limits_.heartbeats_advertised <= heartbeat_) break;
        if (at->message->second.topic == topic) ids.emplace_back(at->message->first);
    }
    return ids;
}

void MessageCache::shift() {
    ++heartbeat_;
    while (!by_age_.empty() && by_age_.front().heartbeat + limits_.heartbeats_kept <= heartbeat_) drop_oldest();
}

void MessageCache::drop_oldest() {
    auto const message = by_age_.front().message;
    by_age_.pop_front();
    size_bytes_ -= message->second.frame.size();
    if (!message->second.origin.empty()) by_origin_.erase(message->second.origin);
    messages_.erase(message);
}

}  // namespace libp2p::gossipsub
