// What happens to the RPCs.
#pragma once

#include "libp2p/wire/stream.h"
#include "mina/rpc/dialect.h"
#include "mina/rpc/methods.h"

#include <span>
#include <variant>

namespace mina::rpc {

using libp2p::ChannelId;
using libp2p::Direction;
using libp2p::PeerKey;
using libp2p::RequestId;
namespace stream = libp2p::stream;

using QuestionId = base::Id<struct QuestionTag>;  // a query of a peer that awaits our answer
using HostId = base::Id<struct HostTag>;          // an IP address, within one run; 0 when it is not known

/// A connected peer has said who it is. May be repeated; what it said last counts.
struct PeerReady {
    PeerKey peer;
    HostId host;
    std::string_view agent;
    std::span<std::string const> protocols;
    std::optional<Dialect> dialect;  // in place of what agent and protocols tell
};
/// The last connection to a peer is gone. It comes after the Closed of its streams, or in place of them.
struct PeerGone {
    PeerKey peer;
};

/// Asks a peer. Ends in exactly one AnswerEnded or AskFailed; ids of asks under way are distinct and not 0.
struct Ask {
    PeerKey peer;
    Method method = Method::get_best_tip;
    std::optional<std::int64_t> version;  // none: the highest of ours that the peer's menu has
    base::ByteView query;                 // the value, in bin_prot
    RequestId request;
    base::Duration patience = std::chrono::seconds(30);  // for its turn: the menu, a stream, the peer's budget
};
/// Nobody waits for this answer any more.
struct Cancel {
    RequestId request;
};

/// The method has nothing to say: None, an empty list, or an error that says "not found".
struct NoAnswer {};
/// The question could not be answered. At most 100 bytes of text, more are cut.
struct FailedAnswer {
    std::string_view what;
};
/// The value in pieces, in bin_prot; no piece is copied.
struct Payload {
    std::vector<base::SharedBytes> pieces;
};
/// Answers a question, once; one that was dropped meanwhile is ignored.
struct Answer {
    QuestionId question;
    std::variant<NoAnswer, FailedAnswer, Payload> with;
};

/// next_deadline() has come.
struct Tick {};

using Action = std::variant<PeerReady, PeerGone, Ask, Cancel, Answer, stream::Opened, stream::Data, stream::Finished,
                            stream::Writable, stream::Closed, Tick>;

}  // namespace mina::rpc
