// The flags of the driver contract (../peers/README.md), and the node they describe.
#pragma once

#include "base/result.h"
#include "mina/p2p/component.h"

#include <string>
#include <vector>

namespace peer {

struct Options {
    std::vector<libp2p::SocketAddress> listen;
    std::vector<std::string> topics;
    bool quiet = false;
    mina::p2p::P2pConfig p2p;
    libp2p::Config swarm;   // without a seed of randomness
};

/// The error is one line for standard error.
base::Result<Options, std::string> parse(int argc, char** argv);

}  // namespace peer
