// A gossip message and the value inside: frame, tag and nonce put around it, or taken off.
#pragma once

#include "mina/messages/gossip.h"

#include <optional>

namespace mina::p2p {

/// The message that carries this value. A block has no nonce.
base::ByteString gossip_message(messages::GossipKind kind, base::ByteView value, std::int64_t nonce);

/// Where the value of a message's kind stands in it; nullopt when the message is not of the format.
struct GossipValue {
    messages::GossipKind kind = messages::GossipKind::block;
    std::size_t offset = 0;
    std::size_t size = 0;
};
std::optional<GossipValue> gossip_value(messages::Format format, base::ByteView message);

/// Where a value begins: behind frame and tag.
inline constexpr std::size_t gossip_value_offset = messages::frame_header_bytes + 1;

/// The codec of such values.
messages::RootCodec const& value_codec(messages::Format format, messages::GossipKind kind);
schema::Root const& value_root(messages::Format format, messages::GossipKind kind);

}  // namespace mina::p2p
