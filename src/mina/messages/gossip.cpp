#include "mina/messages/gossip.h"

#include "base/check.h"

namespace mina::messages {

std::string_view to_string(GossipKind kind) {
    switch (kind) {
        case GossipKind::block: return "block";
        case GossipKind::snark_work: return "snark-work";
        case GossipKind::transactions: return "transactions";
    }
    return "";
}

base::Result<base::ByteView, binprot::Error> unframed(base::ByteView message) {
    if (message.size() < frame_header_bytes) return base::fail(binprot::Error{0, binprot::Reason::truncated});
    auto const value = message.subspan(frame_header_bytes);
    if (binprot::load_little_endian<std::uint64_t>(message.data()) != value.size()) {
        return base::fail(binprot::Error{0, binprot::Reason::bad_frame_length});
    }
    return value;
}

base::ByteString framed(base::ByteView message) {
    base::ByteString all(frame_header_bytes + message.size());
    binprot::Writer writer(all);
    writer.put_little_endian(message.size(), frame_header_bytes);
    writer.put(message);
    return all;
}

base::Result<GossipKind, binprot::Error> validate_gossip(Format format, base::ByteView payload) {
    TRY(auto const value, unframed(payload));
    auto const* const root = schema::find_root(schema_of(format), "gossip");
    auto const* const codec = root == nullptr ? nullptr : codec_of(format, *root);
    base::check(codec != nullptr, "messages: every format has the root 'gossip'");
    if (auto const valid = validate(*codec, value); !valid) {
        return base::fail(binprot::Error{frame_header_bytes + valid.error().offset, valid.error().reason});
    }
    return static_cast<GossipKind>(value.front());
}

}  // namespace mina::messages
