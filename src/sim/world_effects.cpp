// What the cores order. The contract of Core is checked here: an order about a link that has ended is a bug of the core.
#include "sim/world.h"

#include <fmt/format.h>

namespace sim {

void World::apply(NodeIndex node, libp2p::Effect const& effect) {
    std::visit(
        [&](auto const& order) {
            using Order = std::remove_cvref_t<decltype(order)>;
            if constexpr (std::is_same_v<Order, libp2p::Deliver>) {
                scene_.on_event(node, order.event);
            } else if constexpr (std::is_same_v<Order, libp2p::Reply>) {
                scene_.on_reply(node, order);
            } else {
                apply(node, order);
            }
        },
        effect);
}

void World::wrong(NodeIndex node, std::string_view what, libp2p::LinkId link) {
    fail(fmt::format("node {} orders a {} on link {}, which it does not have", node, what, link.value));
}

void World::apply(NodeIndex node, libp2p::Dial const& order) {
    auto& slot = nodes_[node];
    ++totals_.dials;
    if (order.link.value % 2 != 0 || link_of(node, order.link)) return wrong(node, "Dial", order.link);
    auto const id = new_link();
    auto& link = links_[id];
    auto& end = link.ends[0];
    end.node = node;
    end.id = order.link;
    end.phase = End::Phase::dialing;
    end.local = slot.listening;
    // As the runtime does: another port when the pair of addresses is in use.
    if (!order.from_listen_port || is_taken(slot, slot.listening, order.to)) end.local.port = slot.next_port++;
    if (slot.next_port == 0) slot.next_port = 32'768;
    link.ends[1].local = order.to;
    attach(node, id, order.link);
    if (chance(network_.refuse_share)) {
        ++totals_.refusals;
        link.delay = network_.delay_max;
        auto const error = rng_.below(2) == 0 ? libp2p::LinkError::refused : libp2p::LinkError::unreachable;
        // Every fourth is never answered.
        if (rng_.below(4) != 0) push(now_ + link.delay * 2, Kind::dial_failed, id, static_cast<std::uint64_t>(error));
        return;
    }
    auto const target = node_at(order.to);
    link.delay = target ? delay_between(node, *target) : network_.delay_max;
    push(now_ + link.delay, Kind::dial_arrives, id);
}

void World::apply(NodeIndex node, libp2p::Transmit const& order) {
    auto const id = link_of(node, order.link);
    if (!id) return wrong(node, "Transmit", order.link);
    auto& link = links_[*id];
    auto const end = end_of(link, node, order.link);
    if (link.ends[end].phase != End::Phase::open) return wrong(node, "Transmit before it is open", order.link);
    auto& flow = link.flows[end];
    if (order.bytes.empty()) return;
    flow.written += order.bytes.size();
    flow.chunks.push(order.bytes);
    take(*id, end);
    totals_.untaken_bytes_max = std::max(totals_.untaken_bytes_max, flow.written - flow.taken);
}

void World::apply(NodeIndex node, libp2p::SetReading const& order) {
    auto const id = link_of(node, order.link);
    if (!id) return wrong(node, "SetReading", order.link);
    auto& link = links_[*id];
    auto const end = end_of(link, node, order.link);
    link.ends[end].reading = order.reading;
    if (order.reading) plan_delivery(*id, 1 - end, now_);
}

void World::apply(NodeIndex node, libp2p::Close const& order) {
    auto const id = link_of(node, order.link);
    if (!id) return wrong(node, "Close", order.link);
    auto& link = links_[*id];
    auto const end = end_of(link, node, order.link);
    close(*id, end, order.orderly);
}

void World::apply(NodeIndex node, libp2p::Resolve const& order) {
    Resolution resolution{node, nodes_[node].spec.incarnation, {}};
    if (auto const found = names_.find(order.name); found != names_.end()) {
        resolution.resolved = found->second;
    } else {
        resolution.resolved.failed = true;
    }
    resolution.resolved.id = order.id;
    resolutions_.push_back(std::move(resolution));
    push(now_ + rng_.between(network_.delay_min, network_.delay_max), Kind::resolved,
         static_cast<std::uint32_t>(resolutions_.size() - 1));
}

void World::apply(NodeIndex node, libp2p::Store const& order) {
    auto& [peers, rules] = nodes_[node].stored;
    if (auto const* const put = std::get_if<libp2p::PutPeer>(&order.order)) {
        std::erase_if(peers, [&](auto const& peer) { return peer.id == put->peer.id; });
        peers.push_back(put->peer);
    } else if (auto const* const gone = std::get_if<libp2p::ErasePeer>(&order.order)) {
        std::erase_if(peers, [&](auto const& peer) { return peer.id == gone->id; });
    } else if (auto const* const ruled = std::get_if<libp2p::PutRule>(&order.order)) {
        auto const& rule = ruled->rule;
        std::erase_if(rules, [&](auto const& old) { return old.subject == rule.subject && old.kind == rule.kind; });
        rules.push_back(rule);
    } else if (auto const* const ended = std::get_if<libp2p::EraseRule>(&order.order)) {
        std::erase_if(rules, [&](auto const& old) { return old.subject == ended->subject && old.kind == ended->kind; });
    }
}

}  // namespace sim
