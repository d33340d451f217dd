// What peers answer to get_best_tip and get_transition_chain, taken apart and checked as far as hashes go.
#pragma once

#include "base/result.h"
#include "mina/hashes/values.h"
#include "mina/messages/format.h"

#include <optional>
#include <string>
#include <vector>

namespace mina::sync {

/// Views of the answer.
struct BestTip {
    base::ByteView tip;                    // a block
    base::ByteView root;                   // a block
    std::vector<hashes::StateHash> chain;  // from the root to the tip, both of them in it
};

/// How far a best tip has to be from its root.
struct ChainRule {
    std::size_t length = 290;                  // so many blocks
    bool is_any_length = false;                // or fewer
    std::optional<hashes::StateHash> genesis;  // or fewer from this root
};

/// nullopt: the peer has none. The error is for people: bytes that are no answer, a chain that does not lead from the
/// root to the tip, or one of another length than the rule wants.
base::Result<std::optional<BestTip>, std::string> read_best_tip(messages::Format format, base::ByteView answer,
                                                                ChainRule const& rule);

struct FetchedBlock {
    hashes::StateHash state;
    hashes::StateHash previous;
    base::ByteView bytes;  // a view of the answer
};

/// Empty: the peer does not have them. The error is for people, also of more blocks than `blocks_max`.
base::Result<std::vector<FetchedBlock>, std::string> read_blocks(messages::Format format, base::ByteView answer,
                                                                 std::size_t blocks_max);

/// What a genesis block names as its parent.
bool is_nothing(hashes::StateHash const& hash);

/// The query of get_transition_chain.
base::ByteString transition_chain_query(std::vector<hashes::StateHash> const& blocks);

}  // namespace mina::sync
