// What happens to a channel.
#pragma once

#include "libp2p/channel/channel_state.h"

#include <variant>

namespace libp2p::channel {

/// Both sides know the protocol.
struct Agreed {};
/// The negotiation failed.
struct Refused {};
/// We have nothing more to write.
struct LocalFinished {};
/// The peer has nothing more to write.
struct RemoteFinished {};
struct RemoteReset {};
struct LocalReset {};
struct ConnectionLost {};
/// next_deadline() has come.
struct Expired {};

using Action = std::variant<Agreed, Refused, LocalFinished, RemoteFinished, RemoteReset, LocalReset, ConnectionLost, Expired>;
inline constexpr int action_count = static_cast<int>(std::variant_size_v<Action>);
std::string_view action_name(int index);

enum class Expectation : std::uint8_t { accept, ignore, bug };
/// The enabling conditions of this machine.
Expectation expects(Phase phase, int action_index);

}  // namespace libp2p::channel
