// Our own messages.
#include "libp2p/gossipsub/message_signing.h"
#include "libp2p/gossipsub/peer_selection.h"
#include "libp2p/gossipsub/steps.h"

#include "base/writer.h"

namespace libp2p::gossipsub {
namespace {

/// The fan-out of a topic we are not subscribed to, chosen when it is first needed.
/// spec: gossipsub-v1.0#message-processing
std::vector<PeerKey> fanout_of(Step& step, Topic& topic) {
    auto& state = step.state;
    auto const& config = state.config;
    topic.fanout_until = step.env.now + config.fanout_ttl;
    if (!topic.fanout.empty()) return {topic.fanout.begin(), topic.fanout.end()};
    auto const chosen = choose_for_fanout(state, topic, config.mesh_target, step.env.rng);
    auto const in_use = [](auto const& entry) { return entry.second.is_subscribed || !entry.second.fanout.empty(); };
    if (static_cast<std::size_t>(std::ranges::count_if(state.topics, in_use)) < config.topics_max) {
        for (auto const peer : chosen) topic.fanout.insert(peer);
    }
    return chosen;
}

PeerSet receivers_of(Step& step, std::string_view name) {
    auto& state = step.state;
    PeerSet receivers;
    auto const at = state.topics.find(name);
    if (at == state.topics.end()) return receivers;
    auto& topic = at->second;
    if (state.config.flood_publish) return topic.peers;
    receivers = topic.flooded;
    if (!topic.is_subscribed) {
        for (auto const peer : fanout_of(step, topic)) receivers.insert(peer);
        return receivers;
    }
    for (auto const peer : topic.mesh) receivers.insert(peer);
    if (topic.mesh.size() >= state.config.mesh_low) return receivers;
    // A mesh in the making, or cut off by backoff, is no reason to keep a new message to few.
    auto const missing = state.config.mesh_target - topic.mesh.size();
    for (auto const peer : choose_for_fanout(state, topic, missing, step.env.rng)) receivers.insert(peer);
    return receivers;
}

}  // namespace

void on_publish(Step& step, Publish const& publish) {
    auto& state = step.state;
    auto const& config = state.config;
    auto const refuse = [&](PublishError error) {
        step.out.events.emplace_back(NotPublished{publish.request, error});
    };
    auto const is_signed = config.signing == SigningPolicy::strict_sign;
    if (is_signed && !config.key) return refuse(PublishError::signing_needs_key);
    if (publish.topic.size() > topic_bytes_max || publish.data.size() > config.message_bytes_max) {
        return refuse(PublishError::too_large);
    }
    base::ByteString sequence_number;
    if (is_signed) base::append_u64_be(sequence_number, state.sequence_number);
    MessageParts const parts{state.self.bytes(), sequence_number, publish.data.view(), publish.topic};
    auto id = config.message_id(is_signed ? parts : MessageParts{{}, {}, parts.data, parts.topic});
    auto const seen = state.seen.key_of(id);
    if (state.seen.contains(seen)) return refuse(PublishError::duplicate);
    auto const message = write_message(state, publish.topic, publish.data.view(), sequence_number);
    if (message_rpc_size(message.size()) > config.rpc_bytes_max) return refuse(PublishError::too_large);

    state.seen.insert(seen, {}, step.env.now);
    auto origin = config.answer_rust_ids && is_signed ? origin_id(parts) : MessageId{};
    if (origin == id) origin.clear();
    if (!origin.empty()) state.seen.insert(state.seen.key_of(origin), {}, step.env.now);
    if (is_signed) ++state.sequence_number;

    auto const frame = frame_message(message);
    Published published{publish.request, id, {}};
    for (auto const peer : receivers_of(step, publish.topic)) {
        if (step.outbox.add_message(peer, frame)) published.peers.push_back(peer);
    }
    state.cache.put(std::move(id), {publish.topic, frame, std::move(origin), {}});
    ++state.counters.published;
    step.out.events.emplace_back(std::move(published));
}

}  // namespace libp2p::gossipsub
