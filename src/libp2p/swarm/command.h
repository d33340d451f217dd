// What an application orders, and the values that answer it. All are plain data: they are recorded and replayed.
#pragma once

#include "base/shared_bytes.h"
#include "libp2p/gossipsub/gossipsub_actions.h"
#include "libp2p/kademlia/kademlia_actions.h"
#include "libp2p/peerstore/gate.h"
#include "libp2p/wire/call.h"
#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p {

namespace command {

/// Connects; answered with the PeerId once it is connected (at once if it is already), or with why not.
struct Connect {
    Multiaddr address;
    bool keep = false;               // dial again after a failure or a loss, with back-off
    std::vector<Multiaddr> others = {};  // where else the peer may be; `address` has its id
    bool is_hearsay = false;         // others have told of it: Config::private_addresses counts
    bool operator==(Connect const&) const = default;
};
/// Closes the connection and stops keeping it.
struct HangUp {
    PeerId peer;
    bool trim = false;  // it was one too many
    bool operator==(HangUp const&) const = default;
};
struct Ping {
    PeerId peer;
    bool operator==(Ping const&) const = default;
};
struct Subscribe {
    std::string topic;
    bool operator==(Subscribe const&) const = default;
};
struct Unsubscribe {
    std::string topic;
    bool operator==(Unsubscribe const&) const = default;
};
/// Answered with PublishedTo.
struct Publish {
    std::string topic;
    base::SharedBytes data;
    bool operator==(Publish const&) const = default;
};
/// The application's word on a MessageReceived.
struct GiveVerdict {
    gossipsub::MessageKey message;
    gossipsub::Acceptance acceptance = gossipsub::Acceptance::accept;
    bool operator==(GiveVerdict const&) const = default;
};
/// Answered with PerfTimes. spec: perf
struct Perf {
    PeerId peer;
    std::uint64_t up_bytes = 0;
    std::uint64_t down_bytes = 0;
    bool operator==(Perf const&) const = default;
};
/// Sends a pattern over an echoing protocol; answered with true if the same came back.
struct Echo {
    PeerId peer;
    std::string protocol;
    std::uint64_t bytes = 0;
    bool operator==(Echo const&) const = default;
};
/// `rounds` round trips one after the other on one echo stream; answered with RoundTripTimes.
struct RoundTrips {
    PeerId peer;
    std::string protocol;
    std::uint64_t bytes = 0;
    std::uint64_t rounds = 0;
    bool operator==(RoundTrips const&) const = default;
};
/// Requests to an echo service, pipelined; answered with RateMeasured.
struct Rate {
    PeerId peer;
    std::string protocol;
    std::uint64_t bytes = 0;
    std::uint64_t requests = 0;
    std::uint64_t outstanding = 64;
    std::uint64_t streams = 1;
    bool new_stream_each = false;
    bool operator==(Rate const&) const = default;
};
/// Puts a rule about a peer or a range of addresses; connections that it refuses are closed. It outlives the node.
struct SetRule {
    RuleSubject subject;
    RuleKind kind = RuleKind::ban;
    std::optional<base::Duration> time;  // none: until it is taken back
    std::string reason;
    bool operator==(SetRule const&) const = default;
};
/// Takes a rule back; an error when there is none.
struct DropRule {
    RuleSubject subject;
    RuleKind kind = RuleKind::ban;
    bool operator==(DropRule const&) const = default;
};
/// Peers that may be asked by lookups. No connection is made for that now.
struct LearnPeers {
    std::vector<kademlia::PeerAddresses> peers;
    bool operator==(LearnPeers const&) const = default;
};
/// Looks for a peer in the DHT; answered with Peers: one, with its addresses.
struct FindPeer {
    PeerId peer;
    bool operator==(FindPeer const&) const = default;
};
/// Looks for the peers closest to a key; answered with Peers.
struct FindClosest {
    base::ByteString key;
    bool operator==(FindClosest const&) const = default;
};
/// Asks one connected peer for the peers closest to a key that it knows; answered with Peers.
struct AskClosest {
    PeerId peer;
    base::ByteString key;
    bool operator==(AskClosest const&) const = default;
};
/// Says in the DHT that this node provides a key, now and until StopProviding; answered when it is said.
struct Provide {
    base::ByteString key;
    bool operator==(Provide const&) const = default;
};
struct StopProviding {
    base::ByteString key;
    bool operator==(StopProviding const&) const = default;
};
/// Answered with Peers.
struct FindProviders {
    base::ByteString key;
    std::uint64_t wanted = 20;
    bool operator==(FindProviders const&) const = default;
};
struct PutValue {
    base::ByteString key;
    base::ByteString value;
    bool operator==(PutValue const&) const = default;
};
/// Answered with Value.
struct GetValue {
    base::ByteString key;
    bool operator==(GetValue const&) const = default;
};
/// Asks a connected peer a question; answered with CallEnded, after the events AnswerBegun and AnswerPart. Needs a
/// guest that knows the method.
struct Call {
    PeerId peer;
    std::string method;
    std::optional<std::int64_t> version;  // none: the best that the peer offers
    base::SharedBytes query;
    base::Duration patience = std::chrono::seconds(30);  // for its turn
    bool operator==(Call const&) const = default;
};
/// Nobody waits for the answer to this call any more.
struct CancelCall {
    RequestId call;
    bool operator==(CancelCall const&) const = default;
};
/// The consumer of this answer is slow, or no more so. While paused, at most a stream's window still comes.
struct PauseCall {
    RequestId call;
    bool is_paused = true;
    bool operator==(PauseCall const&) const = default;
};
/// Answers a QuestionReceived, once; one that was dropped meanwhile is ignored.
struct AnswerQuestion {
    QuestionId question;
    AnswerBody answer;
    bool operator==(AnswerQuestion const&) const = default;
};
/// What a peer did is against the rules of the application: enough of it is a ban.
struct ReportOffence {
    PeerId peer;
    peerstore::Severity severity = peerstore::Severity::minor;
    std::string reason;
    bool operator==(ReportOffence const&) const = default;
};
/// Says goodbye on every connection; answered when the last is closed or after a second.
struct Shutdown {
    bool operator==(Shutdown const&) const = default;
};

}  // namespace command

using CommandBody =
    std::variant<command::Connect, command::HangUp, command::Ping, command::Subscribe, command::Unsubscribe,
                 command::Publish, command::GiveVerdict, command::Perf, command::Echo, command::RoundTrips,
                 command::Rate, command::SetRule, command::DropRule, command::LearnPeers, command::FindPeer,
                 command::FindClosest, command::AskClosest, command::Provide, command::StopProviding,
                 command::FindProviders, command::PutValue, command::GetValue, command::Call, command::CancelCall,
                 command::PauseCall, command::AnswerQuestion, command::ReportOffence, command::Shutdown>;

namespace reply {

struct Done {
    bool operator==(Done const&) const = default;
};
struct PublishedTo {
    base::ByteString id;
    std::vector<PeerId> peers;
    bool operator==(PublishedTo const&) const = default;
};
struct RoundTrip {
    base::Duration time{};
    bool operator==(RoundTrip const&) const = default;
};
struct PerfTimes {
    base::Duration up{};
    base::Duration down{};
    base::Duration total{};
    bool operator==(PerfTimes const&) const = default;
};
struct Echoed {
    bool same = false;
    bool operator==(Echoed const&) const = default;
};
struct RoundTripTimes {
    base::Duration median{};
    base::Duration p99{};
    base::Duration total{};
    bool operator==(RoundTripTimes const&) const = default;
};
struct RateMeasured {
    std::uint64_t requests = 0;
    base::Duration total{};
    bool operator==(RateMeasured const&) const = default;
};
/// Of a lookup in the DHT, the closest first.
struct Peers {
    std::vector<kademlia::PeerAddresses> peers;
    bool operator==(Peers const&) const = default;
};
struct Value {
    base::ByteString value;
    bool operator==(Value const&) const = default;
};

/// Of a call: without a failure, all of the answer has come.
struct CallEnded {
    std::optional<CallFailure> failure;
    bool operator==(CallEnded const&) const = default;
};

}  // namespace reply

using ReplyValue = std::variant<reply::Done, PeerId, reply::PublishedTo, reply::RoundTrip, reply::PerfTimes,
                                reply::Echoed, reply::RoundTripTimes, reply::RateMeasured, reply::Peers, reply::Value,
                                reply::CallEnded>;

}  // namespace libp2p
