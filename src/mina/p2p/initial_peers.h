// The answer to get_some_initial_peers: a list of peers, each with one address. mina: Network_peer.Peer.V1
#pragma once

#include "base/result.h"
#include "libp2p/kademlia/kademlia_actions.h"
#include "mina/binprot/error.h"

#include <span>

namespace mina::p2p {

inline constexpr std::size_t initial_peers_max = 100;        // told by us; mina: the Rust node reads 32 KiB
inline constexpr std::size_t initial_peers_read_max = 1024;  // of an answer; more are passed over

/// At most `initial_peers_max`, those with an address of IP and TCP.
base::ByteString encode_initial_peers(std::span<libp2p::kademlia::PeerAddresses const> peers);

/// Who cannot be dialed, or has an id that is none, is left out; the error is one of the encoding.
base::Result<std::vector<libp2p::kademlia::PeerAddresses>, binprot::Error> decode_initial_peers(base::ByteView answer);

}  // namespace mina::p2p
