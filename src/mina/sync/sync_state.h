// What syncing remembers.
#pragma once

#include "libp2p/wire/peer_id.h"
#include "mina/hashes/values.h"

#include <cstdint>
#include <deque>
#include <set>
#include <vector>

namespace mina::sync {

using hashes::StateHash;
using libp2p::PeerId;

struct Config {
    std::size_t candidates_max = 64;    // peers that may be asked
    std::size_t chain_max = 2'048;      // blocks from a root to its tip
    std::size_t batch_max = 5;          // mina: blocks that OCaml's node asks for at a time
    std::size_t gap_max = 64;           // missing parents of gossip, and ancestors of theirs, that are asked for
    std::uint32_t tries_max = 3;        // questions for one block
};

enum class Phase : std::uint8_t { idle, asking_best_tip, fetching, synced };
constexpr std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::idle: return "Idle";
        case Phase::asking_best_tip: return "AskingBestTip";
        case Phase::fetching: return "Fetching";
        case Phase::synced: return "Synced";
    }
    return "?";
}

struct Candidate {
    PeerId peer;
    bool takes_lists = true;            // of hashes; else one at a time
    bool operator==(Candidate const&) const = default;
};

/// A block that is to be fetched.
struct Wanted {
    StateHash block;
    bool is_of_chain = true;            // else named by gossip, or an ancestor of such a one
    std::uint32_t tries = 0;
};

struct State {
    Config config;
    Phase phase = Phase::idle;
    std::deque<Candidate> candidates;
    Candidate asked;                    // while a peer is being asked; nobody when it has gone meanwhile
    std::set<PeerId> tips_asked;        // peers that have been asked for their best tip on this connection
    std::deque<Wanted> missing;         // the first first
    std::vector<Wanted> fetching;       // asked for now
    std::size_t gap = 0;                // how many not of the chain were wanted since nothing was missing
    std::uint64_t fetched = 0;
    std::uint64_t given_up = 0;         // blocks that nobody gave
    bool has_chain = false;             // a best tip was believed
};

}  // namespace mina::sync
