// What syncing remembers.
#pragma once

#include "base/id.h"
#include "base/time.h"
#include "libp2p/wire/peer_id.h"
#include "mina/hashes/values.h"

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace mina::sync {

using hashes::StateHash;
using libp2p::PeerId;
using QuestionId = base::Id<struct QuestionTag>;

struct Config {
    std::size_t candidates_max = 64;    // peers that may be asked
    std::size_t chain_max = 2'048;      // blocks from a root to its tip
    std::size_t batch_max = 5;          // mina: blocks that OCaml's node asks for at a time
    std::size_t gap_max = 64;           // missing parents of gossip, and ancestors of theirs, that are asked for
    std::size_t lacking_max = 3;        // peers that may lack a block before it is given up
    base::Duration tip_time = std::chrono::seconds(90);     // for a best tip: two blocks and hashes
    base::Duration blocks_time = std::chrono::seconds(60);  // for blocks, and for each of them
    base::Duration block_time = std::chrono::seconds(12);
    base::Duration rest_min = std::chrono::seconds(15);     // of who was asked in vain, doubled each time
    std::uint32_t late_weight = 4;      // as so many failures counts who lets the time of a question run out
    base::Duration rest_max = std::chrono::minutes(10);
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

/// A candidate, and how it has done.
struct Asked {
    Candidate candidate;
    std::uint32_t in_vain = 0;          // failures since it last gave a block, and chains of its that were lost
    base::Instant rests_until{};        // not asked for anything before
    base::Instant tip_after{};          // nor for its best tip before
    PeerId const& peer() const { return candidate.peer; }
};

/// A block that is to be fetched.
struct Wanted {
    StateHash block;
    bool is_of_chain = true;            // else named by gossip, or an ancestor of such a one
    bool is_alone = false;              // asked for by itself: a list with it in it was answered with nothing
    std::vector<PeerId> lacked_by;      // lacking_max at most
};

struct State {
    Config config;
    Phase phase = Phase::idle;
    std::vector<Asked> candidates;      // who waited longest first
    Asked asked;                        // while a peer is being asked; nobody when it has gone meanwhile
    QuestionId question;                // the last one
    base::Instant deadline = base::Instant::never();  // of the question, or while idle the end of a rest: Tick
    PeerId chain_from;                  // who told the chain
    std::deque<Wanted> missing;         // the first first: those of the chain, then those of gossip
    std::vector<Wanted> fetching;       // asked for now
    std::size_t gap = 0;                // how many not of the chain were wanted since nothing was missing
    std::uint64_t fetched = 0;
    std::uint64_t given_up = 0;         // blocks that nobody gave
    bool has_chain = false;             // a best tip was believed, and none of its blocks was given up
};

}  // namespace mina::sync
