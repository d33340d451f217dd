// The payload of a gossip message: eight bytes of length, a tag, a value (mina: `Message.data` of OCaml's node; the
// Rust node ignores the length).
//
//   0  a block
//   1  SNARK work, and a nonce
//   2  transactions, and a nonce
#pragma once

#include "mina/messages/messages.h"

namespace mina::messages {

enum class GossipKind : std::uint8_t { block = 0, snark_work = 1, transactions = 2 };

/// "block", "snark-work", "transactions".
std::string_view to_string(GossipKind kind);

/// What stands behind the length of a framed message, which has to be all of it. Offsets of later errors count from
/// there.
base::Result<base::ByteView, binprot::Error> unframed(base::ByteView message);
/// The same bytes with their length in front.
base::ByteString framed(base::ByteView message);

/// Whether a node may forward this: the whole of it is a message of the format, with reduced field elements. An offset
/// counts from the first byte of the length. Allocates nothing.
base::Result<GossipKind, binprot::Error> validate_gossip(Format format, base::ByteView payload);

}  // namespace mina::messages
