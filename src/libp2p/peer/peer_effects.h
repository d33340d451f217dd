// What a peer orders, and reports.
#pragma once

#include "libp2p/peer/peer_state.h"

#include <optional>
#include <variant>
#include <vector>

namespace libp2p::peer {

/// Order: dial one of its addresses.
struct StartDial {};
/// Order: close a connection of this peer.
struct CloseConnection {
    ConnectionId connection;
    DisconnectReason reason = DisconnectReason::duplicate_connection;
};
/// Event: there is a connection now, and this is the one that counts (again, when it replaces another).
struct BecameConnected {
    ConnectionId connection;
    bool replaced = false;
};
/// Event: the last connection is gone.
struct BecameDisconnected {
    DisconnectReason reason = DisconnectReason::none;
};
/// Event: the dial has failed; `retry_in` when another follows.
struct AttemptFailed {
    DisconnectReason reason = DisconnectReason::none;
    std::optional<base::Duration> retry_in;
};

using Effect = std::variant<StartDial, CloseConnection, BecameConnected, BecameDisconnected, AttemptFailed>;

struct Out {
    std::vector<Effect> effects;
    void clear() { effects.clear(); }
};

}  // namespace libp2p::peer
