#include "node/gossip_value.h"

#include "base/check.h"

namespace mina::p2p {

base::ByteString gossip_message(messages::GossipKind kind, base::ByteView value, std::int64_t nonce) {
    auto const has_nonce = kind != messages::GossipKind::block;
    binprot::Writer counting({});
    if (has_nonce) counting.put_integer(nonce);
    auto const size = 1 + value.size() + counting.size();
    base::ByteString message(messages::frame_header_bytes + size);
    binprot::Writer writer(message);
    writer.put_little_endian(size, messages::frame_header_bytes);
    writer.put_byte(static_cast<std::uint8_t>(kind));
    writer.put(value);
    if (has_nonce) writer.put_integer(nonce);
    return message;
}

schema::Root const& value_root(messages::Format format, messages::GossipKind kind) {
    constexpr std::string_view aliases[] = {"block", "snark-pool-diff", "transaction-pool-diff"};
    auto const* const root =
        schema::find_root(messages::schema_of(format), aliases[static_cast<std::size_t>(kind)]);
    base::check(root != nullptr, "node: every format has the values of gossip as roots");
    return *root;
}

messages::RootCodec const& value_codec(messages::Format format, messages::GossipKind kind) {
    auto const* const codec = messages::codec_of(format, value_root(format, kind));
    base::check(codec != nullptr, "node: whole messages have codecs");
    return *codec;
}

std::optional<GossipValue> gossip_value(messages::Format format, base::ByteView message) {
    if (message.size() < gossip_value_offset) return std::nullopt;
    auto const tag = message[messages::frame_header_bytes];
    if (tag > static_cast<std::uint8_t>(messages::GossipKind::transactions)) return std::nullopt;
    GossipValue value{static_cast<messages::GossipKind>(tag), gossip_value_offset, 0};
    binprot::Reader reader(message.subspan(gossip_value_offset));
    if (!value_codec(format, value.kind).validate(reader)) return std::nullopt;
    value.size = reader.offset();
    return value;
}

}  // namespace mina::p2p
