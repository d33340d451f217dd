#include "libp2p/gossipsub/outbox.h"

#include "libp2p/gossipsub/rpc_codec.h"

namespace libp2p::gossipsub {

Peer const* Outbox::open_peer(PeerKey peer) const {
    auto const at = state_.peers.find(peer);
    return at != state_.peers.end() && at->second.is_added ? &at->second : nullptr;
}

Peer const* Outbox::mesh_peer(PeerKey peer) const {
    auto const* known = open_peer(peer);
    return known != nullptr && known->version != Version::floodsub ? known : nullptr;
}

void Outbox::add_subscription(PeerKey peer, std::string_view topic, bool subscribe) {
    if (open_peer(peer) == nullptr) return;
    base::ByteString part;
    append_subscription(part, topic, subscribe);
    auto& lane = lanes_[peer];
    if (lane.subscriptions.size() + lane.control.size() + part.size() > control_bytes_max) flush_control(peer, lane);
    base::append(lane.subscriptions, part);
}

void Outbox::add_control(PeerKey peer, base::ByteView part) {
    auto& lane = lanes_[peer];
    if (lane.subscriptions.size() + lane.control.size() + part.size() > control_bytes_max) flush_control(peer, lane);
    base::append(lane.control, part);
}

void Outbox::add_graft(PeerKey peer, std::string_view topic) {
    if (mesh_peer(peer) == nullptr) return;
    base::ByteString part;
    append_graft(part, topic);
    add_control(peer, part);
}

void Outbox::add_prune(PeerKey peer, std::string_view topic, base::Duration backoff) {
    auto const* known = mesh_peer(peer);
    if (known == nullptr) return;
    std::optional<std::uint64_t> seconds;
    if (known->version == Version::v1_1) {
        seconds = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(backoff).count());
    }
    base::ByteString part;
    append_prune(part, topic, seconds);
    add_control(peer, part);
}

void Outbox::add_iwant(PeerKey peer, std::vector<base::ByteView> const& ids) {
    if (mesh_peer(peer) == nullptr) return;
    for (std::size_t first = 0; first < ids.size();) {
        base::ByteString part;
        auto const count = append_iwant(part, ids, first, control_bytes_max);
        if (count == 0) return;
        add_control(peer, part);
        first += count;
    }
}

void Outbox::add_ihave(PeerKey peer, std::string_view topic, std::vector<base::ByteView> const& ids) {
    if (mesh_peer(peer) == nullptr) return;
    auto& lane = lanes_[peer];
    for (std::size_t first = 0; first < ids.size() && lane.gossip_rpcs < ihave_rpcs_per_heartbeat_max;) {
        auto const count = append_ihave(lane.gossip, topic, ids, first, control_bytes_max - lane.gossip.size());
        first += count;
        if (count > 0) continue;
        if (lane.gossip.empty()) return;
        flush_gossip(peer, lane);
    }
}

bool Outbox::add_message(PeerKey peer, base::SharedBytes const& frame) {
    if (open_peer(peer) == nullptr) return false;
    out_.effects.emplace_back(SendRpc{peer, frame, true});
    return true;
}

void Outbox::flush() {
    for (auto& [peer, lane] : lanes_) {
        flush_control(peer, lane);
        if (lane.gossip_rpcs < ihave_rpcs_per_heartbeat_max) flush_gossip(peer, lane);
    }
    lanes_.clear();
}

void Outbox::flush_control(PeerKey peer, Lane& lane) {
    if (lane.subscriptions.empty() && lane.control.empty()) return;
    out_.effects.emplace_back(SendRpc{peer, frame_rpc(lane.subscriptions, lane.control), false});
    lane.subscriptions.clear();
    lane.control.clear();
}

void Outbox::flush_gossip(PeerKey peer, Lane& lane) {
    if (lane.gossip.empty()) return;
    out_.effects.emplace_back(SendRpc{peer, frame_rpc({}, lane.gossip), true});
    lane.gossip.clear();
    ++lane.gossip_rpcs;
}

}  // namespace libp2p::gossipsub
