// The state of one channel.
#pragma once

#include "base/time.h"
#include "libp2p/wire/stream.h"

namespace libp2p::channel {

enum class Phase : std::uint8_t { negotiating, ready, half_closed, closed };
inline constexpr int phase_count = 4;
std::string_view to_string(Phase phase);

struct State {
    Direction direction = Direction::inbound;
    Phase phase = Phase::negotiating;
    base::Instant deadline = base::Instant::never();  // of the negotiation
    bool local_finished = false;
    bool remote_finished = false;
    stream::CloseReason reason = stream::CloseReason::complete;  // once closed
};

State begin(Direction direction, base::Instant deadline);

}  // namespace libp2p::channel
