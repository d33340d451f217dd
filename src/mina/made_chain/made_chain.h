// made_chain: blocks that were never produced, for tests, benchmarks and the demonstration.
//
// Each is a valid message of its format whose hashes, heights, slots and times are as they should be: it follows the
// one before, names its body, and hashes::verify_delta_chain says yes. All else is random: its proof, its transactions
// and its signatures are those of nobody. The same arguments give the same blocks.
//
//   height    1, 2, 3 …; the first is a genesis block, and named as that by those that follow
//   slot      0, 1, 2 … since genesis; branches leave some out
//   time      a slot is 180 s in Berkeley, 90 s in Mesa
//   size      of the random parts at most block_bytes, the proof of the block (8 KiB and more) apart
//
// Nothing here is used by a node.
#pragma once

#include "base/bytes.h"
#include "mina/messages/format.h"

#include <vector>

namespace mina::made_chain {

inline constexpr std::size_t block_bytes = 32 * 1024;

/// The values of `count` blocks, from height 1 up. `first_timestamp_ms`: of the first, Unix time.
std::vector<base::ByteString> made_chain(messages::Format format, std::uint64_t seed, std::size_t count,
                                         std::uint64_t first_timestamp_ms, std::size_t bytes_max = block_bytes);

/// `count` blocks that follow `parent`, which has to be a block of made_chain() or of a branch, and leave out
/// `slots_skipped` slots behind it.
std::vector<base::ByteString> made_branch(messages::Format format, std::uint64_t seed, base::ByteView parent,
                                          std::size_t count, std::uint32_t slots_skipped,
                                          std::size_t bytes_max = block_bytes);

std::uint64_t slot_ms(messages::Format format);

}  // namespace mina::made_chain
