// What perf remembers.
#pragma once

#include "libp2p/perf/pump.h"

#include "base/timers.h"

#include <map>

namespace libp2p::perf {

struct Config {
    std::string protocol = "/perf/1.0.0";
    base::Duration open_timeout = std::chrono::seconds(15);
    base::Duration stall_time = std::chrono::seconds(60);
    std::size_t transfers_max = 64;
    std::size_t served_max = 1024;
};

enum class Phase : std::uint8_t { opening, uploading, draining, downloading };
constexpr std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::opening: return "opening";
        case Phase::uploading: return "uploading";
        case Phase::draining: return "draining";
        case Phase::downloading: return "downloading";
    }
    return "?";
}

using TransferId = base::Id<struct TransferTag>;

/// A transfer that we run.
struct Transfer {
    PeerKey peer;
    RequestId request;
    Phase phase = Phase::opening;
    ChannelId channel;
    Pump up;
    std::uint64_t down_bytes = 0;  // wanted
    std::uint64_t received = 0;
    base::Instant started = base::Instant::never();
    base::Instant uploaded = base::Instant::never();
    base::Instant progressed;
};

/// A stream that we serve.
struct Served {
    PeerKey peer;
    base::ByteArray<8> asked{};
    std::size_t asked_bytes = 0;  // of `asked`, arrived
    std::uint64_t received = 0;   // of the upload
    bool answering = false;
    Pump down;
    base::Instant progressed;
};

/// A deadline. It is not moved at each progress, only looked at again when it comes.
struct Timer {
    enum class Kind : std::uint8_t { transfer, served };
    Kind kind = Kind::transfer;
    std::uint64_t id = 0;  // of the transfer or the channel
    auto operator<=>(Timer const&) const = default;
};

struct State {
    Config config;
    base::SharedBytes block;  // made at the first use
    TransferId last_transfer;
    std::map<TransferId, Transfer> transfers;
    std::map<ChannelId, TransferId> channels;
    std::map<ChannelId, Served> served;
    base::Timers<Timer> timers;
    std::uint64_t served_received = 0;  // of uploads, by all streams served so far
    std::uint64_t served_sent = 0;      // of downloads
};

}  // namespace libp2p::perf
