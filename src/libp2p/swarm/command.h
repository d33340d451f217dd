// What an application orders, and the values that answer it. All are plain data: they are recorded and replayed.
#pragma once

#include "base/shared_bytes.h"
#include "libp2p/gossipsub/gossipsub_actions.h"
#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p {

namespace command {

/// Connects; answered with the PeerId once it is connected (at once if it is already), or with why not.
/// `keep`: dial again after a failure or a loss, with back-off.
struct Connect {
    Multiaddr address;
    bool keep = false;
    bool operator==(Connect const&) const = default;
};
/// Closes the connection and stops keeping it.
struct HangUp {
    PeerId peer;
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
/// Refuses a peer, or every peer in an address range, for a time. Exactly one of `peer` and `ip` is set.
struct Ban {
    PeerId peer;
    std::optional<IpAddress> ip;
    std::uint8_t prefix_bits = 0;  // of `ip`
    base::Duration time{};
    bool operator==(Ban const&) const = default;
};
struct Unban {
    PeerId peer;
    std::optional<IpAddress> ip;
    std::uint8_t prefix_bits = 0;
    bool operator==(Unban const&) const = default;
};
/// Never banned, never refused by a bound on connections.
struct Trust {
    PeerId peer;
    bool operator==(Trust const&) const = default;
};
/// Says goodbye on every connection; answered when the last is closed or after a second.
struct Shutdown {
    bool operator==(Shutdown const&) const = default;
};

}  // namespace command

using CommandBody =
    std::variant<command::Connect, command::HangUp, command::Ping, command::Subscribe, command::Unsubscribe,
                 command::Publish, command::GiveVerdict, command::Perf, command::Echo, command::RoundTrips,
                 command::Rate, command::Ban, command::Unban, command::Trust, command::Shutdown>;

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

}  // namespace reply

using ReplyValue = std::variant<reply::Done, PeerId, reply::PublishedTo, reply::RoundTrip, reply::PerfTimes,
                                reply::Echoed, reply::RoundTripTimes, reply::RateMeasured>;

}  // namespace libp2p
