// Peers come and go, and they and we enter and leave topics.
#include "libp2p/gossipsub/peer_selection.h"
#include "libp2p/gossipsub/steps.h"

#include "base/check.h"

namespace libp2p::gossipsub {
namespace {

bool is_empty(Topic const& topic) {
    return !topic.is_subscribed && topic.peers.empty() && topic.fanout.empty() && topic.backoff.empty();
}

/// Takes the peer out of all that needs our stream to it; it stays in the topic.
void unlink(Topic& topic, PeerKey peer) {
    topic.mesh.erase(peer);
    topic.fanout.erase(peer);
    topic.flooded.erase(peer);
    topic.early_grafts.erase(peer);
}

void flood_if_meshless(Topic& topic, PeerKey key, Peer const& peer) {
    if (peer.is_added && (peer.is_direct || peer.version == Version::floodsub)) topic.flooded.insert(key);
}

void drop_subscription(Step& step, PeerKey peer, std::string_view name) {
    auto& state = step.state;
    auto const at = state.topics.find(name);
    if (at == state.topics.end() || !at->second.peers.erase(peer)) return;
    unlink(at->second, peer);
    if (!is_known_topic(state, name)) --state.peers.at(peer).unknown_topics;
    step.out.events.emplace_back(TopicChanged{peer, std::string(name), false});
    if (is_empty(at->second)) state.topics.erase(at);
}

std::size_t own_topics(State const& state) {
    auto const is_own = [](auto const& entry) { return entry.second.is_subscribed || !entry.second.fanout.empty(); };
    return static_cast<std::size_t>(std::ranges::count_if(state.topics, is_own));
}

/// The topic has become known, or unknown, by our own subscription: that changes whose bound its peers count on.
void recount(State& state, std::string_view name, Topic const& topic, bool is_known) {
    if (state.config.topics.contains(name)) return;
    for (auto const peer : topic.peers) {
        auto& count = state.peers.at(peer).unknown_topics;
        base::check(!is_known || count > 0, "an unknown topic was counted");
        count = is_known ? count - 1 : count + 1;
    }
}

}  // namespace

bool is_known_topic(State const& state, std::string_view name) {
    if (state.config.topics.contains(name)) return true;
    auto const at = state.topics.find(name);
    return at != state.topics.end() && at->second.is_subscribed;
}

void drop_if_empty(State& state, std::string_view name) {
    auto const at = state.topics.find(name);
    if (at != state.topics.end() && is_empty(at->second)) state.topics.erase(at);
}

bool note_subscription(Step& step, PeerKey key, std::string_view name) {
    auto& state = step.state;
    auto& peer = state.peers.at(key);
    auto at = state.topics.find(name);
    if (at != state.topics.end() && at->second.peers.contains(key)) return true;
    if (!is_known_topic(state, name)) {
        if (peer.unknown_topics >= state.config.unknown_topics_per_peer_max) return false;
        ++peer.unknown_topics;
    }
    if (at == state.topics.end()) at = state.topics.try_emplace(std::string(name)).first;
    at->second.peers.insert(key);
    flood_if_meshless(at->second, key, peer);
    step.out.events.emplace_back(TopicChanged{key, std::string(name), true});
    return true;
}

void on_subscription_parts(Step& step, PeerKey peer, std::vector<SubscriptionPart> const& parts) {
    bool too_many = parts.size() > subscriptions_per_rpc_max;
    for (std::size_t i = 0; i < std::min(parts.size(), subscriptions_per_rpc_max); ++i) {
        auto const& part = parts[i];
        if (part.topic.size() > topic_bytes_max) {
            step.trace("topic_name_too_long", peer.value, part.topic.size());
        } else if (!part.subscribe) {
            drop_subscription(step, peer, part.topic);
        } else if (!note_subscription(step, peer, part.topic)) {
            too_many = true;
        } else {
            auto const at = step.state.topics.find(part.topic);
            graft_if_room(step, at->first, at->second, peer);
        }
    }
    if (too_many) step.report(peer, Misbehaviour::too_many_subscriptions);
}

void on_peer_added(Step& step, PeerAdded const& added) {
    auto& state = step.state;
    auto const is_new = !state.peers.contains(added.peer);
    if (is_new && state.peers.size() >= state.config.peers_max) return step.trace("too_many_peers", added.peer.value);
    auto& peer = state.peers[added.peer];
    peer.id = added.id;
    peer.version = added.version;
    peer.connection = added.connection;
    peer.is_direct = state.config.direct_peers.contains(added.id);
    auto const is_again = std::exchange(peer.is_added, true);

    for (auto& [name, topic] : state.topics) {
        auto const wants_mesh = topic.early_grafts.contains(added.peer);
        // On a new stream in place of an old one the peer has forgotten the mesh.
        if (is_again || wants_mesh) unlink(topic, added.peer);
        if (topic.peers.contains(added.peer)) flood_if_meshless(topic, added.peer, peer);
        if (!topic.is_subscribed) continue;
        step.outbox.add_subscription(added.peer, name, true);
        if (wants_mesh && peer.version != Version::floodsub) on_graft(step, name, topic, added.peer);
        if (topic.peers.contains(added.peer)) graft_if_room(step, name, topic, added.peer);
    }
}

void on_peer_removed(Step& step, PeerRemoved const& removed) {
    auto& state = step.state;
    if (state.peers.erase(removed.peer) == 0) return;
    for (auto at = state.topics.begin(); at != state.topics.end();) {
        at->second.peers.erase(removed.peer);
        unlink(at->second, removed.peer);
        // An empty topic is dropped at once, not when it is next looked at (CVE-2026-46679).
        at = is_empty(at->second) ? state.topics.erase(at) : std::next(at);
    }
    for (auto at = state.promises.begin(); at != state.promises.end();) {
        at->second.erase(removed.peer);
        at = at->second.empty() ? state.promises.erase(at) : std::next(at);
    }
}

void on_subscribe(Step& step, Subscribe const& subscribe) {
    auto& state = step.state;
    auto const& name = subscribe.topic;
    if (name.size() > topic_bytes_max) return step.trace("topic_name_too_long", 0, name.size());
    auto at = state.topics.find(name);
    if (at != state.topics.end() && at->second.is_subscribed) return;
    if (own_topics(state) >= state.config.topics_max) return step.trace("too_many_topics");
    if (at == state.topics.end()) at = state.topics.try_emplace(name).first;
    auto& topic = at->second;
    recount(state, name, topic, true);
    topic.is_subscribed = true;
    for (auto const& [key, peer] : state.peers) step.outbox.add_subscription(key, name, true);

    // spec: gossipsub-v1.0#topic-membership "the router will move those peers from the fanout map to mesh[topic]"
    auto const former_fanout = std::exchange(topic.fanout, {});
    for (auto const peer : former_fanout) graft_if_room(step, name, topic, peer);
    auto const room = state.config.mesh_target - std::min(topic.mesh.size(), state.config.mesh_target);
    for (auto const peer : choose_to_graft(state, topic, room, Link::any, step.env.now, step.env.rng)) {
        graft(step, name, topic, peer);
    }
}

void on_unsubscribe(Step& step, Unsubscribe const& unsubscribe) {
    auto& state = step.state;
    auto const at = state.topics.find(unsubscribe.topic);
    if (at == state.topics.end() || !at->second.is_subscribed) return;
    auto& topic = at->second;
    for (auto const& [key, peer] : state.peers) step.outbox.add_subscription(key, at->first, false);
    auto const members = topic.mesh;
    for (auto const peer : members) prune(step, at->first, topic, peer, state.config.unsubscribe_backoff);
    topic.early_grafts.clear();
    topic.is_subscribed = false;
    recount(state, at->first, topic, false);
    drop_if_empty(state, unsubscribe.topic);
}

}  // namespace libp2p::gossipsub
