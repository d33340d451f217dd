// Guest: a protocol above streams that the swarm is given by its owner, beside those it has. For the swarm it is one
// more machine: it is told what happens to its streams and to peers, and what it wants done is data.
#pragma once

#include "base/describe.h"
#include "base/env.h"
#include "base/result.h"
#include "libp2p/peerstore/gate.h"
#include "libp2p/swarm/command.h"
#include "libp2p/swarm/event.h"
#include "libp2p/wire/address.h"

#include <span>

namespace libp2p {

namespace guest {

// What happens to a guest, beside the facts of its streams.

/// The first connection to a peer is open. Comes before all else about the peer.
struct PeerConnected {
    PeerKey peer;
    PeerId id;
    IpAddress ip;
};
/// A connected peer has said who it is; `protocols` are sorted. May be repeated. Both live until the action returns.
struct PeerIdentified {
    PeerKey peer;
    std::string_view agent;
    std::span<std::string const> protocols;
};
/// The last connection is gone, and with it the peer's streams.
struct PeerDisconnected {
    PeerKey peer;
};
/// An order of the application; `peer` is 0 when the command names none, or one that is not connected.
struct Ordered {
    RequestId request;
    PeerKey peer;
    CommandBody const& command;  // Call, CancelCall, PauseCall or AnswerQuestion
};
/// next_deadline() has come.
struct Tick {};

using Action = std::variant<PeerConnected, PeerIdentified, PeerDisconnected, Ordered, stream::Opened, stream::Data,
                            stream::Finished, stream::Writable, stream::Closed, Tick>;

// What a guest wants done, beside orders to its streams.

/// Tells the application.
struct Tell {
    Event event;
};
/// Ends a command.
struct Answer {
    RequestId request;
    base::Result<ReplyValue, std::string> result;
};
/// A peer, perhaps one that has just left, broke the protocol.
struct Offence {
    PeerId peer;
    IpAddress ip;
    peerstore::Severity severity = peerstore::Severity::minor;
    std::string reason;
};

struct Out {
    std::vector<stream::Order> effects;
    std::vector<std::variant<Tell, Answer, Offence>> events;
    void clear() {
        effects.clear();
        events.clear();
    }
};

}  // namespace guest

class Guest {
public:
    virtual ~Guest() = default;
    /// The names that its streams are served under.
    virtual std::span<std::string const> names() const = 0;
    virtual void act(guest::Action const& action, base::Env const& env, guest::Out& out) = 0;
    /// never() when it waits for nothing.
    virtual base::Instant next_deadline() const = 0;
    virtual void describe(base::Describer& describer) const = 0;
};

}  // namespace libp2p
