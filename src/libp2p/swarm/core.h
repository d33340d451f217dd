// Core: all that the outside knows of a node. One Input per outside event goes in at step(); the returned effects are
// everything the outside has to do; the next deadline is asked for. The runtime and the simulator drive nothing else,
// and the inputs are all that a recording holds.
#pragma once

#include "base/describe.h"
#include "base/shared_bytes.h"
#include "base/time.h"
#include "libp2p/connection/reason.h"
#include "libp2p/peerstore/stored.h"
#include "libp2p/swarm/command.h"
#include "libp2p/swarm/event.h"
#include "libp2p/wire/address.h"
#include "libp2p/wire/multiaddr.h"

#include <variant>

namespace libp2p {

/// A TCP connection. The core numbers those it dials with even numbers, the outside those it accepts with odd ones.
using LinkId = base::Id<struct LinkTag>;
using ResolveId = base::Id<struct ResolveTag>;

// ---- Inputs: what happened outside -----------------------------------------------------------------------------------

/// Once, first. The sockets are already listening.
struct Start {
    std::vector<SocketAddress> listening;  // as bound, with real ports
    std::vector<IpAddress> interfaces = {};// what an unspecified listening address stands for
    Stored stored = {};                    // what was remembered when the node ran last
};
struct Accepted {
    LinkId link;
    SocketAddress local;
    SocketAddress remote;
};
struct Dialed {
    LinkId link;
    SocketAddress local;
};
enum class LinkError : std::uint8_t { refused, unreachable, timed_out, reset, address_in_use, out_of_descriptors, other };
std::string_view to_string(LinkError error);
struct DialFailed {
    LinkId link;
    LinkError error = LinkError::other;
};
/// Bytes that arrived, decrypted in place by the step.
struct Received {
    LinkId link;
    base::MutableBytes bytes;
};
/// So many of the transmitted bytes were given to the kernel: send credit for the connection.
struct Written {
    LinkId link;
    std::uint64_t bytes = 0;
};
/// The link is gone; `error` is empty for an orderly end of stream.
struct Closed {
    LinkId link;
    std::optional<LinkError> error;
};
struct Resolved {
    ResolveId id;
    std::vector<IpAddress> addresses;   // of A and AAAA records
    std::vector<std::string> texts;     // of TXT records
    bool failed = false;
};
/// next_deadline() has come.
struct Tick {};
struct Command {
    RequestId request;  // answered by a Reply, unless 0
    CommandBody body;
};

using Input = std::variant<Start, Accepted, Dialed, DialFailed, Received, Written, Closed, Resolved, Tick, Command>;

// ---- Effects: what the outside has to do ------------------------------------------------------------------------------

struct Dial {
    LinkId link;
    SocketAddress to;
    /// Bind to a listening port of the same family first, so that the other side learns an address it can dial.
    bool from_listen_port = false;
};
/// Write these bytes, in order, after those transmitted before; answer with Written.
struct Transmit {
    LinkId link;
    base::SharedBytes bytes;
};
struct SetReading {
    LinkId link;
    bool reading = true;
};
/// Ends the link; no input about it may follow. Orderly: what was transmitted is written first (for at most a second),
/// then FIN. Otherwise at once.
struct Close {
    LinkId link;
    bool orderly = true;
};
enum class RecordKind : std::uint8_t { addresses_v4, addresses_v6, addresses, text };
/// Look up a DNS name; answer with Resolved.
struct Resolve {
    ResolveId id;
    std::string name;
    RecordKind kind = RecordKind::addresses;
};
struct Deliver {
    Event event;
};
/// Remember this, or no longer. Nothing comes back.
struct Store {
    StoreOrder order;
};
/// The end of a command.
struct Reply {
    RequestId request;
    base::Result<ReplyValue, std::string> result;
};

using Effect = std::variant<Dial, Transmit, SetReading, Close, Resolve, Store, Deliver, Reply>;

// ---- The core ----------------------------------------------------------------------------------------------------------

struct Deadline {
    base::Instant at;
    std::string_view machine;  // which wants it
};

class Core {
public:
    virtual ~Core() = default;
    /// Runs one input to its end. `now` never goes back. The effects are valid until the next step.
    virtual std::span<Effect const> step(base::Instant now, Input const& input) = 0;
    virtual std::optional<Deadline> next_deadline() const = 0;
    /// The whole state, in a fixed order.
    virtual void describe(base::Describer& describer) const = 0;
};

}  // namespace libp2p
