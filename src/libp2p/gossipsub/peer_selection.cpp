#include "libp2p/gossipsub/peer_selection.h"

#include "base/check.h"

#include <algorithm>

namespace libp2p::gossipsub {
namespace {

Peer const* find_peer(State const& state, PeerKey peer) {
    auto const at = state.peers.find(peer);
    return at == state.peers.end() ? nullptr : &at->second;
}

bool is_outbound(State const& state, PeerKey peer) {
    auto const* known = find_peer(state, peer);
    return known != nullptr && known->connection == Direction::outbound;
}

/// Open, speaking GossipSub, and not direct: what meshes, fan-outs and gossip are made of.
bool is_ordinary(Peer const& peer) { return peer.is_added && !peer.is_direct && peer.version != Version::floodsub; }

std::vector<PeerKey> take_random(std::vector<PeerKey> from, std::size_t count, base::Rng& rng) {
    if (from.size() <= count) return from;
    rng.shuffle(from);
    from.resize(count);
    std::ranges::sort(from);
    return from;
}

std::vector<PeerKey> ordinary_outside(State const& state, Topic const& topic) {
    std::vector<PeerKey> found;
    for (auto const peer : topic.peers) {
        if (topic.mesh.contains(peer) || topic.fanout.contains(peer)) continue;
        auto const* known = find_peer(state, peer);
        if (known != nullptr && is_ordinary(*known)) found.push_back(peer);
    }
    return found;
}

}  // namespace

bool may_graft(State const& state, Topic const& topic, PeerKey peer, base::Instant now) {
    auto const* known = find_peer(state, peer);
    if (known == nullptr || !is_ordinary(*known) || topic.mesh.contains(peer)) return false;
    auto const backoff = topic.backoff.find(known->id);
    if (backoff == topic.backoff.end()) return true;
    // spec: gossipsub-v1.1#prune-backoff "plus some slack to account for the offset until the next heartbeat"
    return backoff->second + 2 * state.config.heartbeat_interval < now;
}

std::vector<PeerKey> choose_to_graft(State const& state, Topic const& topic, std::size_t count, Link link,
                                     base::Instant now, base::Rng& rng) {
    std::vector<PeerKey> found;
    for (auto const peer : topic.peers) {
        if (link == Link::outbound && !is_outbound(state, peer)) continue;
        if (may_graft(state, topic, peer, now)) found.push_back(peer);
    }
    return take_random(std::move(found), count, rng);
}

std::vector<PeerKey> choose_to_prune(State const& state, Topic const& topic, base::Rng& rng) {
    std::vector<PeerKey> members(topic.mesh.begin(), topic.mesh.end());
    auto const target = state.config.mesh_target;
    if (members.size() <= target) return {};
    rng.shuffle(members);
    // spec: gossipsub-v1.1#outbound-mesh-quotas "it selects survivor peers under the constraint that at least D_out peers
    // are outbound connections": so many of them go to the front, where the survivors are.
    std::size_t kept = 0;
    for (std::size_t i = 0; i < members.size() && kept < state.config.mesh_outbound_min; ++i) {
        if (is_outbound(state, members[i])) std::swap(members[kept++], members[i]);
    }
    std::vector<PeerKey> excess(members.begin() + static_cast<std::ptrdiff_t>(target), members.end());
    std::ranges::sort(excess);
    return excess;
}

std::vector<PeerKey> choose_for_fanout(State const& state, Topic const& topic, std::size_t count, base::Rng& rng) {
    return take_random(ordinary_outside(state, topic), count, rng);
}

std::vector<PeerKey> choose_for_gossip(State const& state, Topic const& topic, base::Rng& rng) {
    auto candidates = ordinary_outside(state, topic);
    // spec: gossipsub-v1.1#adaptive-gossip-dissemination
    auto const& factor = state.config.gossip_factor;
    auto const share = candidates.size() * factor.numerator / std::max<std::size_t>(factor.denominator, 1);
    return take_random(std::move(candidates), std::max(share, state.config.gossip_peers_min), rng);
}

GraftAnswer answer_graft(State const& state, Topic const& topic, PeerKey peer, base::Instant now) {
    auto const* known = find_peer(state, peer);
    base::check(known != nullptr && known->is_added, "a GRAFT is answered when the peer's stream is open");
    if (topic.mesh.contains(peer)) return GraftAnswer::already_in_mesh;
    // spec: gossipsub-v1.1#explicit-peering-agreements "It is an error to GRAFT on an explicit peer"
    if (known->is_direct) return GraftAnswer::refuse_direct;
    auto const backoff = topic.backoff.find(known->id);
    if (backoff != topic.backoff.end() && now < backoff->second) return GraftAnswer::refuse_in_backoff;
    // spec: gossipsub-v1.1#outbound-mesh-quotas "it only accepts the new peer in the mesh if it is an outbound connection"
    if (topic.mesh.size() >= state.config.mesh_high && known->connection == Direction::inbound) {
        return GraftAnswer::refuse_mesh_full;
    }
    return GraftAnswer::accept;
}

std::size_t ihave_ids_left(Config const& config, Peer const& peer) {
    if (peer.ihave_rpcs > config.ihave_rpcs_max || peer.ihave_ids >= config.ihave_ids_max) return 0;
    return config.ihave_ids_max - peer.ihave_ids;
}

std::size_t iwant_ids_left(Config const& config, Peer const& peer) {
    return peer.iwant_ids >= config.iwant_ids_max ? 0 : config.iwant_ids_max - peer.iwant_ids;
}

}  // namespace libp2p::gossipsub
