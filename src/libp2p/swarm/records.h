// What the swarm keeps of each connection, channel, peer and attempt to dial: a machine's state and what ties it to the
// others. Plain data, but for the codecs.
#pragma once

#include "base/flat_map.h"
#include "libp2p/channel/channel.h"
#include "libp2p/connection/connection.h"
#include "libp2p/connection/pipe.h"
#include "libp2p/gossipsub/gossipsub_effects.h"
#include "libp2p/identify/identify_effects.h"
#include "libp2p/multistream/multistream.h"
#include "libp2p/peer/peer.h"
#include "libp2p/peerstore/gate.h"
#include "libp2p/swarm/core.h"
#include "libp2p/wire/length_prefixed.h"

#include <deque>
#include <memory>

namespace libp2p {

using AttemptId = base::Id<struct AttemptTag>;

/// When a refused peer may try again.
base::Instant end_of(peerstore::Refusal const& refusal);

/// Which protocol a channel belongs to.
enum class Service : std::uint8_t { none, identify, ping, perf, echo, gossip_out, gossip_in, kademlia, guest };
inline constexpr int service_count = 9;

enum class TimerKind : std::uint8_t {
    connection, peer, channel, attempt, identify, ping, perf, echo, gossipsub, gossip_stream, kademlia, guest, gate, observed, shutdown
};
struct TimerKey {
    TimerKind kind = TimerKind::connection;
    std::uint64_t id = 0;
    auto operator<=>(TimerKey const&) const = default;
};
std::string_view to_string(TimerKind kind);

/// What a machine has put out: filled by reduce(), drained by settle(). Two, so that draining may cause filling.
template <class Out>
struct Mailbox {
    Out filling;
    Out draining;
};

struct Channel;

struct Connection {
    ConnectionId id;
    LinkId link;
    SocketAddress remote;
    Multiaddr address;                 // as dialed, or where it came from
    connection::State state;
    std::unique_ptr<connection::Pipe> pipe;
    PeerKey peer;
    AttemptId attempt;                 // that dialed it, until it is open
    base::FlatMap<yamux::StreamId, Channel*> streams;
    std::size_t unwritten_bytes = 0;   // transmitted, not yet taken by the kernel
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
    std::uint16_t negotiating = 0;     // inbound streams
    bool dirty = false;
    bool reading = true;
    bool early_muxer = false;
    bool counted_pending = false;
    bool unreadable = false;           // a codec refused its bytes: no more are read, while goodbye is said
    bool from_listen_port = false;     // dialed from a port that we listen at
    bool link_ended = false;           // from outside: nothing may be ordered of it
};

/// The multistream-select of one stream, while it lasts.
struct Negotiation {
    std::optional<multistream::Dialer> dialer;
    std::optional<multistream::Listener> listener;
};

struct Channel {
    ChannelId id;
    Connection* connection = nullptr;  // outlives the channel
    yamux::StreamId stream = 0;
    PeerKey peer;
    RequestId request;
    Service service = Service::none;
    std::string protocol;
    channel::State state;
    std::unique_ptr<Negotiation> negotiation;
    std::size_t withheld_bytes = 0;    // credit kept back while too much is queued the other way
    bool lazy = false;                 // its protocol was told before the answer came
    bool announced = false;            // the protocol knows of it
    bool stream_gone = false;          // yamux has forgotten it
    bool is_held = false;              // its protocol wants nothing more for now
};

/// Which stream carries gossip to and from a peer.
struct GossipStreams {
    ChannelId outbound;
    ChannelId inbound;
    std::unique_ptr<LengthPrefixed> assembler;  // of the inbound one
    base::Instant opened_at;  // the outbound one
    bool opening = false;
    bool expected = false;    // identify has answered or failed: gossip may be opened
    std::uint8_t failures = 0;
    std::uint64_t dropped = 0;
    struct Faults {
        base::Instant since;
        std::uint32_t count = 0;
    };
    base::FlatMap<gossipsub::Misbehaviour, Faults> faults;  // of the peer, in this window
};

struct Peer {
    peer::State state;
    ConnectionId connection;           // the one that counts; 0 when there is none
    base::Instant connected_at;
    std::optional<identify::Info> info;
    GossipStreams gossip;
    std::vector<RequestId> waiting;    // Connect commands to answer
    AttemptId attempt;
    std::uint32_t upgrading = 0;       // its connections that are secured and not yet open
    bool is_ordered = false;           // the application has said where it is: any address may be dialed
};

/// An address to try.
struct Candidate {
    SocketAddress address;
    Multiaddr target;                  // as it was given, for messages
};

/// One effort to reach a peer (or whoever is at an address): names are looked up, and the addresses tried, each a
/// moment after the one before, until one is open.
struct Attempt {
    AttemptId id;
    PeerKey peer;                      // 0 while it is not known who is there
    Multiaddr given;                   // for messages
    std::deque<Multiaddr> targets;     // not yet looked at
    std::deque<Candidate> candidates;  // ready to dial
    ResolveId resolving;               // 0 when no name is being looked up
    Multiaddr resolving_target;
    std::vector<ConnectionId> connections;  // under way
    base::Instant next_dial_at;        // while one is
    bool is_queued = false;            // waits until fewer dials are under way
    bool any_address = true;           // private ones too
    bool is_hearsay = false;           // others have told where: few names are looked up, few of their addresses tried
    bool is_cancelled = false;         // nothing more is dialed
    std::vector<RequestId> waiting;    // only without a peer; else the peer has them
    DisconnectReason last = DisconnectReason::unreachable;
    int lookups = 0;
};
inline constexpr int attempt_lookups_max = 16;
inline constexpr std::size_t attempt_targets_max = 32;
inline constexpr int hearsay_lookups_max = 2;
inline constexpr std::size_t hearsay_name_addresses_max = 2;

}  // namespace libp2p
