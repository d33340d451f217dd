// DisconnectReason: why a connection ended. A closed enum: each end has exactly one, and each is counted.
#pragma once

#include "libp2p/multistream/multistream.h"
#include "libp2p/noise/noise.h"
#include "libp2p/yamux/yamux.h"

namespace libp2p {

enum class DisconnectReason : std::uint8_t {
    none,
    // We wanted it.
    shutdown,
    hung_up,
    duplicate_connection,  // the other connection of this peer pair is kept
    too_many_connections,
    too_many_inbound,
    too_many_from_ip,
    too_many_pending,
    banned,
    trimmed,
    // The network, or the other side.
    remote_closed,
    connection_reset,
    connection_refused,
    unreachable,
    name_not_resolved,
    io_error,
    // Time.
    dial_timed_out,
    securing_timed_out,
    muxing_timed_out,
    keep_alive_timed_out,
    // Security negotiation: with a wrong pre-shared key everything here is garbage.
    security_malformed,
    security_not_supported,
    simultaneous_open_tie,
    // Noise.
    noise_malformed_frame,
    noise_decryption_failed,
    noise_bad_payload,
    noise_bad_identity_key,
    noise_bad_signature,
    noise_weak_key,
    noise_nonce_exhausted,
    wrong_peer_id,
    connected_to_self,
    // Muxer negotiation and Yamux.
    muxer_malformed,
    muxer_not_supported,
    yamux_bad_version,
    yamux_bad_type,
    yamux_bad_flags,
    yamux_bad_stream_id,
    yamux_window_exceeded,
    yamux_window_overflow,
    yamux_unexpected_pong,
    yamux_control_flood,
    remote_went_away,
    // Above the streams.
    stream_negotiation_flood,
    protocol_violation,
};

inline constexpr int disconnect_reason_count = static_cast<int>(DisconnectReason::protocol_violation) + 1;

/// Short text for events and metrics, such as "wrong peer id".
std::string_view to_string(DisconnectReason reason);

/// The other side, whose identity is known by then, broke a protocol: no accident of the network, nor of a version.
bool is_offence(DisconnectReason reason);

DisconnectReason security_fault(multistream::Error error);
DisconnectReason muxer_fault(multistream::Error error);
DisconnectReason fault(noise::Error error);
DisconnectReason fault(yamux::Error error);

}  // namespace libp2p
