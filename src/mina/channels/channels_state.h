// What the channels remember.
#pragma once

#include "base/timers.h"
#include "mina/channels/channels_effects.h"
#include "mina/rate_limit/budget.h"

#include <map>

namespace mina::channels {

struct Config {
    // mina: L/network_pool/rate_limiter.ml: a window of five minutes, 2048 peers and as many addresses
    base::Duration window = std::chrono::minutes(5);  // of the rates, and of what is counted towards a ban
    std::size_t peers_max = 2'048;   // remembered; more while more are connected or have messages in flight
    std::size_t hosts_max = 2'048;   // remembered; more while more are connected
    std::uint32_t unfit_max = 3;     // of a peer in a window, before a ban is wanted; 0: never
    /// A peer may have in flight at most one part in so many of what is then left: 3 gives a quarter of the room to one
    /// peer alone, less to each of several, and never all of it.
    std::uint32_t share = 3;
    LimitsByKind limits = mina_limits();
};

/// Messages that await their verdict.
struct InFlight {
    std::size_t messages = 0;
    std::uint64_t bytes = 0;
    bool operator==(InFlight const&) const = default;
};

/// received = accepted + rejected + all that were ignored + those in flight.
struct Counters {
    std::uint64_t received = 0;
    std::uint64_t bytes = 0;     // of those
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::array<std::uint64_t, why_count> ignored{};  // by Why
    std::uint64_t unfit = 0;     // rejected for their structure; not among the received

    std::uint64_t ignored_for(Why why) const { return ignored.at(static_cast<std::size_t>(why)); }
    std::uint64_t timed_out() const { return ignored_for(Why::timed_out); }
    bool operator==(Counters const&) const = default;
};

struct FaultCount {
    base::Instant since;
    std::uint32_t count = 0;
};

/// The machine of one peer and one kind of message.
struct Channel {
    Budget budget;
    InFlight in_flight;
    Counters counters;
    std::array<FaultCount, fault_count> faults{};  // but unfit messages, which are counted over all kinds
};

/// A peer with its channels, by index_of(kind). Outlives its connections.
struct Peer {
    bool is_connected = false;
    HostId host;                          // 0 when it is not connected
    std::array<Channel, kind_count> channels;
    FaultCount unfit;
};

struct Host {
    std::size_t peers = 0;                // connected
    std::array<Budget, kind_count> budgets;
};

/// A message that awaits the application's verdict.
struct Pending {
    GossipKind kind = GossipKind::block;
    PeerId via;
    std::uint64_t bytes = 0;
};

/// All peers' messages of one kind.
struct Totals {
    InFlight in_flight;
    Counters counters;
};

struct State {
    /// Requires a share and rates that are some.
    explicit State(Config const& given = {});

    Config config;                        // not to be changed
    std::array<std::uint32_t, kind_count> capacities{};  // of budgets, in a window
    std::map<PeerId, Peer> peers;
    std::map<HostId, Host> hosts;
    std::map<MessageKey, Pending> pending;
    std::array<Totals, kind_count> totals;
    std::uint64_t unfit_of_no_kind = 0;
    std::uint64_t late_verdicts = 0;      // and those for messages never seen
    base::Timers<MessageKey> verdicts;    // until when they are awaited
    base::Timers<PeerId> idle_peers;      // those neither connected nor in flight, until they are forgotten
    base::Timers<HostId> idle_hosts;
};

}  // namespace mina::channels
