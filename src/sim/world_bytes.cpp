// How bytes move, and how links end.
#include "sim/world.h"

#include "base/check.h"

#include <algorithm>
#include <cstring>

namespace sim {

namespace {

constexpr std::uint64_t read_bytes_max = 64 * 1024;               // as the runtime reads
constexpr base::Duration poll_time = std::chrono::milliseconds(500);  // as TCP tries again
constexpr base::Duration wait_max = std::chrono::milliseconds(3);
constexpr base::Duration closing_patience = std::chrono::seconds(1);  // as the contract of Close says

}  // namespace

/// The kernel takes what fits into its buffers, and sends it.
void World::take(Slot slot, std::size_t from) {
    auto& link = links_[slot];
    auto& flow = link.flows[from];
    auto const under_way = flow.taken - flow.delivered;
    auto const room = network_.buffer_bytes - std::min(network_.buffer_bytes, under_way);
    auto const count = std::min(room, flow.written - flow.taken);
    if (count == 0) return;
    flow.taken += count;
    flow.unreported += count;
    auto bandwidth = network_.bytes_per_second;
    for (auto const& end : link.ends) {
        auto const bound = nodes_[end.node].bytes_per_second;
        if (bound != 0 && (bandwidth == 0 || bound < bandwidth)) bandwidth = bound;
    }
    auto sent = std::max(now_, flow.sending_until);
    if (bandwidth != 0) sent = sent + base::Duration(static_cast<std::int64_t>(count * 1'000'000'000 / bandwidth));
    flow.sending_until = sent;
    auto const jitter = base::Duration(static_cast<std::int64_t>(
        rng_.below(static_cast<std::uint64_t>(network_.jitter_max.count()) + 1)));
    flow.last_arrival = std::max(flow.last_arrival, sent + link.delay + jitter);
    flow.marks.push({flow.last_arrival, flow.taken});
    plan_delivery(slot, from, flow.marks.front().at);
    if (!flow.written_planned && link.ends[from].phase == End::Phase::open) {
        flow.written_planned = true;
        push(now_, Kind::written, slot, from);
    }
}

void World::plan_delivery(Slot slot, std::size_t from, base::Instant at) {
    auto& flow = links_[slot].flows[from];
    if (flow.delivery_planned) return;
    flow.delivery_planned = true;
    push(at, Kind::deliver, slot, from);
}

/// Whether the network or the receiver keeps the bytes from arriving now. Plans another try where nothing else would.
bool World::is_held_up(Slot slot, std::size_t from) {
    auto& link = links_[slot];
    auto& flow = link.flows[from];
    auto const& to = link.ends[1 - from];
    if (nodes_[link.ends[0].node].group != nodes_[link.ends[1].node].group) {
        plan_delivery(slot, from, now_ + poll_time);
        return true;
    }
    if (flow.stalled_until > now_) {
        plan_delivery(slot, from, flow.stalled_until);
        return true;
    }
    if (to.phase == End::Phase::dark) {
        // Once the host is back, it does not know the link.
        if (nodes_[to.node].has_power) {
            send_reset(slot, from, false);
        } else {
            plan_delivery(slot, from, now_ + poll_time);
        }
        return true;
    }
    if (to.phase == End::Phase::dialing || to.phase == End::Phase::coming) {
        plan_delivery(slot, from, now_ + wait_max);
        return true;
    }
    return to.phase == End::Phase::open && !to.reading;
}

void World::on_deliver(Planned const& event) {
    auto const from = static_cast<std::size_t>(event.b);
    auto& link = links_[event.a];
    auto& flow = link.flows[from];
    flow.delivery_planned = false;
    if (is_held_up(event.a, from)) return;
    while (!flow.marks.empty() && flow.marks.front().at <= now_) {
        flow.arrived = flow.marks.front().total;
        flow.marks.pop();
    }
    auto available = flow.arrived - flow.delivered;
    auto const& to = link.ends[1 - from];
    if (available == 0) {
        bool const ended = flow.finished && flow.delivered == flow.written && flow.last_arrival <= now_;
        return ended ? end_of_stream(event.a, 1 - from) : plan_next(event.a, from);
    }
    // What comes for a socket that is closed is answered with a reset.
    if (to.phase == End::Phase::gone) return send_reset(event.a, from, false);
    if (to.phase == End::Phase::closing) {
        discard(flow, available);
        return plan_next(event.a, from);
    }
    if (!flow.has_waited && chance(network_.coalesce_share)) {
        flow.has_waited = true;
        ++totals_.joined;
        return plan_delivery(event.a, from, now_ + rng_.between(base::Duration(0), wait_max));
    }
    flow.has_waited = false;
    available = std::min(available, read_bytes_max);
    if (available > 1 && chance(network_.fragment_share)) {
        ++totals_.fragments;
        available = 1 + rng_.below(available - 1);
    }
    deliver(event.a, from, available);
}

void World::deliver(Slot slot, std::size_t from, std::uint64_t count) {
    auto& link = links_[slot];
    auto& flow = link.flows[from];
    arriving_.resize(static_cast<std::size_t>(count));
    std::size_t filled = 0;
    while (filled < arriving_.size()) {
        auto& chunk = flow.chunks.front();
        auto const part = std::min(chunk.size(), arriving_.size() - filled);
        std::memcpy(arriving_.data() + filled, chunk.view().data(), part);
        filled += part;
        if (part == chunk.size()) {
            flow.chunks.pop();
        } else {
            chunk.remove_prefix(part);
        }
    }
    flow.delivered += count;
    totals_.delivered_bytes += count;
    plan_next(slot, from);
    auto const& to = link.ends[1 - from];
    step(to.node, libp2p::Received{to.id, arriving_});
    // A view that the core kept shows at once.
    base::poison(arriving_);
}

void World::discard(Flow& flow, std::uint64_t count) {
    flow.delivered += count;
    while (count > 0) {
        auto& chunk = flow.chunks.front();
        auto const part = std::min<std::uint64_t>(chunk.size(), count);
        count -= part;
        if (part == chunk.size()) {
            flow.chunks.pop();
        } else {
            chunk.remove_prefix(static_cast<std::size_t>(part));
        }
    }
}

/// After a delivery: there is room for more, and more may have arrived.
void World::plan_next(Slot slot, std::size_t from) {
    auto& flow = links_[slot].flows[from];
    if (flow.taken < flow.written) take(slot, from);
    if (flow.arrived > flow.delivered) {
        plan_delivery(slot, from, now_ + base::Duration(static_cast<std::int64_t>(rng_.below(100'000))));
    } else if (!flow.marks.empty()) {
        plan_delivery(slot, from, flow.marks.front().at);
    } else if (flow.finished && flow.delivered == flow.written) {
        plan_delivery(slot, from, flow.last_arrival);
    }
}

/// The FIN has arrived. The runtime closes its side, and tells its core.
void World::end_of_stream(Slot slot, std::size_t to) {
    auto const end = links_[slot].ends[to];
    links_[slot].flows[1 - to].finished = false;
    if (end.phase == End::Phase::closing || end.phase == End::Phase::gone) return let_go(slot, to, End::Phase::gone);
    if (!end.has_core()) return;
    let_go(slot, to, End::Phase::gone);
    step(end.node, libp2p::Closed{end.id, std::nullopt});
}

void World::on_written(Planned const& event) {
    auto& link = links_[event.a];
    auto& flow = link.flows[event.b];
    auto const& end = link.ends[event.b];
    flow.written_planned = false;
    if (end.phase != End::Phase::open || flow.unreported == 0) return;
    step(end.node, libp2p::Written{end.id, std::exchange(flow.unreported, 0)});
}

/// Tells an end that the other one is gone, after a delay; `after_data`: what is under way to it arrives first.
void World::send_reset(Slot slot, std::size_t to, bool after_data) {
    auto& link = links_[slot];
    auto at = now_ + link.delay;
    if (after_data) at = std::max(at, link.flows[1 - to].last_arrival + wait_max);
    push(at, Kind::reset, slot, to);
}

void World::on_reset(Planned const& event) {
    auto const to = static_cast<std::size_t>(event.b);
    auto const end = links_[event.a].ends[to];
    if (nodes_[links_[event.a].ends[0].node].group != nodes_[links_[event.a].ends[1].node].group &&
        end.phase != End::Phase::gone) {
        return push(now_ + poll_time, Kind::reset, event.a, event.b);
    }
    if (end.phase == End::Phase::gone || end.phase == End::Phase::dark) return;
    let_go(event.a, to, End::Phase::gone);
    if (end.phase == End::Phase::open) step(end.node, libp2p::Closed{end.id, libp2p::LinkError::reset});
    if (end.phase == End::Phase::dialing) step(end.node, libp2p::DialFailed{end.id, libp2p::LinkError::reset});
}

/// A core, or the end of its process, closes its end.
void World::close(Slot slot, std::size_t end, bool orderly) {
    auto& link = links_[slot];
    auto& mine = link.ends[end];
    auto const& other = link.ends[1 - end];
    if (mine.phase == End::Phase::gone || mine.phase == End::Phase::dark || mine.phase == End::Phase::closing) return;
    auto const was = mine.phase;
    if (was == End::Phase::open && orderly) {
        detach(mine.node, slot, mine.id);
        mine.phase = End::Phase::closing;
        link.flows[end].finished = true;
        push(now_ + closing_patience, Kind::patience, slot, end);
        return plan_next(slot, end);
    }
    bool const after_data = rng_.below(2) == 0;
    // What nobody has taken is lost, with all behind it.
    if (other.phase != End::Phase::absent && other.phase != End::Phase::gone) send_reset(slot, 1 - end, after_data);
    let_go(slot, end, End::Phase::gone);
}

void World::on_patience(Planned const& event) {
    auto const end = static_cast<std::size_t>(event.b);
    auto& link = links_[event.a];
    if (link.ends[end].phase != End::Phase::closing) return;
    auto& flow = link.flows[end];
    // All is in the kernel: it ends the link without us. Else what is left is lost.
    if (flow.taken != flow.written) send_reset(event.a, 1 - end, true);
    let_go(event.a, end, End::Phase::gone);
}

/// Nobody is at this end any more. Without an other end the link is over.
void World::let_go(Slot slot, std::size_t end, End::Phase phase) {
    auto& link = links_[slot];
    auto& mine = link.ends[end];
    if (mine.has_core()) detach(mine.node, slot, mine.id);
    mine.phase = phase;
    auto const other = link.ends[1 - end].phase;
    if (other == End::Phase::absent || other == End::Phase::gone || other == End::Phase::dark) {
        // A dial that is still on its way finds nobody.
        drop_link(slot);
        return;
    }
    plan_delivery(slot, 1 - end, now_ + links_[slot].delay);
}

std::optional<World::Slot> World::some_open_link() {
    for (int tries = 0; tries < 100 && !links_.empty(); ++tries) {
        auto const slot = static_cast<Slot>(rng_.below(links_.size()));
        auto const& ends = links_[slot].ends;
        if (links_[slot].used && ends[0].phase == End::Phase::open && ends[1].phase == End::Phase::open) return slot;
    }
    return std::nullopt;
}

bool World::reset_some_link() {
    auto const slot = some_open_link();
    if (!slot) return false;
    ++totals_.resets;
    for (std::size_t end = 0; end < 2; ++end) send_reset(*slot, end, rng_.below(2) == 0);
    return true;
}

bool World::stall_some_link(base::Duration time) {
    auto const slot = some_open_link();
    if (!slot) return false;
    links_[*slot].flows[rng_.below(2)].stalled_until = now_ + time;
    return true;
}

std::size_t World::open_links(NodeIndex a, NodeIndex b) const {
    return static_cast<std::size_t>(std::ranges::count_if(nodes_[a].links, [&](Slot slot) {
        auto const& ends = links_[slot].ends;
        return ends[0].phase == End::Phase::open && ends[1].phase == End::Phase::open &&
               (ends[0].node == b || ends[1].node == b);
    }));
}

}  // namespace sim
