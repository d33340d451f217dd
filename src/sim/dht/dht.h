// dht: thousands of Kademlia machines in one process, alone with their streams, and what lookups among them cost.
//
//   dht.h      the scenario `lookups`: options and report       lookups.cpp  carries it out and judges it
//   network.h  the machines, their connections and streams      places.h     who is near to a key
//
// Honest nodes are kademlia::State machines. Hostile ones answer by rote: a third never answers, a third tells of peers
// that nobody has, nearer to the key than any node, a third tells of one another only; or all do the same. Every node
// has an address of an IP group of its own: the worst case, in which no limit by groups holds a hostile one back.
//
// A run: routing tables are as they would be after long (of each bucket, k at random, hostile ones among them), or have
// grown from three seeds. Then honest nodes look up honest peers that they do not know, one lookup every second; then
// the closest to random keys, which are compared with the truth.
//
// Limits: 20 to 40,000 nodes, at most 90 % of them hostile, three never; as many lookups as fit into a day.
#pragma once

#include "base/describe.h"
#include "base/result.h"
#include "base/time.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::dht {

enum class Behaviour : std::uint8_t { honest, silent, fabricating, colluding };
constexpr std::string_view to_string(Behaviour behaviour) {
    switch (behaviour) {
        case Behaviour::honest: return "honest";
        case Behaviour::silent: return "silent";
        case Behaviour::fabricating: return "fabricating";
        case Behaviour::colluding: return "colluding";
    }
    return "?";
}
inline constexpr Behaviour hostile_kinds[] = {Behaviour::silent, Behaviour::fabricating, Behaviour::colluding};

struct Options {
    std::size_t nodes = 1'000;
    std::uint64_t seed = 1;
    std::uint32_t hostile_percent = 0;
    std::optional<Behaviour> hostile_kind = {};  // of all hostile nodes; none: a third of each
    std::size_t lookups = 1'000;
    bool is_grown = false;   // the tables, from three seeds; else they are filled
    /// CPU time of this process, for the figures; without it they are zero. No result depends on it.
    std::function<base::Duration()> cpu_clock = nullptr;
};

/// Of the lookups of one kind.
struct Figures {
    std::uint64_t tried = 0;
    std::uint64_t succeeded = 0;
    std::uint32_t hops_median = 0;
    std::uint32_t hops_p95 = 0;
    base::Duration time_median{};     // of the nodes' time
    base::Duration time_p95{};
    std::uint64_t asked = 0;          // peers, by all lookups together; so are the others below
    std::uint64_t dials = 0;
    std::uint64_t answers_bytes = 0;  // that came to the nodes that looked up
    std::uint64_t closest_wanted = 0; // FindClosest: honest nodes among the k closest of those that answer
    std::uint64_t closest_found = 0;  // of these
    base::Duration cpu_asking{};      // of the reducers of the nodes that looked up
    base::Duration cpu_others{};      // of all others
};

struct Report {
    std::uint64_t seed = 0;
    base::Digest digest{};            // of every result, and of what every machine has counted
    base::Duration time{};            // simulated
    std::uint64_t actions = 0;        // of all machines
    std::size_t members_median = 0;   // of a routing table, at the beginning
    Figures find_peer;
    Figures find_closest;             // a fifth as many
    std::vector<std::string> failures;
    std::string reproduce;            // the command that makes this run again
    bool ok() const { return failures.empty(); }
};

std::string reproduce_line(Options const& options);

/// Fails for numbers that the scenario cannot have; what goes wrong in a run is in its report.
base::Result<Report, std::string> run(Options const& options);

}  // namespace sim::dht
