#include "libp2p/connection/reason.h"

#include "base/check.h"

namespace libp2p {

std::string_view to_string(DisconnectReason reason) {
    switch (reason) {
        using enum DisconnectReason;
        case none: return "none";
        case shutdown: return "shutdown";
        case hung_up: return "hung up";
        case duplicate_connection: return "duplicate connection";
        case too_many_connections: return "too many connections";
        case too_many_inbound: return "too many inbound connections";
        case too_many_from_ip: return "too many connections from one address";
        case too_many_pending: return "too many pending connections";
        case banned: return "banned";
        case trimmed: return "trimmed";
        case remote_closed: return "closed by the other side";
        case connection_reset: return "connection reset";
        case connection_refused: return "connection refused";
        case unreachable: return "unreachable";
        case name_not_resolved: return "name not resolved";
        case io_error: return "input/output error";
        case dial_timed_out: return "dial timed out";
        case securing_timed_out: return "security handshake timed out";
        case muxing_timed_out: return "muxer negotiation timed out";
        case keep_alive_timed_out: return "keep-alive timed out";
        case security_malformed: return "malformed security negotiation (another private network?)";
        case security_not_supported: return "no common security protocol";
        case simultaneous_open_tie: return "simultaneous open: tie";
        case noise_malformed_frame: return "noise: malformed frame";
        case noise_decryption_failed: return "noise: decryption failed";
        case noise_bad_payload: return "noise: bad payload";
        case noise_bad_identity_key: return "noise: bad identity key";
        case noise_bad_signature: return "noise: bad signature";
        case noise_weak_key: return "noise: weak key";
        case noise_nonce_exhausted: return "noise: nonce exhausted";
        case wrong_peer_id: return "wrong peer id";
        case connected_to_self: return "connected to ourselves";
        case muxer_malformed: return "malformed muxer negotiation";
        case muxer_not_supported: return "no common muxer";
        case yamux_bad_version: return "yamux: bad version";
        case yamux_bad_type: return "yamux: bad type";
        case yamux_bad_flags: return "yamux: bad flags";
        case yamux_bad_stream_id: return "yamux: bad stream id";
        case yamux_window_exceeded: return "yamux: window exceeded";
        case yamux_window_overflow: return "yamux: window overflow";
        case yamux_unexpected_pong: return "yamux: unexpected pong";
        case yamux_control_flood: return "yamux: control frame flood";
        case remote_went_away: return "the other side went away";
        case stream_negotiation_flood: return "stream negotiation flood";
        case protocol_violation: return "protocol violation";
    }
    return "?";
}

bool is_offence(DisconnectReason reason) {
    switch (reason) {
        using enum DisconnectReason;
        case yamux_bad_version:
        case yamux_bad_type:
        case yamux_bad_flags:
        case yamux_bad_stream_id:
        case yamux_window_exceeded:
        case yamux_window_overflow:
        case yamux_control_flood:
        case stream_negotiation_flood:
        case protocol_violation: return true;
        default: return false;
    }
}

DisconnectReason security_fault(multistream::Error error) {
    switch (error) {
        case multistream::Error::none_supported: return DisconnectReason::security_not_supported;
        case multistream::Error::tie: return DisconnectReason::simultaneous_open_tie;
        case multistream::Error::malformed:
        case multistream::Error::bad_header:
        case multistream::Error::unexpected:
        case multistream::Error::too_many: return DisconnectReason::security_malformed;
    }
    base::check_failed("unknown multistream error", std::source_location::current());
}

DisconnectReason muxer_fault(multistream::Error error) {
    return error == multistream::Error::none_supported ? DisconnectReason::muxer_not_supported
                                                       : DisconnectReason::muxer_malformed;
}

DisconnectReason fault(noise::Error error) {
    switch (error) {
        case noise::Error::malformed_frame: return DisconnectReason::noise_malformed_frame;
        case noise::Error::decryption_failed: return DisconnectReason::noise_decryption_failed;
        case noise::Error::bad_payload: return DisconnectReason::noise_bad_payload;
        case noise::Error::bad_identity_key: return DisconnectReason::noise_bad_identity_key;
        case noise::Error::bad_signature: return DisconnectReason::noise_bad_signature;
        case noise::Error::wrong_peer_id: return DisconnectReason::wrong_peer_id;
        case noise::Error::connected_to_self: return DisconnectReason::connected_to_self;
        case noise::Error::weak_key: return DisconnectReason::noise_weak_key;
        case noise::Error::nonce_exhausted: return DisconnectReason::noise_nonce_exhausted;
    }
    base::check_failed("unknown noise error", std::source_location::current());
}

DisconnectReason fault(yamux::Error error) {
    switch (error) {
        case yamux::Error::bad_version: return DisconnectReason::yamux_bad_version;
        case yamux::Error::bad_type: return DisconnectReason::yamux_bad_type;
        case yamux::Error::bad_flags: return DisconnectReason::yamux_bad_flags;
        case yamux::Error::bad_stream_id: return DisconnectReason::yamux_bad_stream_id;
        case yamux::Error::window_exceeded: return DisconnectReason::yamux_window_exceeded;
        case yamux::Error::window_overflow: return DisconnectReason::yamux_window_overflow;
        case yamux::Error::unexpected_pong: return DisconnectReason::yamux_unexpected_pong;
        case yamux::Error::control_flood: return DisconnectReason::yamux_control_flood;
    }
    base::check_failed("unknown yamux error", std::source_location::current());
}

}  // namespace libp2p
