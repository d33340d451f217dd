// The hash of a protocol state, by which its block is known, and that of its body.
//
// Mesa's protocol states are the same type and are hashed alike.
#pragma once

#include "base/result.h"
#include "mina/hashes/values.h"
#include "mina/messages/berkeley/protocol_state.h"

namespace mina::hashes {

struct StateHashes {
    StateHash state;
    BodyHash body;
    bool operator==(StateHashes const&) const = default;
};

/// 25 permutations.
base::Result<BodyHash, HashError> body_hash(berkeley::ProtocolStateBody const& body);

/// One permutation more.
base::Result<StateHashes, HashError> state_hashes(berkeley::ProtocolState const& state);
base::Result<StateHash, HashError> state_hash(berkeley::ProtocolState const& state);

/// The hash of the state with this body whose predecessor has this hash. One permutation.
base::Result<StateHash, HashError> state_hash_after(StateHash const& previous, BodyHash const& body);

}  // namespace mina::hashes
