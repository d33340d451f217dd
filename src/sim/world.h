// World: many cores in one process, joined by simulated links, under one clock.
//
//   world.cpp         time, steps, commands, names        world_effects.cpp  what the cores order
//   world_dials.cpp   how links come to be                world_bytes.cpp    how bytes move, and how links end
//
// Everything comes from one seed. Nothing here knows what the nodes are for: that is the scenario's, through Scene.
#pragma once

#include "base/rng.h"
#include "sim/link.h"

#include <deque>
#include <functional>
#include <string>

namespace sim {

class World;

/// What a scenario does. Nothing here may step a core: orders go through World::post().
class Scene {
public:
    virtual ~Scene() = default;
    virtual std::unique_ptr<Node> make_node(NodeSpec const& spec) = 0;
    virtual void on_event(NodeIndex node, libp2p::Event const& event) = 0;
    virtual void on_reply(NodeIndex node, libp2p::Reply const& reply) = 0;
    virtual void on_timer(std::uint64_t timer) = 0;
};

enum class Crash : std::uint8_t {
    kill,   // the process ends: the kernel closes its links
    power,  // the host is gone: its links fall silent
};

struct NodeSlot {
    std::unique_ptr<Node> node;   // null while it is down
    NodeSpec spec;
    libp2p::SocketAddress listening;
    std::vector<std::uint32_t> links;  // slots where this node has an end
    std::vector<std::pair<libp2p::LinkId, std::uint32_t>> by_id;  // sorted; the core's
    std::uint64_t next_accepted = 1;
    std::uint16_t next_port = 32'768;
    base::Instant tick_at = base::Instant::never();
    std::uint32_t ticks_at_once = 0;
    std::uint64_t steps = 0;
    libp2p::Stored stored;        // what it remembers over restarts
    std::uint32_t group = 0;      // of a partition
    std::uint64_t bytes_per_second = 0;  // of its links, when not 0
    bool has_power = true;
    bool is_up() const { return node != nullptr; }
};

class World {
public:
    World(std::uint64_t seed, Network network, Scene& scene);
    World(World const&) = delete;
    World& operator=(World const&) = delete;

    // ---- Nodes ----
    NodeIndex add(NodeSpec spec);
    /// Starts a node that is down.
    void start(NodeIndex node);
    void crash(NodeIndex node, Crash kind);
    std::size_t size() const { return nodes_.size(); }
    NodeSlot const& at(NodeIndex node) const { return nodes_[node]; }
    /// Of the next incarnation.
    void prepare(NodeIndex node, std::uint64_t seed, std::uint64_t first_sequence_number) {
        nodes_[node].spec.seed = seed;
        nodes_[node].spec.first_sequence_number = first_sequence_number;
    }

    // ---- Orders ----
    /// A command, after a time. It is lost when the node is down by then, or was started anew.
    void post(NodeIndex node, libp2p::CommandBody body, libp2p::RequestId request = {}, base::Duration after = {});
    /// Scene::on_timer, after a time.
    void plan(base::Duration after, std::uint64_t timer);
    /// Names of the domain name system.
    void add_name(std::string name, libp2p::Resolved content) { names_[std::move(name)] = std::move(content); }

    // ---- The network ----
    Network& network() { return network_; }
    /// Nodes of different groups do not hear one another.
    void set_group(NodeIndex node, std::uint32_t group) { nodes_[node].group = group; }
    void set_bandwidth(NodeIndex node, std::uint64_t bytes_per_second) { nodes_[node].bytes_per_second = bytes_per_second; }
    /// Each returns false when there is no open link to do it to.
    bool reset_some_link();
    bool stall_some_link(base::Duration time);
    /// Links between two nodes that both cores hold as open.
    std::size_t open_links(NodeIndex a, NodeIndex b) const;

    // ---- Time ----
    base::Instant now() const { return now_; }
    base::Rng& rng() { return rng_; }
    /// Runs until then, or until the first failure.
    void run_until(base::Instant end);
    /// The run ends behind this event.
    void fail(std::string text);
    std::vector<std::string> const& failures() const { return failures_; }

    struct Totals {
        std::uint64_t steps = 0;
        std::uint64_t delivered_bytes = 0;
        std::uint64_t dials = 0;
        std::uint64_t crossed_dials = 0;    // simultaneous opens
        std::uint64_t fragments = 0;        // deliveries that were cut
        std::uint64_t joined = 0;           // that waited for more
        std::uint64_t resets = 0;
        std::uint64_t refusals = 0;         // dials
        std::uint64_t untaken_bytes_max = 0;  // given by a core, not yet taken by its kernel, of a link
    };
    Totals const& totals() const { return totals_; }
    /// Between checks of a node's invariants.
    void set_check_every(std::uint64_t steps) { check_every_ = steps; }
    using Watch = std::function<void(NodeIndex, base::Instant, libp2p::Input const&, std::span<libp2p::Effect const>)>;
    void set_watch(Watch watch) { watch_ = std::move(watch); }

private:
    using Slot = std::uint32_t;
    struct PostedCommand {
        NodeIndex node = 0;
        std::uint32_t incarnation = 0;
        libp2p::Command command;
    };
    struct Resolution {
        NodeIndex node = 0;
        std::uint32_t incarnation = 0;
        libp2p::Resolved resolved;
    };

    // world.cpp
    void run(Planned const& event);
    void on_tick(Planned const& event);
    void step(NodeIndex node, libp2p::Input const& input);
    void arm(NodeSlot& slot, NodeIndex node);
    void push(base::Instant at, Kind kind, std::uint32_t a, std::uint64_t b = 0);
    bool chance(std::uint32_t share) { return share != 0 && rng_.below(1000) < share; }

    // world_effects.cpp
    void apply(NodeIndex node, libp2p::Effect const& effect);
    void apply(NodeIndex node, libp2p::Dial const& order);
    void apply(NodeIndex node, libp2p::Transmit const& order);
    void apply(NodeIndex node, libp2p::SetReading const& order);
    void apply(NodeIndex node, libp2p::Close const& order);
    void apply(NodeIndex node, libp2p::Resolve const& order);
    void apply(NodeIndex node, libp2p::Store const& order);
    void wrong(NodeIndex node, std::string_view what, libp2p::LinkId link);

    // world_dials.cpp
    Slot new_link();
    void drop_link(Slot slot);
    void attach(NodeIndex node, Slot slot, libp2p::LinkId id);
    void detach(NodeIndex node, Slot slot, libp2p::LinkId id);
    std::optional<Slot> link_of(NodeIndex node, libp2p::LinkId id) const;
    static std::size_t end_of(Link const& link, NodeIndex node, libp2p::LinkId id) {
        return link.ends[0].node == node && link.ends[0].id == id ? 0 : 1;
    }
    std::optional<NodeIndex> node_at(libp2p::SocketAddress const& address) const;
    bool is_taken(NodeSlot const& slot, libp2p::SocketAddress const& local, libp2p::SocketAddress const& remote) const;
    base::Duration delay_between(NodeIndex a, NodeIndex b);
    void on_dial_arrives(Planned const& event);
    std::optional<Slot> crossing(Link const& link, NodeSlot const& target) const;
    void cross(Slot slot, Slot other);
    void reset_forgotten(NodeSlot const& target, Link const& fresh);
    void retry_dial(Slot slot);
    void on_dialed(Planned const& event);
    void on_dial_failed(Planned const& event);
    void on_accepted(Planned const& event);

    // world_bytes.cpp
    void take(Slot slot, std::size_t from);
    void plan_delivery(Slot slot, std::size_t from, base::Instant at);
    void on_deliver(Planned const& event);
    bool is_held_up(Slot slot, std::size_t from);
    void deliver(Slot slot, std::size_t from, std::uint64_t count);
    void discard(Flow& flow, std::uint64_t count);
    void plan_next(Slot slot, std::size_t from);
    void end_of_stream(Slot slot, std::size_t to);
    void on_written(Planned const& event);
    void send_reset(Slot slot, std::size_t to, bool after_data);
    void on_reset(Planned const& event);
    void close(Slot slot, std::size_t end, bool orderly);
    void on_patience(Planned const& event);
    void let_go(Slot slot, std::size_t end, End::Phase phase);
    std::optional<Slot> some_open_link();

    Scene& scene_;
    base::Rng rng_;
    Network network_;
    base::Instant now_;
    EventQueue queue_;
    std::vector<NodeSlot> nodes_;
    std::deque<Link> links_;
    std::vector<Slot> free_links_;
    std::vector<PostedCommand> commands_;
    std::vector<std::uint32_t> free_commands_;
    std::vector<Resolution> resolutions_;
    std::map<std::string, libp2p::Resolved, std::less<>> names_;
    base::ByteString arriving_;
    std::vector<std::string> failures_;
    Totals totals_;
    std::uint64_t check_every_ = 1;
    Watch watch_;
};

/// 10.0.0.0/8, port 8302.
libp2p::SocketAddress address_of(NodeIndex node);

}  // namespace sim
