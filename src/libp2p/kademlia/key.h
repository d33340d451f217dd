// Where peers and things lie in the space of Kademlia, and how far apart. spec: kad-dht#keyspace
#pragma once

#include "crypto/hash.h"
#include "libp2p/wire/peer_id.h"

namespace libp2p::kademlia {

/// A place, or the distance between two: compared lexicographically, which is numerically.
using Key = crypto::Hash256;

/// spec: kad-dht#distance "distance(a, b) = sha256(a) XOR sha256(b)"
Key key_of(base::ByteView bytes);
inline Key key_of(PeerId const& id) { return key_of(id.bytes()); }
Key distance(Key const& a, Key const& b);
/// How many leading bits two places share: 0 to 256.
std::size_t common_prefix(Key const& a, Key const& b);

/// Whether Mina's Rust node takes these bytes for the key of a FIND_NODE: a multihash of a peer id, at most 38 bytes.
bool is_short_peer_id(base::ByteView key);

}  // namespace libp2p::kademlia
