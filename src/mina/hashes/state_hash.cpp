#include "mina/hashes/state_hash.h"

#include "mina/hashes/body_input.h"
#include "mina/hashes/prefixes.h"

namespace mina::hashes {

using Reason = HashError::Reason;

base::Result<BodyHash, HashError> body_hash(berkeley::ProtocolStateBody const& body) {
    BodyPacker packer;
    TRY_VOID(append_body(body, packer));
    return BodyHash{crypto::poseidon_hash(body_prefix, packer.finish()).to_bytes()};
}

base::Result<StateHashes, HashError> state_hashes(berkeley::ProtocolState const& state) {
    TRY(auto const body, body_hash(state.body));
    TRY(auto const hash, state_hash_after(StateHash{state.previous_state_hash->bytes}, body));
    return StateHashes{hash, body};
}

base::Result<StateHash, HashError> state_hash(berkeley::ProtocolState const& state) {
    TRY(auto const hashes, state_hashes(state));
    return hashes.state;
}

base::Result<StateHash, HashError> state_hash_after(StateHash const& previous, BodyHash const& body) {
    auto const previous_element = crypto::Fp::from_bytes(previous.bytes);
    if (!previous_element) return base::fail(HashError{Reason::not_reduced, "", "previous_state_hash"});
    auto const body_element = crypto::Fp::from_bytes(body.bytes);
    if (!body_element) return base::fail(HashError{Reason::not_reduced, "", "body hash"});
    return StateHash{crypto::poseidon_hash(state_prefix, std::array{*previous_element, *body_element}).to_bytes()};
}

}  // namespace mina::hashes
