// What a protocol above a stream sees and orders. These are the words between the protocols and the composition root
// (swarm/routing.cpp): a protocol machine gets the first group as actions and appends the second group as effects.
#pragma once

#include "base/id.h"
#include "base/shared_bytes.h"
#include "libp2p/wire/peer_id.h"

#include <string>
#include <variant>
#include <vector>

namespace libp2p {

using PeerKey = base::Id<struct PeerTag>;           // a peer, within one run; the swarm knows its PeerId
using ConnectionId = base::Id<struct ConnectionTag>;
using ChannelId = base::Id<struct ChannelTag>;      // a stream with its protocol
using RequestId = base::Id<struct RequestTag>;      // of the application; 0 when nobody waits

enum class Direction : std::uint8_t { inbound, outbound };

constexpr std::string_view to_string(Direction direction) {
    return direction == Direction::inbound ? "inbound" : "outbound";
}

namespace stream {

// Facts, to a protocol.

/// The protocol is agreed (or, for a lazy dialer, assumed): bytes may be written.
struct Opened {
    ChannelId channel;
    PeerKey peer;
    Direction direction = Direction::inbound;
    RequestId request;      // of the OpenChannel that led to it
    std::string protocol;   // the name that was agreed
};
/// `bytes` lives until the action returns.
struct Data {
    ChannelId channel;
    base::ByteView bytes;
};
/// The other side has finished writing; ours may go on.
struct Finished {
    ChannelId channel;
};
/// What was written has mostly been sent: more may be queued.
struct Writable {
    ChannelId channel;
};

enum class CloseReason : std::uint8_t { complete, reset, negotiation_failed, timed_out, connection_lost };
constexpr std::string_view to_string(CloseReason reason) {
    switch (reason) {
        case CloseReason::complete: return "complete";
        case CloseReason::reset: return "stream reset";
        case CloseReason::negotiation_failed: return "protocol not supported";
        case CloseReason::timed_out: return "timed out";
        case CloseReason::connection_lost: return "connection lost";
    }
    return "?";
}
/// The channel is gone: nothing more comes, nothing can be written. `channel` is 0 when it could not be opened at all.
struct Closed {
    ChannelId channel;
    PeerKey peer;
    RequestId request;
    CloseReason reason = CloseReason::complete;
};

// Orders, from a protocol.

/// Opens a stream to a connected peer, proposing the names in order.
struct Open {
    PeerKey peer;
    std::vector<std::string> protocols;
    RequestId request;
};
/// Queues bytes. Above `write_queue_bytes_max` queued bytes the channel is reset.
struct Write {
    ChannelId channel;
    base::SharedBytes bytes;
};
/// Ends our side after what is queued.
struct Finish {
    ChannelId channel;
};
/// Ends both sides at once.
struct Reset {
    ChannelId channel;
};
/// A Writable is wanted when no more than the low water is queued: at once if that is so already. (By itself it comes
/// only after the queue has risen above the low water.)
struct TellWritable {
    ChannelId channel;
};
/// While held, the peer gets no more credit: what has come already still arrives.
struct Hold {
    ChannelId channel;
    bool is_held = true;
};

using Order = std::variant<Open, Write, Finish, Reset, TellWritable, Hold>;

}  // namespace stream
}  // namespace libp2p
