// Why a handshake or a transport ended: always the peer's doing, but for nonce_exhausted.
#pragma once

#include <cstdint>
#include <string_view>

namespace libp2p::noise {

enum class Error : std::uint8_t {
    malformed_frame,
    decryption_failed,
    bad_payload,
    bad_identity_key,
    bad_signature,
    wrong_peer_id,
    connected_to_self,
    weak_key,          // a public key of small order
    nonce_exhausted,
};
std::string_view to_string(Error error);

}  // namespace libp2p::noise
