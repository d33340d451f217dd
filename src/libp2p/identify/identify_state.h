// What identify remembers.
#pragma once

#include "libp2p/identify/identify_message.h"

#include "base/timers.h"
#include "libp2p/wire/length_prefixed.h"

#include <map>

namespace libp2p::identify {

struct Config {
    std::string protocol = "/ipfs/id/1.0.0";
    std::string push_protocol = "/ipfs/id/push/1.0.0";
    base::Duration query_timeout = std::chrono::seconds(10);   // from PeerConnected to the end of the answer
    base::Duration read_timeout = std::chrono::seconds(10);    // of a push
    base::Duration settle_time = std::chrono::seconds(2);      // after a whole message, for more or the end
    base::Duration push_interval = std::chrono::seconds(5);    // between two pushes to a peer
    std::uint32_t pushes_per_second_max = 8;                   // from a peer; more are reset
    std::uint32_t reads_max = 4;                               // pushes being read, of a peer; more are reset
    std::uint32_t answers_max = 8;                             // queries being answered, of a peer; more are reset
    std::uint32_t sends_max = 4;                               // pushes not yet closed by a peer; more wait
};

enum class Query : std::uint8_t { opening, reading, done, failed };
constexpr std::string_view to_string(Query query) {
    switch (query) {
        case Query::opening: return "opening";
        case Query::reading: return "reading";
        case Query::done: return "done";
        case Query::failed: return "failed";
    }
    return "?";
}

/// What a channel is for. `abandoned`: read too slowly; finished, and nothing of it counts any more.
enum class Role : std::uint8_t { answer, query, push_read, push_send, abandoned };
constexpr std::string_view to_string(Role role) {
    switch (role) {
        case Role::answer: return "answer";
        case Role::query: return "query";
        case Role::push_read: return "push read";
        case Role::push_send: return "push send";
        case Role::abandoned: return "abandoned";
    }
    return "?";
}

struct Peer {
    PeerId id;
    Multiaddr remote;
    Query query = Query::opening;
    ChannelId query_channel;        // while reading
    bool query_unanswered = true;   // an Open of a query awaits its Opened or Closed
    bool push_unanswered = false;   // an Open of a push awaits its Opened or Closed
    bool push_due = false;          // we have changed since the peer last heard of us
    bool refuses_push = false;      // it announced push and then did not take one
    base::Instant push_not_before;
    std::uint32_t reads = 0;        // channels that read a push or were abandoned doing so
    std::uint32_t answers = 0;      // channels of answers
    std::uint32_t sends = 0;        // channels of pushes to it
    base::Instant push_window;      // start of the second in which `pushes_seen` counts
    std::uint32_t pushes_seen = 0;
    std::uint64_t pushes_dropped = 0;
    Info info;                      // of the query and of all pushes
};

struct Channel {
    PeerKey peer;
    Role role = Role::answer;
    std::size_t messages = 0;
    LengthPrefixed buffer{message_bytes_max};
    Draft draft;
};

/// A deadline: of a peer's query, of a push to a peer, of a channel's reading.
struct Timer {
    enum class Kind : std::uint8_t { query, push, read };
    Kind kind = Kind::query;
    std::uint64_t id = 0;  // of the peer or the channel
    auto operator<=>(Timer const&) const = default;
};

struct State {
    Config config;
    Self self;
    std::map<PeerKey, Peer> peers;
    std::map<ChannelId, Channel> channels;
    base::Timers<Timer> timers;
};

}  // namespace libp2p::identify
