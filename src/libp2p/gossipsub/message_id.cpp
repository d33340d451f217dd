#include "libp2p/gossipsub/message_id.h"

#include "crypto/hash.h"

namespace libp2p::gossipsub {

MessageId origin_id(MessageParts const& message) {
    MessageId id;
    id.reserve(message.from.size() + message.sequence_number.size());
    base::append(id, message.from);
    base::append(id, message.sequence_number);
    return id;
}

MessageId topic_keyed_hash_id(MessageParts const& message) {
    constexpr std::size_t blake2b_key_bytes_max = 64;
    auto const topic = base::as_bytes(message.topic);
    if (topic.size() <= blake2b_key_bytes_max) return base::to_byte_string(crypto::blake2b_256(message.data, topic));
    return base::to_byte_string(crypto::blake2b_256(message.data, crypto::blake2b_256(topic)));
}

}  // namespace libp2p::gossipsub
