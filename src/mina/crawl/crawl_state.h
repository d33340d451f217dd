// What a crawl remembers, and every bound.
#pragma once

#include "mina/crawl/crawl_effects.h"

#include <map>
#include <set>

namespace mina::crawl {

struct Config {
    libp2p::PeerId self;
    std::string protocol;                     // Kademlia's name on this network
    std::vector<std::string> silent_agents;   // that answer no ping
    bool private_addresses = false;           // dialed when others tell of them
    std::size_t parallel = 32;                // visits
    std::size_t connects_a_second = 50;
    std::size_t peers_max = 100'000;          // found in all
    std::size_t told_new_max = 256;           // new peers taken from one teller, so that a liar does not fill the crawl
    std::size_t addresses_max = 16;           // of a peer
    std::size_t neighbours_max = 512;         // of a peer
    std::size_t questions_max = 16;           // to a peer
    std::size_t barren_max = 2;               // answers in a row without anything new, after which no more are asked
    std::uint32_t retries_max = 1;
    base::Duration retry_after = std::chrono::seconds(5);
    base::Duration visit_time = std::chrono::seconds(30);       // all of it
    base::Duration host_interval = std::chrono::milliseconds(500);  // between connects to one public host
    base::Duration host_patience = std::chrono::seconds(60);
};

using TargetId = base::Id<struct TargetTag>;

enum class Standing : std::uint8_t {
    unplaced,  // no address that may be dialed is known
    waiting,
    visiting,
    done,
};
constexpr std::string_view to_string(Standing standing) {
    switch (standing) {
        case Standing::unplaced: return "unplaced";
        case Standing::waiting: return "waiting";
        case Standing::visiting: return "visiting";
        case Standing::done: return "done";
    }
    return "?";
}

/// Somebody, or an address, to be visited.
struct Target {
    libp2p::PeerId peer;                       // empty: not known
    std::vector<libp2p::Multiaddr> addresses;  // without /p2p; none once done
    Standing standing = Standing::unplaced;
    base::Instant due;                         // while waiting: not before
    std::uint32_t attempts = 0;
    bool is_given = false;                     // by the operator
    bool is_booked = false;                    // its hosts expect it at `due`: no address is added any more
};

enum class Phase : std::uint8_t { connecting, identifying, pinging, asking };
constexpr std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::connecting: return "connecting";
        case Phase::identifying: return "identifying";
        case Phase::pinging: return "pinging";
        case Phase::asking: return "asking";
    }
    return "?";
}

struct Visit {
    TargetId target;
    Phase phase = Phase::connecting;
    base::Instant began;
    base::Instant deadline;
    Entry entry;
    std::set<libp2p::PeerId> neighbours;  // of the entry
    std::size_t questions = 0;
    std::size_t barren = 0;               // answers in a row
    std::size_t told_new = 0;
};

struct Counters {
    std::uint64_t found = 0;        // peers, with those of an earlier crawl
    std::uint64_t reached = 0;
    std::uint64_t unreachable = 0;
    std::uint64_t connects = 0;
    std::uint64_t questions = 0;
    std::uint64_t beyond_max = 0;   // tellings of a peer for which there was no room
    std::uint64_t beyond_share = 0; // the same, because its teller had named too many
    bool operator==(Counters const&) const = default;
};

struct State {
    explicit State(Config given = {}) : config(std::move(given)) {}

    Config config;
    std::map<TargetId, Target> targets;
    std::map<libp2p::PeerId, TargetId> by_peer;
    std::set<std::pair<base::Instant, TargetId>> queue;  // those waiting
    std::map<VisitId, Visit> visits;
    std::map<libp2p::PeerId, VisitId> visited_now;       // connected
    std::map<base::ByteString, base::Instant> hosts;     // when the next connect to each may be
    base::Instant next_connect;
    std::uint64_t last_target = 0;
    std::uint64_t last_visit = 0;
    bool has_begun = false;
    bool is_finished = false;
    Counters counters;
};

}  // namespace mina::crawl
