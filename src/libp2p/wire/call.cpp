#include "libp2p/wire/call.h"

namespace libp2p {

std::string_view to_string(CallFailure failure) {
    switch (failure) {
        case CallFailure::not_ready: return "peer not ready";
        case CallFailure::not_supported: return "peer speaks no rpc";
        case CallFailure::not_served: return "method not served by the peer";
        case CallFailure::version_not_offered: return "version not offered by the peer";
        case CallFailure::query_unfit: return "query unfit for the method or the peer";
        case CallFailure::budget: return "peer's budget";
        case CallFailure::queue_full: return "too many calls at once";
        case CallFailure::no_menu: return "no menu";
        case CallFailure::not_answering: return "earlier queries are unanswered";
        case CallFailure::timed_out: return "timed out";
        case CallFailure::closed: return "stream closed";
        case CallFailure::unimplemented: return "unimplemented by the peer";
        case CallFailure::remote_error: return "error of the peer";
        case CallFailure::misbehaved: return "peer broke the protocol";
        case CallFailure::cancelled: return "cancelled";
    }
    return "?";
}

}  // namespace libp2p
