// How links come to be: dials, simultaneous opens, and which node holds which link.
#include "sim/world.h"

#include "base/check.h"

#include <algorithm>

namespace sim {

namespace {

constexpr std::uint8_t dial_tries_max = 6;  // as Linux: after 1, 3, 7, 15, 31 and 63 s

/// A number that two nodes share, whichever of them asks: their pair has one delay.
std::uint64_t pair_number(NodeIndex a, NodeIndex b) {
    auto const [low, high] = std::minmax(a, b);
    auto sum = (std::uint64_t{low} << 32 | high) * 0x9E37'79B9'7F4A'7C15U;
    sum ^= sum >> 29;
    sum *= 0xBF58'476D'1CE4'E5B9U;
    return sum ^ sum >> 32;
}

}  // namespace

World::Slot World::new_link() {
    if (free_links_.empty()) {
        links_.emplace_back();
        free_links_.push_back(static_cast<Slot>(links_.size() - 1));
    }
    auto const slot = free_links_.back();
    free_links_.pop_back();
    auto const generation = links_[slot].generation + 1;
    links_[slot] = Link{};
    links_[slot].generation = generation;
    links_[slot].used = true;
    return slot;
}

/// Nobody has an end of it any more.
void World::drop_link(Slot slot) {
    auto& link = links_[slot];
    if (!link.used) return;
    for (auto const& end : link.ends) {
        if (end.phase != End::Phase::absent) std::erase(nodes_[end.node].links, slot);
    }
    auto const generation = link.generation + 1;
    link = Link{};
    link.generation = generation;
    free_links_.push_back(slot);
}

void World::attach(NodeIndex node, Slot slot, libp2p::LinkId id) {
    auto& by_id = nodes_[node].by_id;
    auto const at = std::ranges::lower_bound(by_id, std::pair(id, Slot{0}));
    by_id.emplace(at, id, slot);
    auto& links = nodes_[node].links;
    if (std::ranges::find(links, slot) == links.end()) links.push_back(slot);
}

void World::detach(NodeIndex node, Slot slot, libp2p::LinkId id) { std::erase(nodes_[node].by_id, std::pair(id, slot)); }

std::optional<World::Slot> World::link_of(NodeIndex node, libp2p::LinkId id) const {
    auto const& by_id = nodes_[node].by_id;
    auto const at = std::ranges::lower_bound(by_id, std::pair(id, Slot{0}));
    if (at == by_id.end() || at->first != id) return std::nullopt;
    return at->second;
}

std::optional<NodeIndex> World::node_at(libp2p::SocketAddress const& address) const {
    auto const& bytes = address.ip.bytes;
    auto const number = std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
    if (number == 0 || number > nodes_.size() || nodes_[number - 1].listening != address) return std::nullopt;
    return number - 1;
}

/// Whether a link with this pair of addresses exists at this host: TCP allows one.
bool World::is_taken(NodeSlot const& slot, libp2p::SocketAddress const& local, libp2p::SocketAddress const& remote) const {
    return std::ranges::any_of(slot.links, [&](Slot id) {
        auto const& ends = links_[id].ends;
        std::size_t const mine = ends[0].local == local ? 0 : 1;
        // One that this host has forgotten is no obstacle.
        if (ends[mine].phase == End::Phase::gone || ends[mine].phase == End::Phase::dark) return false;
        return ends[mine].local == local && ends[1 - mine].local == remote;
    });
}

base::Duration World::delay_between(NodeIndex a, NodeIndex b) {
    auto const range = static_cast<std::uint64_t>((network_.delay_max - network_.delay_min).count()) + 1;
    return network_.delay_min + base::Duration(static_cast<std::int64_t>(pair_number(a, b) % range));
}

void World::on_dial_arrives(Planned const& event) {
    auto& link = links_[event.a];
    auto& dialer = link.ends[0];
    if (dialer.phase != End::Phase::dialing) return drop_link(event.a);
    auto const target = node_at(link.ends[1].local);
    if (!target || *target == dialer.node) {
        return push(now_ + link.delay, Kind::dial_failed, event.a, static_cast<std::uint64_t>(libp2p::LinkError::refused));
    }
    auto& host = nodes_[*target];
    if (!host.has_power || host.group != nodes_[dialer.node].group) return retry_dial(event.a);
    if (!host.is_up()) {
        return push(now_ + link.delay, Kind::dial_failed, event.a, static_cast<std::uint64_t>(libp2p::LinkError::refused));
    }
    link.arrived = true;
    if (auto const other = crossing(link, host)) return cross(event.a, *other);
    reset_forgotten(host, link);
    auto& acceptor = link.ends[1];
    acceptor.node = *target;
    acceptor.phase = End::Phase::coming;
    host.links.push_back(event.a);
    push(now_ + link.delay, Kind::dialed, event.a, 0);
    push(now_ + link.delay * 2, Kind::accepted, event.a);
    link.flows[0].last_arrival = now_ + link.delay * 2;
}

/// The dial of the target that this dial meets half-way: both left from the ports that the other dialed.
std::optional<World::Slot> World::crossing(Link const& link, NodeSlot const& target) const {
    for (auto const id : target.links) {
        auto const& other = links_[id];
        if (other.ends[0].phase == End::Phase::dialing && !other.arrived && other.ends[0].local == link.ends[1].local &&
            other.ends[1].local == link.ends[0].local) {
            return id;
        }
    }
    return std::nullopt;
}

/// RFC 9293, 3.5: two SYNs that cross make one connection, which both sides have dialed.
void World::cross(Slot slot, Slot other) {
    ++totals_.crossed_dials;
    auto& link = links_[slot];
    auto const end = links_[other].ends[0];
    detach(end.node, other, end.id);
    drop_link(other);
    link.ends[1] = end;
    attach(end.node, slot, end.id);
    push(now_ + link.delay, Kind::dialed, slot, 0);
    push(now_ + link.delay, Kind::dialed, slot, 1);
    for (auto& flow : link.flows) flow.last_arrival = now_ + link.delay;
}

/// The dialer was restarted and has forgotten a link with the same addresses, which the target still holds.
void World::reset_forgotten(NodeSlot const& target, Link const& fresh) {
    for (auto const id : target.links) {
        auto const& ends = links_[id].ends;
        std::size_t const dialers = ends[0].local == fresh.ends[0].local ? 0 : 1;
        if (ends[dialers].phase == End::Phase::dark && ends[dialers].local == fresh.ends[0].local &&
            ends[1 - dialers].local == fresh.ends[1].local) {
            send_reset(id, 1 - dialers, false);
        }
    }
}

void World::retry_dial(Slot slot) {
    auto& link = links_[slot];
    if (link.dial_tries >= dial_tries_max) {
        return push(now_, Kind::dial_failed, slot, static_cast<std::uint64_t>(libp2p::LinkError::timed_out));
    }
    push(now_ + base::Duration(std::chrono::seconds(1)) * (1 << link.dial_tries++), Kind::dial_arrives, slot);
}

void World::on_dialed(Planned const& event) {
    auto& link = links_[event.a];
    auto& end = link.ends[event.b];
    if (end.phase != End::Phase::dialing) return;
    end.phase = End::Phase::open;
    step(end.node, libp2p::Dialed{end.id, end.local});
}

void World::on_dial_failed(Planned const& event) {
    auto& link = links_[event.a];
    auto const end = link.ends[0];
    if (end.phase != End::Phase::dialing) return drop_link(event.a);
    detach(end.node, event.a, end.id);
    drop_link(event.a);
    step(end.node, libp2p::DialFailed{end.id, static_cast<libp2p::LinkError>(event.b)});
}

void World::on_accepted(Planned const& event) {
    auto& link = links_[event.a];
    auto& end = link.ends[1];
    if (end.phase != End::Phase::coming) return;
    auto& host = nodes_[end.node];
    end.id = {host.next_accepted};
    host.next_accepted += 2;
    end.phase = End::Phase::open;
    attach(end.node, event.a, end.id);
    step(end.node, libp2p::Accepted{end.id, end.local, link.ends[0].local});
}

}  // namespace sim
