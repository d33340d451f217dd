// Reading and writing what a node carries. These are functions of their arguments alone: any thread may call them.
#pragma once

#include <minap2p/events.h>

namespace mina::p2p {

struct JsonOptions {
    unsigned indent = 0;             // spaces a level; 0: one line
    bool structural_proofs = false;  // each proof as an object by field
};

/// A block, a list of transactions or a SNARK pool diff, as events have them and broadcasts take them.
Result<std::string> to_json(MessageKind kind, Format format, Bytes const& value, JsonOptions const& options = {});
Result<Bytes> from_json(MessageKind kind, Format format, std::string_view json);

enum class CallPart : std::uint8_t { query, answer };
/// What is asked by a method and what is answered. Not of methods that the format has no type for.
Result<std::string> to_json(Method method, CallPart part, Format format, Bytes const& value,
                            JsonOptions const& options = {});
Result<Bytes> from_json(Method method, CallPart part, Format format, std::string_view json);

/// What is in a block, with its state hash; half a millisecond.
Result<BlockSummary> summarize_block(Format format, Bytes const& block);

/// Whether this answer says that there is nothing: None, an empty list, "not found".
bool is_nothing(Method method, Bytes const& answer);

/// The blocks of an answer, parts of the same bytes: of get_best_tip and get_ancestry the block asked for and the
/// root, of get_transition_chain all. Empty when the answer is None.
Result<std::vector<Bytes>> blocks_of(Method method, Format format, Bytes const& answer);

// Answers, in pieces that share the bytes of the blocks: for Node::answer().
std::vector<Bytes> transition_chain_answer(std::vector<Bytes> const& blocks);
/// `path`: the hashes of 32 bytes each that lead from the root to the tip.
std::vector<Bytes> best_tip_answer(Bytes const& tip, std::vector<Bytes> const& path, Bytes const& root);

}  // namespace mina::p2p
