#include "libp2p/gossipsub/gossipsub_effects.h"

namespace libp2p::gossipsub {

std::string_view to_string(Misbehaviour misbehaviour) {
    switch (misbehaviour) {
        case Misbehaviour::malformed_rpc: return "malformed RPC";
        case Misbehaviour::too_many_subscriptions: return "too many subscriptions";
        case Misbehaviour::bad_signature: return "bad signature";
        case Misbehaviour::missing_signature: return "missing signature";
        case Misbehaviour::unexpected_signature: return "unexpected signature";
        case Misbehaviour::bad_sequence_number: return "bad sequence number";
        case Misbehaviour::message_too_large: return "message too large";
        case Misbehaviour::ihave_flood: return "IHAVE flood";
        case Misbehaviour::iwant_flood: return "IWANT flood";
        case Misbehaviour::graft_in_backoff: return "GRAFT in backoff";
        case Misbehaviour::broken_promise: return "broken promise";
        case Misbehaviour::rejected_message: return "rejected message";
        case Misbehaviour::malformed_message: return "malformed message";
        case Misbehaviour::padded_message: return "padded message";
        case Misbehaviour::unverifiable_signature: return "unverifiable signature";
    }
    return "?";
}

bool is_fatal(Misbehaviour misbehaviour) { return misbehaviour == Misbehaviour::malformed_rpc; }

}  // namespace libp2p::gossipsub
