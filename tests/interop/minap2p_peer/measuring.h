// The measuring commands of the driver contract.
#pragma once

#include "apps/control.h"
#include "crowd.h"

namespace peer {

/// What arrived on a topic.
struct Tally {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    double first_ms = 0;  // Unix time
    double last_ms = 0;
};
using Tallies = std::map<std::string, Tally>;

void add_measuring(apps::Control& control, apps::Host& host, mina::p2p::P2pComponent const& node, Crowd& crowd,
                   Tallies& tallies);

}  // namespace peer
