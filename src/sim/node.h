// A node as the simulator sees it: a Core, and what may be asked of it.
#pragma once

#include "libp2p/swarm/core.h"

#include <map>
#include <memory>

namespace sim {

using NodeIndex = std::uint32_t;

class Node {
public:
    virtual ~Node() = default;
    virtual libp2p::Core& core() = 0;
    virtual libp2p::Core const& core() const = 0;
    virtual libp2p::PeerId const& id() const = 0;
    /// Ends the process when an invariant does not hold. After every step of a small run, now and then in a large one.
    virtual void check_invariants() const {}
    /// The peers in its mesh of the topic; nullopt when it cannot tell.
    virtual std::optional<std::vector<libp2p::PeerId>> mesh(std::string_view) const { return std::nullopt; }
    /// Adds its counts by name: disconnects by reason, and so on.
    virtual void add_counts(std::map<std::string, std::uint64_t, std::less<>>&) const {}
};

/// What a factory makes a node of.
struct NodeSpec {
    NodeIndex index = 0;
    std::uint32_t incarnation = 0;  // how often it was started before: its key stays, its seed does not
    std::uint64_t seed = 0;         // of this incarnation
    std::uint64_t first_sequence_number = 1;  // above all of earlier incarnations
    bool real_crypto = false;
    // Of a scenario.
    bool dial_from_listen_port = true;
    bool simultaneous_open = true;
    bool short_times = true;        // of keep-alive, back-off and so on, so that a short run sees all of them
};

}  // namespace sim
