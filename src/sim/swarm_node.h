// SwarmNode: a libp2p::Swarm as a node of the simulator.
#pragma once

#include "libp2p/swarm/swarm.h"
#include "sim/node.h"

#include <functional>

namespace sim {

/// That every node echoes.
inline constexpr std::string_view echo_protocol = "/echo/1";

/// The key of a node: of its index alone, so that it survives restarts.
crypto::PrivateKey key_of(NodeIndex node);

/// The configuration of a node: the defaults, but for what the specification says.
libp2p::Config config_of(NodeSpec const& spec);

class SwarmNode final : public Node {
public:
    explicit SwarmNode(libp2p::Config config) : swarm_(std::move(config), trace_) {}

    libp2p::Core& core() override { return swarm_; }
    libp2p::Core const& core() const override { return swarm_; }
    libp2p::PeerId const& id() const override { return swarm_.self(); }
    void check_invariants() const override { swarm_.check_invariants(); }
    std::optional<std::vector<libp2p::PeerId>> mesh(std::string_view topic) const override { return swarm_.mesh(topic); }
    void add_counts(std::map<std::string, std::uint64_t, std::less<>>& counts) const override;

    libp2p::Swarm& swarm() { return swarm_; }

private:
    base::NoTrace trace_;
    libp2p::Swarm swarm_;
};

}  // namespace sim
