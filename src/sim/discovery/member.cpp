#include "sim/discovery/member.h"

#include "sim/swarm_node.h"
#include "sim/world.h"

#include <algorithm>

namespace sim::discovery {

void Member::add_counts(std::map<std::string, std::uint64_t, std::less<>>& counts) const {
    auto const& counters = component_.swarm().counters();
    for (std::size_t i = 0; i < counters.disconnects.size(); ++i) {
        if (counters.disconnects[i] == 0) continue;
        counts[std::string(libp2p::to_string(static_cast<libp2p::DisconnectReason>(i)))] += counters.disconnects[i];
    }
}

std::unique_ptr<Member> make_member(Options const& options, NodeSpec const& spec) {
    mina::p2p::P2pConfig config;
    config.network = *mina::builtin("local");
    config.network.formats.clear();
    for (NodeIndex seed = 0; seed < options.seeds; ++seed) {
        auto const id = libp2p::PeerId::of(key_of(seed).public_key());
        auto const address = libp2p::Multiaddr::tcp_at(address_of(seed)).with_peer_id(id);
        if (seed != spec.index) config.network.seeds.push_back(address);
    }
    config.discovery.peers_min = options.peers_min;
    config.discovery.peers_target = options.peers_target;
    config.discovery.peers_max = options.peers_max;
    config.discovery.outbound_min = std::min(config.discovery.outbound_min, options.peers_target / 3);

    auto const of_swarm = config_of(spec);
    auto swarm = mina::p2p::swarm_config(config.network);
    swarm.identity = of_swarm.identity;
    swarm.suite = of_swarm.suite;
    swarm.seed = of_swarm.seed;
    swarm.gossip.first_sequence_number = spec.first_sequence_number;
    return std::make_unique<Member>(std::move(config), std::move(swarm));
}

}  // namespace sim::discovery
