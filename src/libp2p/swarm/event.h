// What a node tells its application. Plain data.
#pragma once

#include "base/shared_bytes.h"
#include "libp2p/connection/reason.h"
#include "libp2p/gossipsub/gossipsub_actions.h"
#include "libp2p/kademlia/kademlia_actions.h"
#include "libp2p/peerstore/stored.h"
#include "libp2p/wire/call.h"
#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p {

namespace event {

struct Connected {
    PeerId peer;
    Multiaddr address;
    Direction direction = Direction::inbound;
    std::string muxer;
    std::string security;
    IpAddress ip;        // of the other end
};
/// The last connection to the peer is gone.
struct Disconnected {
    PeerId peer;
    DisconnectReason reason = DisconnectReason::none;
};
/// An attempt to connect has failed; `retry_in` when another will follow.
struct ConnectionFailed {
    PeerId peer;  // may be empty
    Multiaddr address;
    DisconnectReason reason = DisconnectReason::none;
    std::optional<base::Duration> retry_in;
};
struct Identified {
    PeerId peer;
    std::string agent;
    std::vector<std::string> protocols;
    std::vector<Multiaddr> listen_addresses;
    Multiaddr observed;
};
/// A gossip message that awaits a verdict (command::GiveVerdict).
struct MessageReceived {
    gossipsub::MessageKey key;
    base::ByteString id;
    std::string topic;
    PeerId from;
    PeerId via;
    base::SharedBytes data;
};
/// A gossip message that breaks the rules of its topic: its verdict was reject, nobody gets it from us.
struct MessageRefused {
    base::ByteString id;
    std::string topic;
    PeerId from;
    PeerId via;
    std::size_t bytes = 0;
    std::string reason;
};
/// A connection was refused or dropped before it was a peer's.
struct Refused {
    SocketAddress remote;
    DisconnectReason reason = DisconnectReason::none;
};
/// One address of a peer did not lead there; others may be tried.
struct AddressFailed {
    PeerId peer;
    Multiaddr address;
    DisconnectReason reason = DisconnectReason::none;
};
/// A peer has told of others, in an answer of the DHT.
struct PeersTold {
    PeerId by;
    std::vector<kademlia::PeerAddresses> peers;
};
/// A lookup opened this connection, and needs it no more: to be hung up unless it is wanted for something else.
struct Spare {
    PeerId peer;
};
/// A ban that nobody ordered: for what the peer, or several peers at these addresses, did.
struct Banned {
    Rule rule;
};
/// The answer to a call begins.
struct AnswerBegun {
    RequestId call;
    PeerId peer;
    std::string method;
    std::int64_t version = 0;
    std::uint64_t size = 0;  // of the value
};
/// The next bytes of its value.
struct AnswerPart {
    RequestId call;
    base::SharedBytes bytes;
};
/// A peer asks; to be answered by command::AnswerQuestion.
struct QuestionReceived {
    QuestionId question;
    PeerId peer;
    std::string method;
    std::int64_t version = 0;
    base::SharedBytes query;
};
/// The question needs no answer any more: its stream is gone, or its time is over.
struct QuestionDropped {
    QuestionId question;
};
/// What a peer serves: methods, each with a version.
struct MenuReceived {
    PeerId peer;
    std::vector<std::pair<std::string, std::int64_t>> entries;
};
/// A peer broke the rules of a protocol; not yet enough for a ban, perhaps.
struct Misbehaved {
    PeerId peer;
    std::string what;
    std::uint32_t count = 0;  // of this kind, of this peer, in the last minutes
};
struct Warning {
    std::string text;
};

}  // namespace event

using Event = std::variant<event::Connected, event::Disconnected, event::ConnectionFailed, event::Identified,
                           event::MessageReceived, event::MessageRefused, event::Refused, event::AddressFailed,
                           event::PeersTold, event::Spare, event::Banned, event::AnswerBegun, event::AnswerPart,
                           event::QuestionReceived, event::QuestionDropped, event::MenuReceived, event::Misbehaved,
                           event::Warning>;

}  // namespace libp2p
