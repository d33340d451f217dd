// The state of one peer.
#pragma once

#include "base/rng.h"
#include "base/time.h"
#include "libp2p/connection/reason.h"
#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"

#include <vector>

namespace libp2p::peer {

enum class Phase : std::uint8_t { unknown, dialing, connected, backoff, banned };
inline constexpr int phase_count = 5;
std::string_view to_string(Phase phase);

inline constexpr std::size_t addresses_max = 16;

struct Config {
    PeerId self;
    base::Duration first = std::chrono::seconds(1);
    base::Duration cap = std::chrono::minutes(5);
    base::Duration stable = std::chrono::minutes(1);        // a connection this old clears the failures
    base::Duration simultaneous = std::chrono::seconds(10);  // connections this close together were a mutual dial
    base::Duration duplicate_grace = std::chrono::seconds(2);  // for which the losing connection stays
};

struct Connection {
    ConnectionId id;
    Direction direction = Direction::inbound;
    base::Instant opened_at;
    base::Instant close_at = base::Instant::never();  // it has lost against another; not at once, see duplicate_rule.h
};

struct State {
    Config const* config = nullptr;  // shared by all peers of a node; outlives them
    PeerKey key;
    PeerId id;
    Phase phase = Phase::unknown;
    base::Instant deadline = base::Instant::never();  // retry, end of the ban, or of a duplicate
    std::vector<Connection> connections;              // the kept one first; others are being closed
    std::vector<Multiaddr> addresses;                 // to dial, without /p2p, the best first
    bool kept = false;                                // dial again after a failure or a loss
    std::uint32_t failures = 0;
    DisconnectReason last_reason = DisconnectReason::none;
};

/// Adds an address to dial, in front when it is `best`, else behind those that are known; the last beyond the bound is
/// dropped.
void learn_address(State& state, Multiaddr const& address, bool best);

/// The delay before retry number `failures` (1 is the first), drawn from the upper half of its step.
base::Duration backoff_delay(Config const& config, std::uint32_t failures, base::Rng& rng);

}  // namespace libp2p::peer
