#include "libp2p/gossipsub/gossipsub.h"

namespace libp2p::gossipsub {
namespace {

using base::DescribeScope;
using base::Describer;

void describe_set(Describer& to, std::string_view name, PeerSet const& peers) {
    if (peers.empty()) return;
    DescribeScope const scope(to, name);
    for (auto const peer : peers) to.field("peer", peer);
}

void describe_topic(Describer& to, std::string const& name, Topic const& topic) {
    DescribeScope const scope(to, "topic", name);
    to.field("subscribed", topic.is_subscribed);
    describe_set(to, "peers", topic.peers);
    describe_set(to, "flooded", topic.flooded);
    describe_set(to, "mesh", topic.mesh);
    describe_set(to, "fanout", topic.fanout);
    describe_set(to, "early_grafts", topic.early_grafts);
    if (!topic.fanout.empty()) to.field("fanout_until", topic.fanout_until);
    for (auto const& [peer, until] : topic.backoff) {
        DescribeScope const backoff(to, "backoff", peer.text());
        to.field("until", until);
    }
}

std::string_view to_string(Version version) {
    switch (version) {
        case Version::floodsub: return "floodsub";
        case Version::v1_0: return "1.0";
        case Version::v1_1: return "1.1";
    }
    return "?";
}

void describe_peer(Describer& to, PeerKey key, Peer const& peer) {
    DescribeScope const scope(to, "peer", std::to_string(key.value));
    to.field("id", peer.id.text());
    to.field("version", to_string(peer.version));
    to.field("connection", libp2p::to_string(peer.connection));
    to.field("added", peer.is_added);
    to.field("direct", peer.is_direct);
    to.field("unknown_topics", peer.unknown_topics);
    to.field("ihave_rpcs", peer.ihave_rpcs);
    to.field("ihave_ids", peer.ihave_ids);
    to.field("iwant_ids", peer.iwant_ids);
}

void describe_pending(Describer& to, MessageKey key, Pending const& pending) {
    DescribeScope const scope(to, "pending", std::to_string(key.value));
    to.bytes("id", pending.id);
    to.bytes("origin", pending.origin);
    to.field("topic", pending.topic);
    to.field("via", pending.via);
    to.field("bytes", pending.frame.size());
    to.field("deadline", pending.deadline);
    describe_set(to, "senders", pending.senders);
}

void describe_messages(Describer& to, State const& state) {
    to.field("seen", state.seen.size());
    to.field("seen_history", state.seen.history());
    for (auto const& [key, pending] : state.pending) describe_pending(to, key, pending);
    for (auto const& [id, message] : state.cache.messages()) {
        DescribeScope const scope(to, "cached");
        to.bytes("id", id);
        to.field("topic", message.topic);
        to.field("bytes", message.frame.size());
        for (auto const& [peer, times] : message.sent) {
            to.field("sent_to", peer);
            to.field("times", times);
        }
    }
    for (auto const& [key, promise] : state.promises) {
        DescribeScope const scope(to, "promise");
        to.field("high", key.high);
        to.field("low", key.low);
        for (auto const& [peer, deadline] : promise) {
            to.field("peer", peer);
            to.field("deadline", deadline);
        }
    }
}

void describe_counters(Describer& to, Counters const& counters) {
    DescribeScope const scope(to, "counters");
    to.field("arrived", counters.arrived);
    to.field("duplicate", counters.duplicate);
    to.field("unwanted", counters.unwanted);
    to.field("invalid", counters.invalid);
    to.field("overflowed", counters.overflowed);
    to.field("accepted", counters.accepted);
    to.field("rejected", counters.rejected);
    to.field("ignored", counters.ignored);
    to.field("timed_out", counters.timed_out);
    to.field("forwarded", counters.forwarded);
    to.field("published", counters.published);
    to.field("served", counters.served);
}

}  // namespace

void describe(State const& state, Describer& to) {
    DescribeScope const scope(to, "gossipsub");
    to.field("self", state.self.text());
    to.field("heartbeat_at", state.heartbeat_at);
    to.field("sequence_number", state.sequence_number);
    to.field("next_message", state.next_message);
    for (auto const& [name, topic] : state.topics) describe_topic(to, name, topic);
    for (auto const& [key, peer] : state.peers) describe_peer(to, key, peer);
    describe_messages(to, state);
    describe_counters(to, state.counters);
}

}  // namespace libp2p::gossipsub
