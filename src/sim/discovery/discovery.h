// discovery: how a network of whole nodes finds itself, heals, and takes in a late one.
//
//   discovery.h  the scenario `discovery`: options and report    gathering.h    carries it out
//   member.h     a mina::p2p::P2pComponent as a node             dial_watch.h   who is dialed how often
//   judge.cpp    times, figures and what is wrong
//
// A run: nodes start within a minute, and know nobody but the seeds. Each looks for peers_target peers. Once all have
// them, and a little later, half of the nodes crash at once (every other one without a word: its host has lost its
// power), seeds among them but for one; as many new ones start within a minute. Each survivor has to reach its target
// again; connections to the dead do not count, even while a node believes in them. Then one node comes late.
//
// It fails when a phase does not end within its time, when the network is not one piece at the end, or when a node
// dials an address more often than the limits of discovery and Kademlia together allow (dial_watch.h).
//
// Limits: 6 to 4,000 nodes.
#pragma once

#include "base/describe.h"
#include "base/result.h"
#include "base/time.h"

#include <map>
#include <string>
#include <vector>

namespace sim::discovery {

struct Options {
    std::size_t nodes = 100;
    std::uint64_t seed = 1;
    std::size_t seeds = 3;          // nodes that all know
    std::size_t peers_min = 6;
    std::size_t peers_target = 12;
    std::size_t peers_max = 24;
};

/// When nodes had what they wanted: each since its own start, or since the crash.
struct Times {
    std::size_t reached = 0;
    std::size_t of = 0;
    base::Duration median{};
    base::Duration max{};
};

struct Report {
    std::uint64_t seed = 0;
    base::Digest digest{};          // of what every node is, has and has counted at the end
    base::Duration time{};          // simulated
    std::uint64_t node_seconds = 0;
    std::uint64_t steps = 0;
    Times to_min;                   // all nodes
    Times to_target;
    std::size_t crashed = 0;
    Times recovery;                 // survivors of the crash, those that had lost too many: to the target
    Times newcomers;                // to the target
    Times late;                     // the one node
    std::size_t peers_median = 0;   // at the end
    std::uint64_t dials = 0;        // of all nodes
    std::uint64_t dials_to_one_max = 0;  // by one node to one address, within a minute
    std::map<std::string, std::uint64_t, std::less<>> counts;  // disconnects by reason
    std::vector<std::string> failures;
    std::string reproduce;          // the command that makes this run again
    bool ok() const { return failures.empty(); }
};

std::string reproduce_line(Options const& options);

/// Fails for a number of nodes that the scenario cannot have; what goes wrong in a run is in its report.
base::Result<Report, std::string> run(Options const& options);

}  // namespace sim::discovery
