// Plans: what each scenario does. The mix of faults of a plan may be drawn from the seed.
#pragma once

#include "sim/link.h"
#include "sim/sim.h"

namespace sim {

struct Plan {
    Network network;
    std::size_t dials_per_node = 3;       // each node keeps as many connections that it dials
    bool pairs = false;                   // instead: nodes 2k and 2k+1 dial each other, again and again
    bool short_times = true;              // NodeSpec::short_times
    bool vary_dialing = false;            // some nodes do not dial from their listening port, or offer no simultaneous open
    std::uint32_t names_share = 100;      // of dials by a domain name, in 1,000

    base::Duration publish_every = std::chrono::seconds(3);  // one message in the whole network; 0: none
    std::size_t message_bytes_min = 8;
    std::size_t message_bytes_max = 2'000;
    bool expects_all = false;             // also the messages of the main part reach everybody
    std::uint32_t late_verdict_share = 0; // in 1,000
    base::Duration late_verdict_max = std::chrono::milliseconds(500);

    // Faults of the main part: the mean time between two; 0: none.
    base::Duration resets_every{};
    base::Duration stalls_every{};
    base::Duration stall_max = std::chrono::seconds(10);
    base::Duration crashes_every{};
    base::Duration down_max = std::chrono::seconds(20);
    base::Duration partitions_every{};
    base::Duration partition_max = std::chrono::seconds(30);
    base::Duration orders_every{};        // pings, echoes, bans and other orders, at random
    std::uint32_t refuse_share = 0;       // of dials, in 1,000
    std::size_t hostile = 0;              // the last so many nodes
    std::size_t slow = 0;                 // the first so many nodes
    std::uint64_t slow_bytes_per_second = 40'000;

    base::Duration warm_up = std::chrono::seconds(5);   // before the first message
    base::Duration settle = std::chrono::seconds(40);   // after the faults, until all must be well
    base::Duration after = std::chrono::seconds(15);    // of messages that must reach everybody
    base::Duration drain = std::chrono::seconds(10);    // until they must have
};

/// The plan of a scenario; an error text when there is none of this name, or not for so many nodes.
base::Result<Plan, std::string> plan_of(Options const& options);

}  // namespace sim
