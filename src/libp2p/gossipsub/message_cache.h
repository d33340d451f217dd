// MessageCache: accepted messages of the last heartbeats, for IWANT and for the gossip that advertises them.
// spec: gossipsub-v1.0#message-cache
#pragma once

#include "base/flat_map.h"
#include "base/shared_bytes.h"
#include "libp2p/gossipsub/message_id.h"
#include "libp2p/wire/stream.h"

#include <deque>
#include <map>

namespace libp2p::gossipsub {

struct CachedMessage {
    std::string topic;
    base::SharedBytes frame;                    // length prefix and RPC
    MessageId origin;                           // author and sequence number; empty unless it is indexed
    base::FlatMap<PeerKey, std::uint8_t> sent;  // times by peer, in answer to its IWANT
};

struct BytesLess {
    using is_transparent = void;
    bool operator()(base::ByteView a, base::ByteView b) const { return base::as_text(a) < base::as_text(b); }
};

struct MessageCacheLimits {
    std::uint64_t heartbeats_kept = 5;
    std::uint64_t heartbeats_advertised = 3;
    std::size_t messages_max = 8'192;          // beyond: the oldest goes
    std::size_t bytes_max = 64 * 1024 * 1024;  // likewise; the newest message stays whatever its size
};

class MessageCache {
public:
    using Map = std::map<MessageId, CachedMessage, BytesLess>;

    explicit MessageCache(MessageCacheLimits const& limits) : limits_(limits) {}
    MessageCache(MessageCache&&) noexcept = default;
    MessageCache& operator=(MessageCache&&) noexcept = default;

    /// Does nothing when the id is there. A message with an `origin` is found by it too.
    void put(MessageId id, CachedMessage message);
    /// Null when it is not kept. Valid until the next put() or shift().
    CachedMessage* find(base::ByteView id);
    CachedMessage* find_origin(base::ByteView origin);

    /// The ids to advertise in this topic, newest first.
    std::vector<base::ByteView> advertised(std::string_view topic) const;
    /// A heartbeat has passed.
    void shift();

    Map const& messages() const { return messages_; }
    std::size_t size_bytes() const { return size_bytes_; }

private:
    struct Aged {
        Map::iterator message;
        std::uint64_t heartbeat = 0;
    };
    void drop_oldest();
    MessageCacheLimits limits_;
    std::uint64_t heartbeat_ = 0;
    std::size_t size_bytes_ = 0;
    Map messages_;
    std::map<MessageId, Map::iterator, BytesLess> by_origin_;
    std::deque<Aged> by_age_;
};

}  // namespace libp2p::gossipsub
