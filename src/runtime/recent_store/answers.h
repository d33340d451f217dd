// Answers in bin_prot, in pieces, around the bytes of blocks. Private.
//
//   get_best_tip, get_ancestry    01 · block · count, body hashes · block      opt<{data, proof: (bodies, root)}>
//   get_transition_chain          01 count · block · block …                   opt<list<block>>
//   get_transition_knowledge      count, hashes                                list<F>
//   get_transition_chain_proof    01, hash, count, body hashes                 opt<(start, bodies)>
//   get_completed_snarks          01 count · work · work …                     opt<list<snark work>>
//   get_node_status               00, record                                   <Ok | Error>
#pragma once

#include "runtime/recent_store/recent_store.h"

#include <span>

namespace runtime {

mina::rpc::Payload best_tip_answer(base::SharedBytes tip, std::vector<mina::hashes::BodyHash> const& bodies,
                                   base::SharedBytes root);
/// Of blocks, or of SNARK work.
mina::rpc::Payload list_answer(std::vector<base::SharedBytes> elements);
mina::rpc::Payload knowledge_answer(std::vector<mina::hashes::StateHash> const& states);
mina::rpc::Payload chain_proof_answer(mina::block_tree::ChainProof const& proof);
/// `chain`: the best chain from its root to its tip, which is there.
mina::rpc::Payload node_status_answer(NodeStatusFacts const& facts,
                                      std::vector<mina::block_tree::Entry const*> const& chain);

/// The hashes of a get_transition_chain query; nullopt for bytes that are none.
std::optional<std::vector<mina::hashes::StateHash>> hashes_in(base::ByteView query);
std::optional<mina::hashes::StateHash> hash_in(base::ByteView query);
/// Of a get_ancestry query.
std::optional<mina::block_tree::Rank> rank_in(base::ByteView query);

/// "2027-01-15T08:00:00.000000Z".
std::string iso_time(std::uint64_t unix_ms);

}  // namespace runtime
