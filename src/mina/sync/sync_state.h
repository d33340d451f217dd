// What syncing remembers.
#pragma once

#include "libp2p/wire/peer_id.h"
#include "mina/hashes/values.h"

#include <deque>
#include <set>
#include <vector>

namespace mina::sync {

using hashes::StateHash;
using libp2p::PeerId;

struct Config {
    std::size_t candidates_max = 64;    // peers that wait to be asked
    std::size_t tips_asked_max = 8;     // peers asked for their best tip, before nobody is asked any more
    std::size_t chain_max = 2'048;      // blocks from a root to its tip
    std::size_t batch_max = 5;          // mina: blocks that OCaml's node asks for at a time
    std::size_t gap_max = 64;           // ancestors of one block that are asked for
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

struct State {
    Config config;
    Phase phase = Phase::idle;
    std::deque<Candidate> candidates;
    Candidate asked;                    // while a peer is being asked
    std::deque<StateHash> missing;      // blocks to fetch, the first first
    std::vector<StateHash> fetching;    // of those, asked for now
    std::size_t tips_asked = 0;
    std::size_t gap = 0;                // ancestors that are asked for beside the chain
    std::uint64_t fetched = 0;
    bool has_chain = false;             // a best tip was believed
};

}  // namespace mina::sync
