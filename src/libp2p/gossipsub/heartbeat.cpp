// The heartbeat: meshes kept within their bounds, fan-outs, gossip, and what has run out.
// spec: gossipsub-v1.0#heartbeat, gossipsub-v1.1#heartbeat-maintenance
#include "libp2p/gossipsub/peer_selection.h"
#include "libp2p/gossipsub/steps.h"

#include <algorithm>

namespace libp2p::gossipsub {
namespace {

void graft_some(Step& step, std::string_view name, Topic& topic, std::size_t count, Link link) {
    for (auto const peer : choose_to_graft(step.state, topic, count, link, step.env.now, step.env.rng)) {
        graft(step, name, topic, peer);
    }
}

void maintain_mesh(Step& step, std::string_view name, Topic& topic) {
    auto const& state = step.state;
    auto const& config = state.config;
    if (topic.mesh.size() < config.mesh_low) {
        graft_some(step, name, topic, config.mesh_target - topic.mesh.size(), Link::any);
    }
    if (topic.mesh.size() > config.mesh_high) {
        for (auto const peer : choose_to_prune(state, topic, step.env.rng)) {
            prune(step, name, topic, peer, config.prune_backoff);
        }
    }
    if (topic.mesh.size() < config.mesh_low) return;
    auto const outbound = static_cast<std::size_t>(std::ranges::count_if(topic.mesh, [&](PeerKey peer) {
        return state.peers.at(peer).connection == Direction::outbound;
    }));
    // spec: gossipsub-v1.1#outbound-mesh-quotas "it selects as many needed peers to fill the quota"
    if (outbound < config.mesh_outbound_min) {
        graft_some(step, name, topic, config.mesh_outbound_min - outbound, Link::outbound);
    }
}

void maintain_fanout(Step& step, Topic& topic) {
    auto const& config = step.state.config;
    if (topic.fanout_until <= step.env.now) return topic.fanout.clear();
    if (topic.fanout.size() >= config.mesh_target) return;
    auto const missing = config.mesh_target - topic.fanout.size();
    for (auto const peer : choose_for_fanout(step.state, topic, missing, step.env.rng)) topic.fanout.insert(peer);
}

void maintain_topics(Step& step) {
    auto& state = step.state;
    std::vector<std::string_view> names;
    for (auto& [name, topic] : state.topics) {
        // With the slack that may_graft() gives.
        auto const slack = 2 * state.config.heartbeat_interval;
        std::erase_if(topic.backoff, [&](auto const& entry) { return entry.second + slack < step.env.now; });
        if (topic.is_subscribed) {
            maintain_mesh(step, name, topic);
            advertise(step, name, topic);
        } else if (!topic.fanout.empty()) {
            maintain_fanout(step, topic);
            if (!topic.fanout.empty()) advertise(step, name, topic);
        }
        names.push_back(name);
    }
    for (auto const name : names) drop_if_empty(state, name);
}

}  // namespace

void beat(Step& step) {
    auto& state = step.state;
    state.seen.expire(step.env.now);
    expire_promises(step);
    for (auto& [key, peer] : state.peers) peer.ihave_rpcs = peer.ihave_ids = peer.iwant_ids = 0;
    maintain_topics(step);
    // spec: gossipsub-v1.0#message-cache "the windows are shifted during the heartbeat procedure following gossip emission"
    state.cache.shift();
}

}  // namespace libp2p::gossipsub
