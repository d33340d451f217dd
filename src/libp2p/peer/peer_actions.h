// What happens to a peer.
#pragma once

#include "libp2p/peer/peer_state.h"

#include <variant>

namespace libp2p::peer {

/// The application wants a connection.
struct Want {
    bool keep = false;
};
struct DialFailed {
    DisconnectReason reason = DisconnectReason::io_error;
};
struct ConnectionOpened {
    ConnectionId connection;
    Direction direction = Direction::inbound;
};
struct ConnectionLost {
    ConnectionId connection;
    DisconnectReason reason = DisconnectReason::remote_closed;
};
/// The application wants no connection.
struct Drop {
    DisconnectReason reason = DisconnectReason::hung_up;
};
struct Ban {
    base::Instant until;
};
struct Unban {};
/// next_deadline() has come.
struct Expired {};

using Action = std::variant<Want, DialFailed, ConnectionOpened, ConnectionLost, Drop, Ban, Unban, Expired>;
inline constexpr int action_count = static_cast<int>(std::variant_size_v<Action>);
std::string_view action_name(int index);

enum class Expectation : std::uint8_t { accept, ignore, bug };
/// The enabling conditions of this machine.
Expectation expects(Phase phase, int action_index);

}  // namespace libp2p::peer
