// What a node shows of itself.
#pragma once

#include "libp2p/connection/connection_state.h"
#include "libp2p/kademlia/kademlia_effects.h"
#include "libp2p/peer/peer_state.h"
#include "libp2p/wire/multiaddr.h"

#include <array>
#include <optional>

namespace libp2p {

struct PeerStatus {
    PeerId id;
    peer::Phase phase = peer::Phase::unknown;
    bool kept = false;
    bool trusted = false;
    std::string agent;
    std::optional<Multiaddr> address;              // of the connection that counts
    std::optional<Direction> direction;
    std::optional<base::Duration> connected_for;
    std::optional<base::Duration> round_trip;
    std::optional<base::Duration> retry_in;
    std::uint32_t failures = 0;
    DisconnectReason last_reason = DisconnectReason::none;
};

struct ConnectionStatus {
    PeerId peer;
    Multiaddr address;
    Direction direction = Direction::inbound;
    connection::Phase phase = connection::Phase::dialing;
    std::vector<std::string> streams;              // protocol names
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
    std::size_t queued_bytes = 0;                  // not yet taken by the kernel
};

/// Counts since the start.
struct Counters {
    std::array<std::uint64_t, disconnect_reason_count> disconnects{};  // by DisconnectReason
    std::uint64_t accepted = 0;
    std::uint64_t dialed = 0;
    std::uint64_t opened = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t streams_refused = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t messages_dropped = 0;   // RPCs that a full queue refused
    std::array<std::uint64_t, 16> misbehaviours{};  // by gossipsub::Misbehaviour
    std::array<std::uint64_t, kademlia::misbehaviour_count> kademlia_misbehaviours{};  // by kademlia::Misbehaviour
};

}  // namespace libp2p
