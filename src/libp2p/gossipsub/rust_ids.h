// mina: the message ids of Mina's Rust node. On the wire it names a message by the text of the author's peer id and,
// right behind it, the sequence number in decimal, where all others use Mina's hash; so that its gossip and theirs never
// meet. With Config::answer_rust_ids we find each message under both.
#pragma once

#include "libp2p/gossipsub/message_id.h"

#include <optional>

namespace libp2p::gossipsub {

/// The origin_id() of the message that such an id names; nullopt for any other id.
std::optional<MessageId> origin_of_rust_id(base::ByteView id);

}  // namespace libp2p::gossipsub
