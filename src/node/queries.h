// Queries in bin_prot, from the hashes and addresses of the public headers and back.
#pragma once

#include "base/result.h"
#include "mina/rpc/methods.h"

#include <minap2p/events.h>

namespace mina::p2p {

/// A query, or what is wrong with what it should be made of.
using Query = base::Result<base::ByteString, std::string>;

/// Of menu, get_best_tip and all else that asks for nothing in particular.
Query unit_query();
/// Of get_transition_chain_proof and get_staged_ledger.
Query hash_query(StateHash const& hash);
/// Of get_transition_chain.
Query hashes_query(std::vector<StateHash> const& hashes);
Query ancestry_query(Bytes const& consensus_state, StateHash const& block);
Query ledger_query(messages::Format format, LedgerHash const& ledger, LedgerQuery const& query);

/// Fills what the query of `question` says; nothing of a query that is none of its method's.
void read_query(messages::Format format, event::QuestionReceived& question);

}  // namespace mina::p2p
