// Who may have how much in flight.
#pragma once

#include "mina/channels/channels_state.h"

namespace mina::channels {

/// Why a message of this length may not await its verdict now; nothing when it may. `all`: of its kind; `own`: of them,
/// the peer's.
std::optional<Why> lack_of_room(Config const& config, GossipKind kind, InFlight const& all, InFlight const& own,
                                std::uint64_t bytes);

/// What a peer may have in flight beside `own`. A channel without any message takes one of any length all the same.
InFlight room_left(Config const& config, GossipKind kind, InFlight const& all, InFlight const& own);

}  // namespace mina::channels
