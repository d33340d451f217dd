// What a connection orders.
#pragma once

#include "libp2p/connection/connection_state.h"

#include <variant>
#include <vector>

namespace libp2p::connection {

/// Start the upgrade: send the first flight.
struct BeginUpgrade {};
/// Send a Yamux ping.
struct SendPing {};
/// Say GOAWAY, behind what is queued.
struct SayGoodbye {
    yamux::GoAwayCode code = yamux::GoAwayCode::normal;
};
/// Close the link; orderly lets what was transmitted go out first.
struct CloseLink {
    bool orderly = true;
};

/// Event: the connection is usable.
struct BecameOpen {};
/// Event: no new streams: it is about to end.
struct BecameClosing {};
/// Event: it has ended; state.reason says why. `was_open`: it had been usable.
struct BecameClosed {
    bool was_open = false;
};

using Effect = std::variant<BeginUpgrade, SendPing, SayGoodbye, CloseLink, BecameOpen, BecameClosing, BecameClosed>;

struct Out {
    std::vector<Effect> effects;
    void clear() { effects.clear(); }
};

}  // namespace libp2p::connection
