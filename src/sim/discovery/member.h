// Member: a mina::p2p::P2pComponent as a node of the simulator.
#pragma once

#include "mina/p2p/component.h"
#include "sim/discovery/discovery.h"
#include "sim/node.h"

namespace sim::discovery {

class Member final : public Node {
public:
    Member(mina::p2p::P2pConfig config, libp2p::Config swarm)
        : component_(std::move(config), std::move(swarm), trace_) {}

    libp2p::Core& core() override { return component_; }
    libp2p::Core const& core() const override { return component_; }
    libp2p::PeerId const& id() const override { return component_.swarm().self(); }
    void check_invariants() const override { component_.swarm().check_invariants(); }
    void add_counts(std::map<std::string, std::uint64_t, std::less<>>& counts) const override;

    mina::p2p::P2pComponent const& component() const { return component_; }

private:
    base::NoTrace trace_;
    mina::p2p::P2pComponent component_;
};

/// The first `options.seeds` nodes are the seeds.
std::unique_ptr<Member> make_member(Options const& options, NodeSpec const& spec);

}  // namespace sim::discovery
