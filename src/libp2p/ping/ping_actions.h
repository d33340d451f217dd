// What happens to ping.
#pragma once

#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p::ping {

/// Measures a round trip to a connected peer; answered with Pinged or PingFailed.
struct Ping {
    PeerKey peer;
    RequestId request;
};
/// next_deadline() has come.
struct Tick {};

using Action =
    std::variant<Ping, stream::Opened, stream::Data, stream::Finished, stream::Writable, stream::Closed, Tick>;

}  // namespace libp2p::ping
