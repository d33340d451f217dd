// What happens to a connection.
#pragma once

#include "libp2p/connection/connection_state.h"

#include <variant>

namespace libp2p::connection {

/// TCP is up (dialed connections only).
struct Linked {};
/// TCP is gone, or never came up.
struct Unlinked {
    DisconnectReason reason = DisconnectReason::remote_closed;
};
/// Noise is done.
struct Secured {
    PeerId remote;
};
/// Yamux may be used.
struct Muxed {};
/// A codec refused the peer's bytes.
struct Faulted {
    DisconnectReason reason = DisconnectReason::protocol_violation;
};
/// Bytes came.
struct Heard {};
/// The peer said GOAWAY.
struct RemoteLeft {};
/// We want it to end.
struct Close {
    DisconnectReason reason = DisconnectReason::hung_up;
};
/// next_deadline() has come.
struct Expired {};
/// All that was queued has been given to the kernel.
struct Drained {};

using Action = std::variant<Linked, Unlinked, Secured, Muxed, Faulted, Heard, RemoteLeft, Close, Expired, Drained>;
inline constexpr int action_count = static_cast<int>(std::variant_size_v<Action>);
std::string_view action_name(int index);

/// What a phase makes of an action. `bug`: our own routing is wrong, and the process stops.
enum class Expectation : std::uint8_t { accept, ignore, bug };
/// The enabling conditions of this machine.
Expectation expects(Phase phase, int action_index);

}  // namespace libp2p::connection
