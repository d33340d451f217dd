// GRAFT, PRUNE and backoff. spec: gossipsub-v1.0#control-messages, gossipsub-v1.1#prune-backoff-and-peer-exchange
#include "libp2p/gossipsub/peer_selection.h"
#include "libp2p/gossipsub/steps.h"

#include <algorithm>

namespace libp2p::gossipsub {

void graft(Step& step, std::string_view name, Topic& topic, PeerKey peer) {
    topic.mesh.insert(peer);
    step.outbox.add_graft(peer, name);
}

void prune(Step& step, std::string_view name, Topic& topic, PeerKey peer, base::Duration backoff) {
    topic.mesh.erase(peer);
    set_backoff(step.state, topic, step.state.peers.at(peer).id, step.env.now + backoff);
    step.outbox.add_prune(peer, name, backoff);
}

void set_backoff(State const& state, Topic& topic, PeerId const& peer, base::Instant until) {
    auto const at = topic.backoff.find(peer);
    if (at != topic.backoff.end()) {
        at->second = std::max(at->second, until);
        return;
    }
    if (state.config.direct_peers.contains(peer)) return;  // it is never in a mesh
    if (topic.backoff.size() >= backoffs_per_topic_max) {
        auto const ends_sooner = [](auto const& a, auto const& b) { return a.second < b.second; };
        topic.backoff.erase(std::ranges::min_element(topic.backoff, ends_sooner));
    }
    topic.backoff.emplace(peer, until);
}

void graft_if_room(Step& step, std::string_view name, Topic& topic, PeerKey peer) {
    if (!topic.is_subscribed || topic.mesh.size() >= step.state.config.mesh_target) return;
    if (may_graft(step.state, topic, peer, step.env.now)) graft(step, name, topic, peer);
}

void on_graft(Step& step, std::string_view name, Topic& topic, PeerKey peer) {
    auto const& state = step.state;
    auto const backoff = state.config.prune_backoff;
    auto const& id = state.peers.at(peer).id;
    switch (answer_graft(state, topic, peer, step.env.now)) {
        case GraftAnswer::already_in_mesh:
            return;
        case GraftAnswer::accept:
            // A GRAFT without a SUBSCRIBE before it says as much.
            if (note_subscription(step, peer, name)) topic.mesh.insert(peer);
            return;
        case GraftAnswer::refuse_direct:
            return step.outbox.add_prune(peer, name, backoff);
        case GraftAnswer::refuse_in_backoff: {
            // Refused calmly: Mina's Rust node knows no backoff and grafts whenever it likes.
            auto const too_soon_until = topic.backoff.at(id) + (state.config.graft_flood_threshold - backoff);
            step.report(peer, Misbehaviour::graft_in_backoff);
            if (step.env.now < too_soon_until) step.report(peer, Misbehaviour::graft_in_backoff);
            // spec: "will immediately prune a GRAFT within the backoff period and extend it"
            return prune(step, name, topic, peer, backoff);
        }
        case GraftAnswer::refuse_mesh_full:
            return prune(step, name, topic, peer, backoff);
    }
}

void on_graft_parts(Step& step, PeerKey key, std::vector<std::string_view> const& names) {
    auto& state = step.state;
    auto const& peer = state.peers.at(key);
    std::vector<Topic const*> answered;  // one answer for each topic, however often an RPC names it
    for (auto const name : names) {
        auto const at = state.topics.find(name);
        // spec: gossipsub-v1.1#spam-protection-measures "GRAFT messages for unknown topics are ignored"
        if (at == state.topics.end() || !at->second.is_subscribed) continue;
        if (std::ranges::find(answered, &at->second) != answered.end()) continue;
        answered.push_back(&at->second);
        if (!peer.is_added) {
            if (note_subscription(step, key, name)) at->second.early_grafts.insert(key);
        } else if (peer.version != Version::floodsub) {
            on_graft(step, at->first, at->second, key);
        }
    }
}

void on_prune_parts(Step& step, PeerKey key, std::vector<PrunePart> const& parts) {
    auto& state = step.state;
    auto const& peer = state.peers.at(key);
    for (auto const& part : parts) {
        auto const at = state.topics.find(part.topic);
        if (at == state.topics.end() || !at->second.is_subscribed) continue;
        at->second.early_grafts.erase(key);
        if (!peer.is_added) continue;
        at->second.mesh.erase(key);
        auto const asked = base::seconds_capped(part.backoff_seconds, backoff_asked_max);
        auto const backoff = part.backoff_seconds > 0 ? asked : state.config.prune_backoff;
        set_backoff(state, at->second, peer.id, step.env.now + backoff);
    }
}

}  // namespace libp2p::gossipsub
