// An Input as bytes and back, without loss. Integers are varints, alternatives of a variant their index; a change of any
// type that is coded here needs a new log version (log_format.h).
#pragma once

#include "base/result.h"
#include "libp2p/swarm/core.h"

namespace replay {

enum class InputError : std::uint8_t {
    truncated,         // ends within a field
    unknown_kind,      // an alternative or a value of an enumeration that does not exist
    number_too_large,  // for its field
    bad_address,       // a multiaddr or a peer id that cannot be
    trailing_bytes,
};
std::string_view to_string(InputError error);

/// Appends the encoding of `input`. Allocates nothing while `out` has capacity.
void encode_input(base::ByteString& out, libp2p::Input const& input);

/// The input of exactly these bytes. The bytes of a Received lie in `bytes`, which must outlive the input.
base::Result<libp2p::Input, InputError> decode_input(base::MutableBytes bytes);

}  // namespace replay
