#include "sim/world.h"

#include "base/check.h"

#include <fmt/format.h>

namespace sim {

namespace {

constexpr std::uint16_t listening_port = 8302;
constexpr std::uint32_t ticks_at_once_max = 1'000;

base::Rng::Seed rng_seed(std::uint64_t seed) {
    base::Rng::Seed bytes{};
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(seed >> (8 * i));
    return bytes;
}

}  // namespace

libp2p::SocketAddress address_of(NodeIndex node) {
    auto const byte = [&](int shift) { return static_cast<std::uint8_t>((node + 1) >> shift); };
    return {libp2p::IpAddress::v4(10, byte(16), byte(8), byte(0)), listening_port};
}

World::World(std::uint64_t seed, Network network, Scene& scene) : scene_(scene), rng_(rng_seed(seed)), network_(network) {}

NodeIndex World::add(NodeSpec spec) {
    auto const index = static_cast<NodeIndex>(nodes_.size());
    spec.index = index;
    auto& slot = nodes_.emplace_back();
    slot.spec = spec;
    slot.listening = address_of(index);
    return index;
}

void World::start(NodeIndex node) {
    auto& slot = nodes_[node];
    base::check(!slot.is_up(), "sim: a node is started twice");
    slot.node = scene_.make_node(slot.spec);
    slot.has_power = true;
    slot.next_accepted = 1;
    slot.tick_at = base::Instant::never();
    step(node, libp2p::Start{{slot.listening}, {}, slot.stored});
}

void World::crash(NodeIndex node, Crash kind) {
    auto& slot = nodes_[node];
    if (!slot.is_up()) return;
    slot.node.reset();
    slot.has_power = kind != Crash::power;
    ++slot.spec.incarnation;
    slot.by_id.clear();
    auto const ended = slot.links;
    for (auto const id : ended) {
        auto& link = links_[id];
        std::size_t const end = link.ends[0].node == node ? 0 : 1;
        if (kind == Crash::kill) {
            close(id, end, rng_.below(2) == 0);
        } else if (link.ends[end].phase != End::Phase::gone) {
            let_go(id, end, End::Phase::dark);
        }
    }
}

void World::post(NodeIndex node, libp2p::CommandBody body, libp2p::RequestId request, base::Duration after) {
    PostedCommand posted{node, nodes_[node].spec.incarnation, {request, std::move(body)}};
    std::uint32_t place = 0;
    if (free_commands_.empty()) {
        place = static_cast<std::uint32_t>(commands_.size());
        commands_.push_back(std::move(posted));
    } else {
        place = free_commands_.back();
        free_commands_.pop_back();
        commands_[place] = std::move(posted);
    }
    push(now_ + after, Kind::command, place);
}

void World::plan(base::Duration after, std::uint64_t timer) { push(now_ + after, Kind::timer, 0, timer); }

void World::fail(std::string text) {
    failures_.push_back(fmt::format("at {:.6f} s: {}", static_cast<double>(now_.nanoseconds) / 1e9, text));
}

void World::push(base::Instant at, Kind kind, std::uint32_t a, std::uint64_t b) {
    Planned event;
    event.at = std::max(at, now_);
    event.kind = kind;
    event.a = a;
    event.b = b;
    switch (kind) {
        case Kind::tick:
        case Kind::resolved:
        case Kind::command:
        case Kind::timer: break;
        default: event.generation = links_[a].generation;
    }
    queue_.push(event);
}

void World::run_until(base::Instant end) {
    while (failures_.empty() && !queue_.empty() && queue_.next().at <= end) {
        auto const event = queue_.pop();
        now_ = event.at;
        run(event);
    }
    if (failures_.empty()) now_ = end;
}

void World::run(Planned const& event) {
    switch (event.kind) {
        case Kind::tick: return on_tick(event);
        case Kind::resolved: {
            auto const resolution = std::move(resolutions_[event.a]);
            auto const& slot = nodes_[resolution.node];
            if (slot.is_up() && slot.spec.incarnation == resolution.incarnation) step(resolution.node, resolution.resolved);
            return;
        }
        case Kind::command: {
            auto const posted = std::move(commands_[event.a]);
            commands_[event.a] = {};
            free_commands_.push_back(event.a);
            auto const& slot = nodes_[posted.node];
            if (slot.is_up() && slot.spec.incarnation == posted.incarnation) step(posted.node, posted.command);
            return;
        }
        case Kind::timer: return scene_.on_timer(event.b);
        default: break;
    }
    // The link is another one by now.
    if (links_[event.a].generation != event.generation) return;
    switch (event.kind) {
        case Kind::dial_arrives: return on_dial_arrives(event);
        case Kind::dialed: return on_dialed(event);
        case Kind::dial_failed: return on_dial_failed(event);
        case Kind::accepted: return on_accepted(event);
        case Kind::deliver: return on_deliver(event);
        case Kind::written: return on_written(event);
        case Kind::reset: return on_reset(event);
        case Kind::patience: return on_patience(event);
        case Kind::tick:
        case Kind::resolved:
        case Kind::command:
        case Kind::timer: return;
    }
}

void World::on_tick(Planned const& event) {
    auto& slot = nodes_[event.a];
    // An earlier deadline was planned meanwhile, or the node is another.
    if (!slot.is_up() || slot.tick_at != event.at) return;
    slot.tick_at = base::Instant::never();
    auto const deadline = slot.node->core().next_deadline();
    if (deadline && deadline->at <= now_) {
        step(event.a, libp2p::Tick{});
    } else {
        arm(slot, event.a);
    }
}

/// Plans a Tick for the core's deadline, unless one comes sooner anyway.
void World::arm(NodeSlot& slot, NodeIndex node) {
    auto const deadline = slot.node->core().next_deadline();
    if (!deadline || deadline->at == base::Instant::never() || deadline->at >= slot.tick_at) return;
    if (deadline->at > now_) {
        slot.ticks_at_once = 0;
    } else if (++slot.ticks_at_once > ticks_at_once_max) {
        return fail(fmt::format("node {} wants a tick again and again ({})", node, deadline->machine));
    }
    slot.tick_at = std::max(deadline->at, now_);
    push(slot.tick_at, Kind::tick, node);
}

void World::step(NodeIndex node, libp2p::Input const& input) {
    auto& slot = nodes_[node];
    ++totals_.steps;
    ++slot.steps;
    auto const effects = slot.node->core().step(now_, input);
    if (watch_) watch_(node, now_, input, effects);
    for (auto const& effect : effects) apply(node, effect);
    arm(slot, node);
    if (slot.steps % check_every_ == 0) slot.node->check_invariants();
}

}  // namespace sim
