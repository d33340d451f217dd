// A staged ledger as large as mainnet's, made of the small golden one.
#pragma once

#include "base/bytes.h"

namespace mina::bench {

/// The answer to get_staged_ledger_aux_and_pending_coinbases_at_hash, about `bytes` long: trees of 128 leaves, as
/// many as it takes. Of the merge jobs five in eight are full and two have one proof; each transaction has two
/// witnesses: the ways to two accounts in a ledger of depth 35. Empty when `golden` is no such answer.
base::ByteString staged_ledger(base::ByteView golden, std::size_t bytes);

}  // namespace mina::bench
