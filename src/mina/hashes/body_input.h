// What is hashed of the body of a protocol state, in its order. Private.
#pragma once

#include "base/result.h"
#include "crypto/field_packer.h"
#include "mina/hashes/values.h"
#include "mina/messages/berkeley/protocol_state.h"

namespace mina::hashes {

/// Mina's networks have 11. Each seven more are a permutation more, so there is a limit to what a peer may ask for.
inline constexpr std::size_t sub_window_densities_max = 32;

/// Of every body.
inline constexpr std::size_t body_fields = 38;
/// With 11 densities they are 2,381 bits in 11 elements; an element has at least 254 - 63 bits but for the last.
inline constexpr std::size_t body_packed_max = 1 + (2'381 + 32 * (sub_window_densities_max - 11)) / 191;

using BodyPacker = crypto::FieldPacker<body_fields + body_packed_max>;

/// Appends all that is hashed to a packer that is empty. After an error it is of no use.
base::Result<void, HashError> append_body(berkeley::ProtocolStateBody const& body, BodyPacker& packer);

}  // namespace mina::hashes
