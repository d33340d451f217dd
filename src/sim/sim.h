// sim: hundreds of nodes in one process, on a simulated network, with everything drawn from one seed.
//
//   world.h       the clock, the links, the cores      scenarios.h    plans: what each scenario does
//   exercise.h    carries out a plan and judges it     ledger.h       who published what, and whom it reached
//   node.h        a core as the simulator sees it      hostile.h      nodes that lie
//
// A run: the nodes start and connect; in the main part they gossip while the scenario's faults happen; then all faults are
// healed, and within a set time everything must be well again: each node connected to its neighbours by one connection,
// and each message published from then on delivered to everybody.
//
// Always: no message comes twice to an application, none that was not published, none changed; no core breaks its
// contract with the outside; the invariants of every core hold.
#pragma once

#include "base/describe.h"
#include "base/result.h"
#include "base/time.h"
#include "libp2p/swarm/core.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sim {

class Node;
struct NodeSpec;

struct Options {
    std::string scenario = "gossip";
    std::size_t nodes = 20;
    std::uint64_t seed = 1;
    base::Duration duration = std::chrono::seconds(60);  // of the main part, in the nodes' time
    bool real_crypto = false;
    std::uint64_t check_every = 0;  // steps of a node between checks of its invariants; 0: by the number of nodes
    /// Makes the honest nodes; null means a libp2p::Swarm each.
    std::function<std::unique_ptr<Node>(NodeSpec const&)> make_node = nullptr;
    /// Told after each step of each node, when set.
    std::function<void(std::uint32_t node, base::Instant now, libp2p::Input const& input,
                       std::span<libp2p::Effect const> effects)>
        on_step = nullptr;
};

struct Report {
    std::uint64_t seed = 0;
    base::Digest digest{};               // of all that the nodes are at the end, and of what was counted
    base::Duration time{};               // simulated
    std::uint64_t node_seconds = 0;      // simulated: the sum over all nodes
    std::uint64_t steps = 0;
    std::uint64_t published = 0;
    std::uint64_t expected = 0;          // deliveries that had to be
    std::uint64_t delivered = 0;         // of these
    std::uint64_t deliveries = 0;        // all
    std::uint64_t duplicates = 0;        // copies that GossipSub kept from the applications
    base::Duration latency_median{};     // of the expected deliveries
    base::Duration latency_max{};
    std::map<std::string, std::uint64_t, std::less<>> faults;  // by kind
    std::map<std::string, std::uint64_t, std::less<>> counts;  // of the nodes: disconnects by reason, and so on
    std::vector<std::string> failures;   // empty: all is well
    std::string reproduce;               // the command that makes this run again
    bool ok() const { return failures.empty(); }
};

struct ScenarioInfo {
    std::string_view name;
    std::string_view what;
};
std::span<ScenarioInfo const> scenarios();

/// "minap2p sim --scenario gossip --nodes 50 --seed 1234 --for 60s". An invariant of a core that fails ends the process
/// without a report: print this first.
std::string reproduce_line(Options const& options);

/// Fails for an unknown scenario or a number of nodes that it cannot have; what goes wrong in a run is in its report.
base::Result<Report, std::string> run(Options const& options);

}  // namespace sim
