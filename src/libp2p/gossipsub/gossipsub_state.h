// Config, and everything GossipSub remembers.
#pragma once

#include "crypto/suite.h"
#include "libp2p/gossipsub/gossipsub_actions.h"
#include "libp2p/gossipsub/gossipsub_limits.h"
#include "libp2p/gossipsub/message_cache.h"
#include "libp2p/gossipsub/message_id.h"
#include "libp2p/gossipsub/peer_set.h"
#include "libp2p/gossipsub/seen_cache.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace libp2p::gossipsub {

/// spec: pubsub#signature-policy-options
enum class SigningPolicy : std::uint8_t { strict_sign, strict_no_sign };

/// A share of peers, so that no floating point is needed.
struct Ratio {
    std::size_t numerator = 1;
    std::size_t denominator = 4;
};

/// The defaults are those of go-libp2p-pubsub 0.9.3, which Mina uses unchanged, where nothing else is said.
struct Config {
    // Mesh. spec: gossipsub-v1.0#parameters, gossipsub-v1.1#overview-of-new-parameters
    std::size_t mesh_target = 6;         // D
    std::size_t mesh_low = 5;            // D_low: below, the heartbeat grafts up to D
    std::size_t mesh_high = 12;          // D_high: above, the heartbeat prunes down to D
    std::size_t mesh_outbound_min = 2;   // D_out: members that we dialed
    base::Duration prune_backoff = std::chrono::seconds(60);
    base::Duration unsubscribe_backoff = std::chrono::seconds(10);
    base::Duration graft_flood_threshold = std::chrono::seconds(10);  // a GRAFT sooner after a PRUNE counts twice

    // Gossip.
    std::size_t gossip_peers_min = 6;    // D_lazy
    Ratio gossip_factor;                 // of the peers outside the mesh, when that is more
    MessageCacheLimits cache;
    std::uint8_t iwant_answers_max = 3;  // of one message to one peer
    std::size_t ihave_ids_max = 5'000;   // read of one peer in a heartbeat
    std::size_t ihave_rpcs_max = 10;     // read of one peer in a heartbeat
    std::size_t iwant_ids_max = 5'000;   // read of one peer in a heartbeat
    base::Duration iwant_follow_up = std::chrono::seconds(3);  // what is asked for should come within

    // Time.
    base::Duration heartbeat_interval = std::chrono::seconds(1);
    /// The first heartbeat comes after this and a random share of an interval, so that nodes do not beat in step.
    base::Duration heartbeat_delay = std::chrono::milliseconds(100);
    base::Duration fanout_ttl = std::chrono::seconds(60);
    base::Duration verdict_timeout = std::chrono::seconds(300);  // then the message counts as ignored
    /// Longer than the verdict time-out: else a message may come again while its first copy awaits its verdict.
    base::Duration seen_ttl = std::chrono::seconds(360);

    // Bounds. What happens at each is said at its use and shown by a test.
    std::size_t seen_max = std::size_t{1} << 17;   // pending ones may come on top
    std::size_t pending_max = 4'096;     // beyond, by number or bytes: the newest message is dropped, and may come again
    std::size_t pending_bytes_max = 64 * 1024 * 1024;
    std::size_t rpc_bytes_max = 32 * 1024 * 1024;
    std::size_t message_bytes_max = 32 * 1024 * 1024;  // of a message's data
    std::size_t peers_max = 4'096;       // beyond: a new peer is not heard
    std::size_t topics_max = 1'024;      // that we subscribe to or publish in; beyond: no subscription, no fan-out kept
    std::size_t unknown_topics_per_peer_max = 16;  // neither ours nor in `topics`; beyond: its subscription is skipped

    // Network.
    std::set<std::string, std::less<>> topics;  // known, though perhaps not subscribed to: subscriptions are always kept
    std::set<PeerId> direct_peers;              // always forwarded to, never in a mesh
    bool flood_publish = false;                 // send our own messages to all peers of the topic
    SigningPolicy signing = SigningPolicy::strict_sign;
    MessageIdFunction message_id = origin_id;
    bool answer_rust_ids = false;               // mina: see rust_ids.h

    // Identity.
    std::optional<crypto::PrivateKey> key;      // signs what we publish; without it, strict_sign can only receive
    crypto::Suite const* suite = nullptr;       // null means crypto::real_suite()
    /// Must be above every number of an earlier run; nanoseconds since 1970 will do. spec: "linearly increasing"
    std::uint64_t first_sequence_number = 1;
};

struct Peer {
    PeerId id;
    Version version = Version::v1_1;
    Direction connection = Direction::inbound;
    bool is_added = false;   // else its stream to us has come first: it is heard, but nothing can be sent yet
    bool is_direct = false;
    std::uint32_t unknown_topics = 0;
    // In this heartbeat.
    std::uint32_t ihave_rpcs = 0;
    std::uint32_t ihave_ids = 0;
    std::uint32_t iwant_ids = 0;
};

struct Topic {
    bool is_subscribed = false;  // by us
    PeerSet peers;               // that announced it
    PeerSet flooded;             // of them, those outside all meshes that get every message: direct and floodsub peers
    PeerSet mesh;                // of them; empty unless we are subscribed
    PeerSet fanout;              // of them; empty when we are subscribed
    PeerSet early_grafts;        // of them, those whose GRAFT came before we could answer
    base::Instant fanout_until;  // while `fanout` is in use
    std::map<PeerId, base::Instant> backoff;  // no GRAFT either way before; kept when the peer leaves
};

/// A message awaiting its verdict.
struct Pending {
    MessageId id;
    MessageId origin;          // empty unless it is indexed
    std::string topic;
    PeerId from;
    PeerKey via;
    PeerSet senders;           // who else sent it meanwhile; it is not forwarded to them
    base::SharedBytes frame;   // the Message as it came, in an RPC with its length prefix
    base::Instant deadline;
};

/// Whom we asked for a message by IWANT, and until when it should come.
using Promise = base::FlatMap<PeerKey, base::Instant>;

struct Counters {
    std::uint64_t arrived = 0;     // shown to the application
    std::uint64_t duplicate = 0;
    std::uint64_t unwanted = 0;    // of a topic we are not subscribed to, or our own from before
    std::uint64_t invalid = 0;     // shape or signature
    std::uint64_t overflowed = 0;  // no room to await a verdict
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::uint64_t ignored = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t forwarded = 0;   // copies
    std::uint64_t published = 0;
    std::uint64_t served = 0;      // in answer to IWANT
};

struct State {
    explicit State(Config of);
    State(State&&) noexcept = default;
    State& operator=(State&&) noexcept = default;

    Config config;
    PeerId self;                   // empty without a key
    bool is_started = false;
    base::Instant heartbeat_at = base::Instant::never();
    std::uint64_t sequence_number = 1;  // of the next message we publish
    std::uint64_t next_message = 1;     // of the next MessageKey

    std::map<std::string, Topic, std::less<>> topics;
    std::map<PeerKey, Peer> peers;
    SeenCache seen;
    MessageCache cache;
    std::map<MessageKey, Pending> pending;  // in the order of their deadlines
    std::size_t pending_bytes = 0;
    std::map<SeenKey, Promise> promises;
    Counters counters;
};

}  // namespace libp2p::gossipsub
