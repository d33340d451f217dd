// The state of one connection.
#pragma once

#include "base/time.h"
#include "libp2p/connection/reason.h"
#include "libp2p/wire/stream.h"

#include <optional>

namespace libp2p::connection {

enum class Phase : std::uint8_t { dialing, securing, muxing, open, closing, closed };
inline constexpr int phase_count = 6;
std::string_view to_string(Phase phase);

struct Config {
    base::Duration dial_timeout = std::chrono::seconds(5);
    base::Duration securing_timeout = std::chrono::seconds(10);
    base::Duration muxing_timeout = std::chrono::seconds(5);
    base::Duration keep_alive_interval = std::chrono::seconds(30);
    base::Duration keep_alive_answer = std::chrono::seconds(15);
    base::Duration closing_timeout = std::chrono::seconds(1);
};

struct State {
    Config const* config = nullptr;  // shared by all connections of a node; outlives them
    Direction direction = Direction::inbound;
    Phase phase = Phase::dialing;
    base::Instant phase_since;
    base::Instant deadline = base::Instant::never();  // of the phase, or of the next keep-alive step
    base::Instant heard_at;                           // when the last byte came
    std::optional<base::Instant> pinged_at;           // a keep-alive ping is under way
    PeerId remote;                                    // known from Securing's end
    DisconnectReason reason = DisconnectReason::none;
};

/// A connection that we dial (phase Dialing) or that was accepted (phase Securing).
State begin(Config const& config, Direction direction, base::Instant now);

}  // namespace libp2p::connection
