// What happens to perf.
#pragma once

#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p::perf {

/// Starts a transfer to and from a connected peer; answered with Done or Failed.
struct Start {
    PeerKey peer;
    std::uint64_t up_bytes = 0;
    std::uint64_t down_bytes = 0;
    RequestId request;
};
/// next_deadline() has come.
struct Tick {};

using Action =
    std::variant<Start, stream::Opened, stream::Data, stream::Finished, stream::Writable, stream::Closed, Tick>;

}  // namespace libp2p::perf
