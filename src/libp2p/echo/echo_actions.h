// What happens to echo.
#pragma once

#include "libp2p/wire/stream.h"

#include <variant>

namespace libp2p::echo {

/// Sends a pattern of `bytes`; answered with Echoed or EchoFailed.
struct Echo {
    PeerKey peer;
    std::string protocol;
    std::uint64_t bytes = 0;
    RequestId request;
};
/// `rounds` round trips of `bytes` each, after at most 100 that are not timed; answered with RoundTripsDone or
/// EchoFailed. Both numbers must be positive.
struct RoundTrips {
    PeerKey peer;
    std::string protocol;
    std::uint64_t bytes = 0;
    std::uint64_t rounds = 0;
    RequestId request;
};
/// `requests` messages of `bytes` each, `outstanding` of them on the way at a time; answered with RateMeasured or
/// EchoFailed. Shared out among `streams`, leaving out the remainder; or, with `new_stream_each`, each on its own
/// stream, `outstanding` of which are open at a time.
struct Rate {
    PeerKey peer;
    std::string protocol;
    std::uint64_t bytes = 0;
    std::uint64_t requests = 0;
    std::uint64_t outstanding = 1;
    std::uint64_t streams = 1;
    bool new_stream_each = false;
    RequestId request;
};
/// next_deadline() has come.
struct Tick {};

using Action = std::variant<Echo, RoundTrips, Rate, stream::Opened, stream::Data, stream::Finished, stream::Writable,
                            stream::Closed, Tick>;

}  // namespace libp2p::echo
