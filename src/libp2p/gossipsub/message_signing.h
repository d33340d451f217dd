// Who wrote a message: the shape that the signing policy asks for, and the signature. spec: pubsub#message-signing
#pragma once

#include "libp2p/gossipsub/gossipsub_effects.h"
#include "libp2p/gossipsub/gossipsub_state.h"
#include "libp2p/gossipsub/rpc_codec.h"

#include <optional>

namespace libp2p::gossipsub {

/// What is wrong with the message's fields, without any cryptography; nullopt when nothing is. Sets `author`, which
/// stays empty with strict_no_sign.
std::optional<Misbehaviour> check_fields(Config const& config, MessagePart const& message, PeerId& author);

/// nullopt when `author` signed the message. bad_signature: nobody can take it for signed, so that whoever sent it did
/// not verify it. unverifiable_signature: it does not pass here, but may elsewhere; found without costly arithmetic.
/// Requires fields that check_fields() found right, and strict_sign.
std::optional<Misbehaviour> check_signature(Config const& config, MessagePart const& message, PeerId const& author);

/// Our own Message, encoded, signed when the policy asks for it. Requires a key with strict_sign.
base::ByteString write_message(State const& state, std::string_view topic, base::ByteView data,
                               base::ByteView sequence_number);

}  // namespace libp2p::gossipsub
