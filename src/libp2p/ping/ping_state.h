// What ping remembers.
#pragma once

#include "libp2p/ping/ping_effects.h"

#include "base/timers.h"

#include <deque>
#include <map>

namespace libp2p::ping {

inline constexpr std::size_t block_bytes = 32;  // spec: ping#protocol "32-byte payload of random binary data"

struct Config {
    std::string protocol = "/ipfs/ping/1.0.0";
    base::Duration timeout = std::chrono::seconds(10);
    base::Duration idle_time = std::chrono::seconds(30);  // for which our stream is kept after an answer
    std::size_t waiting_max = 16;                         // pings to a peer behind the one at work
    std::uint32_t inbound_max = 2;                        // spec: ping#protocol "accept at most two streams per peer"
};

enum class Phase : std::uint8_t { opening, awaiting, idle, abandoned };
constexpr std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::opening: return "opening";
        case Phase::awaiting: return "awaiting";
        case Phase::idle: return "idle";
        case Phase::abandoned: return "abandoned";
    }
    return "?";
}

/// Our stream to a peer.
struct Outbound {
    Phase phase = Phase::opening;
    ChannelId channel;                 // 0 until opened
    RequestId opened_for;              // the request of the Open
    std::deque<RequestId> waiting;     // the first is at work
    base::Instant sent_at;
    base::ByteArray<block_bytes> sent{};
    std::size_t received = 0;          // bytes of the answer, equal to the first of `sent`
};

/// A stream that we answer.
struct Inbound {
    PeerKey peer;
    base::ByteArray<block_bytes> partial{};
    std::size_t partial_bytes = 0;
};

struct State {
    Config config;
    std::map<PeerKey, Outbound> outbound;
    std::map<ChannelId, PeerKey> pinged;   // the peers of the open outbound channels
    std::map<ChannelId, Inbound> inbound;
    std::map<PeerKey, std::uint32_t> inbound_count;
    base::Timers<PeerKey> timers;
};

}  // namespace libp2p::ping
