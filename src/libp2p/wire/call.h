// What an application sees and orders of calls: questions that one peer asks another over a stream, each answered by
// one value. Which methods there are, and how they are written, is the affair of a guest protocol (swarm/guest.h).
#pragma once

#include "base/id.h"
#include "base/shared_bytes.h"

#include <string>
#include <variant>
#include <vector>

namespace libp2p {

using QuestionId = base::Id<struct QuestionTag>;  // a question of a peer that awaits our answer

/// Why a call of ours has no answer, or not the rest of it.
enum class CallFailure : std::uint8_t {
    not_ready,            // the peer is not connected, or has not yet said who it is
    not_supported,        // the peer does not speak the protocol
    not_served,           // the peer's implementation, or its menu, does not have the method
    version_not_offered,  // it has, in other versions only
    query_unfit,          // the query is too long for the method or the peer, or cannot be one
    budget,               // would exceed what the peer lets us ask, for longer than the call's patience
    queue_full,
    no_menu,              // the peer's menu could not be had
    not_answering,        // the peer has left too many queries unanswered on this connection
    timed_out,
    closed,               // the stream or connection ended first
    unimplemented,        // the peer says that it does not know method and version
    remote_error,         // the peer says that answering failed
    misbehaved,           // the peer broke the protocol
    cancelled,
};
std::string_view to_string(CallFailure failure);

/// The method has nothing to say: None, an empty list, or an error that says "not found".
struct NoAnswer {
    bool operator==(NoAnswer const&) const = default;
};
/// The question could not be answered. At most 100 bytes of text go to the peer, more are cut.
struct FailedAnswer {
    std::string what;
    bool operator==(FailedAnswer const&) const = default;
};
/// The value in pieces; no piece is copied.
struct Payload {
    std::vector<base::SharedBytes> pieces;
    bool operator==(Payload const&) const = default;
};
using AnswerBody = std::variant<NoAnswer, FailedAnswer, Payload>;

}  // namespace libp2p
