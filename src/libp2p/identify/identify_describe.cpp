#include "libp2p/identify/identify.h"

namespace libp2p::identify {
namespace {

void describe(Info const& info, base::Describer& to) {
    base::DescribeScope const scope(to, "info");
    to.field("agent", info.agent);
    to.field("protocol_version", info.protocol_version);
    for (auto const& protocol : info.protocols) to.bytes("protocol", base::as_bytes(protocol));
    for (auto const& address : info.listen_addresses) to.bytes("listen_address", address.bytes());
    to.bytes("observed", info.observed.bytes());
}

void describe(Self const& self, base::Describer& to) {
    base::DescribeScope const scope(to, "self");
    to.bytes("public_key", self.public_key);
    for (auto const& address : self.listen_addresses) to.bytes("listen_address", address.bytes());
    for (auto const& protocol : self.protocols) to.bytes("protocol", base::as_bytes(protocol));
    to.field("protocol_version", self.protocol_version);
    to.field("agent", self.agent);
}

void describe(PeerKey key, Peer const& peer, base::Describer& to) {
    base::DescribeScope const scope(to, "peer", std::to_string(key.value));
    to.bytes("id", peer.id.bytes());
    to.bytes("remote", peer.remote.bytes());
    to.field("query", to_string(peer.query));
    to.field("query_channel", peer.query_channel);
    to.field("query_unanswered", peer.query_unanswered);
    to.field("push_unanswered", peer.push_unanswered);
    to.field("push_due", peer.push_due);
    to.field("refuses_push", peer.refuses_push);
    to.field("push_not_before", peer.push_not_before);
    to.field("reads", peer.reads);
    to.field("answers", peer.answers);
    to.field("sends", peer.sends);
    to.field("push_window", peer.push_window);
    to.field("pushes_seen", peer.pushes_seen);
    to.field("pushes_dropped", peer.pushes_dropped);
    describe(peer.info, to);
}

void describe(ChannelId id, Channel const& channel, base::Describer& to) {
    base::DescribeScope const scope(to, "channel", std::to_string(id.value));
    to.field("peer", channel.peer);
    to.field("role", to_string(channel.role));
    to.field("messages", channel.messages);
    to.field("held_bytes", channel.buffer.held_bytes());
}

}  // namespace

void describe(State const& state, base::Describer& describer) {
    base::DescribeScope const scope(describer, "identify");
    describe(state.self, describer);
    for (auto const& [key, peer] : state.peers) describe(key, peer, describer);
    for (auto const& [id, channel] : state.channels) describe(id, channel, describer);
    describer.field("next_deadline", next_deadline(state));
}

}  // namespace libp2p::identify
