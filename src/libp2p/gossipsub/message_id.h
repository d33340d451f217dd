// What names a message in IHAVE and IWANT and tells a duplicate. All peers of a topic must compute it alike.
// spec: pubsub#message-identification
#pragma once

#include "base/bytes.h"

namespace libp2p::gossipsub {

using MessageId = base::ByteString;

/// What an id may be computed from; views of the message. `from` and `sequence_number` are empty with StrictNoSign.
struct MessageParts {
    base::ByteView from;
    base::ByteView sequence_number;
    base::ByteView data;
    std::string_view topic;
};
/// A pure function.
using MessageIdFunction = MessageId (*)(MessageParts const& message);

/// The default of libp2p: author, then sequence number. spec: "the string concatenation of the from and seqno fields"
MessageId origin_id(MessageParts const& message);

/// BLAKE2b-256 of the data, keyed with the topic; a topic of over 64 bytes is hashed to 32 first.
MessageId topic_keyed_hash_id(MessageParts const& message);  // mina:

}  // namespace libp2p::gossipsub
