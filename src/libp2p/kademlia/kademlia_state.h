// What Kademlia remembers.
#pragma once

#include "libp2p/kademlia/kademlia_config.h"
#include "libp2p/kademlia/kademlia_effects.h"
#include "libp2p/kademlia/lookup.h"
#include "libp2p/kademlia/message.h"
#include "libp2p/kademlia/provider_store.h"
#include "libp2p/kademlia/routing_table.h"

#include "base/timers.h"
#include "libp2p/wire/length_prefixed.h"

#include <deque>
#include <map>

namespace libp2p::kademlia {

using QueryId = base::Id<struct QueryTag>;

/// A connected peer.
struct Peer {
    PeerId id;
    Multiaddr address;               // of the connection
    Direction direction = Direction::inbound;
    bool is_identified = false;
    bool is_server = false;
    bool is_forgotten = false;       // by Forget: is asked nothing
    bool finds_nodes_only = false;
    std::vector<Multiaddr> addresses;  // where others can dial it, as far as we accept that
    bool ordered = false;            // the connection is due to a Connect, and not yet released
    base::Instant last_used;         // by a request of ours
    std::uint32_t inbound_streams = 0;
    std::uint32_t tokens = 0;        // requests that it may make now
    base::Instant tokens_at;         // when they were counted
};

/// Requests for a peer that wait for its connection, its Identify, or a free stream; and its open streams of ours.
struct Outgoing {
    std::deque<RequestId> waiting;
    std::uint32_t streams = 0;
    bool is_dialing = false;         // a Connect awaits its PeerConnected or ConnectFailed
    std::vector<Multiaddr> to_dial;  // while it waits for one of dials_max to be free
};

enum class Phase : std::uint8_t { waiting, opening, awaiting, abandoned };
constexpr std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::waiting: return "waiting";
        case Phase::opening: return "opening";
        case Phase::awaiting: return "awaiting";
        case Phase::abandoned: return "abandoned";
    }
    return "?";
}

/// One request of ours, on a stream of its own. `abandoned`: nobody waits; the stream was finished, and is not yet
/// closed.
struct Request {
    PeerId id;
    PeerKey peer;                    // once it is being opened
    ChannelId channel;               // once it is open
    Phase phase = Phase::waiting;
    MessageType type = MessageType::find_node;
    QueryId query;                   // 0: a probe
    CandidateId candidate = 0;       // of the query's lookup
    bool is_slow = false;
    bool is_answered = false;
    bool is_reported = false;        // for what it sent after its answer
    base::Instant deadline;
    std::size_t bytes_ignored = 0;   // that came when nobody waited any more
    LengthPrefixed answer{answer_bytes_in_max};
};

enum class QueryKind : std::uint8_t {
    refresh,
    find_peer,
    find_closest,
    ask,
    provide,
    find_providers,
    put_value,
    get_value
};
constexpr std::string_view to_string(QueryKind kind) {
    switch (kind) {
        case QueryKind::refresh: return "refresh";
        case QueryKind::find_peer: return "find peer";
        case QueryKind::find_closest: return "find closest";
        case QueryKind::ask: return "ask";
        case QueryKind::provide: return "provide";
        case QueryKind::find_providers: return "find providers";
        case QueryKind::put_value: return "put value";
        case QueryKind::get_value: return "get value";
    }
    return "?";
}

/// An address of the target of FindPeer, and who told of it.
struct ToldAddress {
    Multiaddr address;
    std::uint32_t tellers = 0;
};

struct Query {
    QueryKind kind = QueryKind::refresh;
    RequestId request;               // 0: nobody waits
    bool is_from_outside = false;
    base::ByteString key;
    base::ByteString value;          // put_value
    PeerId target;                   // find_peer
    base::Instant started;
    base::Instant deadline;
    base::Instant settles = base::Instant::never();  // when an address that was told suffices
    Lookup lookup;
    std::vector<ToldAddress> addresses;              // find_peer
    std::uint32_t found_hop = 0;                     // find_peer, get_value
    std::vector<PeerAddresses> providers;            // find_providers
    std::size_t wanted = 0;
    bool telling = false;            // the lookup is over; ADD_PROVIDER and PUT_VALUE are under way
    std::uint32_t tells = 0;         // under way
    std::vector<PeerId> told;
};

/// A stream that we answer.
struct Inbound {
    PeerKey peer;
    bool is_refused = false;         // nothing more is read of it
    base::Instant last_used;
    LengthPrefixed requests{request_bytes_max};
};

/// A key that this node provides.
struct OwnKey {
    base::Instant next;              // when it is said again; never while it is being said
    std::uint32_t short_rounds = 0;  // in a row, that told few
};

struct DialCount {
    base::Instant minute;            // that `dials` counts in, from here
    std::uint32_t dials = 0;
};

struct Counters {
    std::uint64_t queries = 0, queries_failed = 0;
    std::uint64_t requests_sent = 0, answers_received = 0, requests_failed = 0;
    std::uint64_t requests_answered = 0, requests_refused = 0;  // of others
    std::uint64_t dials = 0, dials_failed = 0, dials_withheld = 0, releases = 0;
    std::uint64_t members_added = 0, members_left = 0, members_refused = 0, probes = 0;
    std::uint64_t records_added = 0, records_refused = 0, values_stored = 0, values_refused = 0;
};

/// A deadline: of a request, a query, an inbound stream, a connection that we ordered; of what happens by itself.
struct Timer {
    enum class Kind : std::uint8_t { request, query, inbound, release, refresh, upkeep, republish };
    Kind kind = Kind::request;
    std::uint64_t id = 0;            // of the request, query, channel, peer; 0 for the others
    auto operator<=>(Timer const&) const = default;
};

struct State {
    explicit State(Config const& given = {});

    Config config;
    Key self_key;
    std::vector<Multiaddr> own_addresses;

    RoutingTable table;
    std::map<PeerKey, Peer> peers;
    std::map<PeerId, PeerKey> keys;         // of connected peers

    std::map<RequestId, Request> requests;
    std::map<ChannelId, RequestId> asking;  // by the channel of a request
    std::map<PeerId, Outgoing> outgoing;
    std::deque<PeerId> dials_waiting;  // of `outgoing`, for one of dials_max to be free; may hold some that are gone
    std::size_t dials = 0;                  // under way
    std::map<PeerId, base::Instant> backoffs;                    // not to be dialed before
    std::deque<std::pair<base::Instant, PeerId>> backoff_order;  // the oldest first
    std::map<Group, DialCount> dial_counts;
    std::map<PeerId, std::vector<Multiaddr>> known;              // of Learn
    std::deque<PeerId> known_order;         // the oldest first; may hold some that are gone

    std::map<QueryId, Query> queries;
    std::size_t queries_from_outside = 0;
    std::size_t probes = 0;                 // under way

    std::map<ChannelId, Inbound> inbound;
    ProviderStore providers;
    ValueStore values;
    std::map<base::ByteString, OwnKey> own_keys;

    bool is_refreshed = false;              // a lookup of ourselves runs, has run or will
    bool is_kept_up = false;                // the upkeep timer runs
    QueryId refreshing;                     // the refresh under way
    std::vector<std::size_t> buckets_due;   // the last comes first, after the lookup of ourselves
    std::vector<base::Instant> touched;     // by bucket: when a lookup went there last
    std::uint32_t small_refreshes = 0;      // in a row, with a small table

    std::uint64_t last_request = 0;
    std::uint64_t last_query = 0;
    Counters counters;
    base::Timers<Timer> timers;
};

}  // namespace libp2p::kademlia
