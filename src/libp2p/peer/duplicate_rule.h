// Which of two connections of a peer pair survives. Both sides compute the same answer from what both know: who dialed
// each, and whether the two were opened at about the same time.
//
// The loser is closed after a grace, and takes over when the winner ends within it: other implementations may give up the
// very connection that we would keep (js-libp2p its own dial, rust-libp2p one to a wrong peer id).
#pragma once

#include "libp2p/peer/peer_state.h"

namespace libp2p::peer {

/// True when the connection just opened is to be kept and `existing` closed.
///
/// Opened close together, in opposite directions: a mutual dial; the one dialed by the smaller peer id survives (as
/// Mina's Rust node has it). Otherwise the newer one: whoever dials a peer it is connected to has lost the old one.
bool newer_survives(Config const& config, PeerId const& remote, Connection const& existing, Direction newer,
                    base::Instant now);

}  // namespace libp2p::peer
