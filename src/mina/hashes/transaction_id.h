// The id of a command, as Mina's APIs call it: not a hash but all of the command, its signatures and proofs too, in
// base64 behind the version of its type.
#pragma once

#include "base/result.h"
#include "mina/hashes/values.h"
#include "mina/messages/mesa/command.h"
#include "mina/messages/mesa_array_inputs/command.h"

namespace mina::hashes {

inline constexpr std::uint8_t signed_command_version = 0x02;
/// Berkeley's.
inline constexpr std::uint8_t zkapp_command_version = 0x01;

/// Of any format: signed commands are one type in all of them.
std::string transaction_id(berkeley::SignedCommand const& command);
std::string transaction_id(berkeley::ZkappCommand const& command);

base::Result<std::string, HashError> transaction_id(berkeley::UserCommand const& command);
/// unknown_version for a zkApp command: its type has another number than Berkeley's, that of signed commands, and what
/// a node of Mina 4.0 writes is not established.
base::Result<std::string, HashError> transaction_id(mesa::UserCommand const& command);
base::Result<std::string, HashError> transaction_id(mesa_array_inputs::UserCommand const& command);

}  // namespace mina::hashes
