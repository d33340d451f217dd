// What happens to the RPCs.
#pragma once

#include "libp2p/wire/call.h"
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

using libp2p::QuestionId;
using HostId = base::Id<struct HostTag>;          // an IP address, within one run; 0 when it is not known

/// A peer is connected. What its streams ask is charged to the host, too, whether or not it ever says who it is.
struct PeerSeen {
    PeerKey peer;
    HostId host;
};
/// A connected peer has said who it is. May be repeated; what it said last counts.
struct PeerReady {
    PeerKey peer;
    HostId host;                     // 0: as it was
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
    base::Duration patience = std::chrono::seconds(60);  // for its turn: the menu, a stream, the peer's budget
};
/// Nobody waits for this answer any more.
struct Cancel {
    RequestId request;
};

/// The consumer of an answer is slow, or no more so: while paused, nothing more of its stream is read.
struct Pause {
    RequestId request;
    bool is_paused = true;
};

using libp2p::FailedAnswer;
using libp2p::NoAnswer;
using libp2p::Payload;
/// Answers a question, once; one that was dropped meanwhile is ignored.
struct Answer {
    QuestionId question;
    libp2p::AnswerBody with;
};

/// next_deadline() has come.
struct Tick {};

using Action = std::variant<PeerSeen, PeerReady, PeerGone, Ask, Cancel, Pause, Answer, stream::Opened, stream::Data,
                            stream::Finished, stream::Writable, stream::Closed, Tick>;

}  // namespace mina::rpc
