// Gathering: carries out the scenario.
#pragma once

#include "sim/discovery/dial_watch.h"
#include "sim/discovery/member.h"
#include "sim/world.h"

#include <set>

namespace sim::discovery {

class Gathering final : private Scene {
public:
    explicit Gathering(Options const& options);
    Report run();

private:
    struct Attendant {
        Member const* member = nullptr;     // null while it is down
        std::set<NodeIndex> peers;          // as it believes
        base::Instant since;                // what its times are counted from
        std::optional<base::Instant> has_min;
        std::optional<base::Instant> has_target;
    };

    // Scene
    std::unique_ptr<Node> make_node(NodeSpec const& spec) override;
    void on_event(NodeIndex node, libp2p::Event const& event) override;
    void on_reply(NodeIndex, libp2p::Reply const&) override {}
    void on_timer(std::uint64_t timer) override;

    void watch(NodeIndex node, base::Instant now, std::span<libp2p::Effect const> effects);
    void start_within(NodeIndex first, NodeIndex end, base::Duration time);
    std::vector<NodeIndex> crash_half();
    /// Until all of these have their target, or the time is over.
    void await(std::vector<NodeIndex> const& nodes, base::Duration at_most, std::string_view what);
    void look();
    bool advance(base::Duration time);

    // judge.cpp
    std::size_t living_peers(NodeIndex node) const;
    std::size_t possible(std::size_t wanted) const;
    Times times(std::vector<NodeIndex> const& nodes, std::optional<base::Instant> Attendant::* when) const;
    void judge_whole();
    void fill();
    void fail(std::string const& text);

    Options options_;
    World world_;
    std::vector<Attendant> attendants_;
    std::map<libp2p::PeerId, NodeIndex> by_id_;
    std::size_t living_ = 0;
    DialWatch dials_;
    Report report_;
};

}  // namespace sim::discovery
