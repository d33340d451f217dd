// Link: a TCP connection between two nodes, or the attempt at one. Bytes keep their order; where they are cut and joined,
// when they arrive, and how many a sender may have under way is the network's.
//
//   core ─Transmit─► chunks: not yet taken │ taken by the kernel, under way │ arrived ─► Received ─ core
//                                        Written                marks: by when how much arrives
#pragma once

#include "libp2p/swarm/core.h"
#include "sim/event_queue.h"
#include "sim/node.h"

namespace sim {

/// The conditions of a network. Shares are in 1,000.
struct Network {
    base::Duration delay_min = std::chrono::milliseconds(5);    // one way; each pair of nodes has its own
    base::Duration delay_max = std::chrono::milliseconds(80);
    base::Duration jitter_max = std::chrono::milliseconds(5);
    std::uint64_t bytes_per_second = 0;                         // of each direction of a link; 0: no bound
    std::uint64_t buffer_bytes = 256 * 1024;                    // of sender and receiver together
    std::uint32_t fragment_share = 100;                         // of deliveries that are cut at a random place
    std::uint32_t coalesce_share = 100;                         // that wait a little for what comes behind
    std::uint32_t refuse_share = 0;                             // of dials that fail at once or never end
};

/// One direction of a link.
struct Flow {
    struct Mark {
        base::Instant at;
        std::uint64_t total = 0;  // so many bytes have arrived by then, since the start
    };
    Fifo<base::SharedBytes> chunks;  // sent and not delivered
    Fifo<Mark> marks;
    std::uint64_t written = 0;       // by the core, since the start
    std::uint64_t taken = 0;         // of these, by the kernel
    std::uint64_t arrived = 0;       // of these, at the other host
    std::uint64_t delivered = 0;     // of these, to the other core
    std::uint64_t unreported = 0;    // taken, of which the core was not told
    base::Instant last_arrival;      // nothing overtakes
    base::Instant sending_until;     // by the bandwidth
    base::Instant stalled_until;
    bool delivery_planned = false;
    bool written_planned = false;
    bool has_waited = false;         // for what comes behind, once
    bool finished = false;           // FIN behind all that was written
};

struct End {
    enum class Phase : std::uint8_t {
        absent,   // nobody yet: a dial has not arrived
        dialing,  // its core waits for Dialed or DialFailed
        coming,   // accepted, but its core does not know yet
        open,
        closing,  // its core has let go; the kernel still sends
        gone,     // nobody any more: what comes is answered with a reset
        dark,     // the host lost its power: what comes is not answered until it is back
    };
    NodeIndex node = 0;
    libp2p::LinkId id;
    libp2p::SocketAddress local;
    Phase phase = Phase::absent;
    bool reading = true;
    bool has_core() const { return phase == Phase::dialing || phase == Phase::open; }
};

struct Link {
    std::uint32_t generation = 0;
    bool used = false;
    bool arrived = false;            // the SYN of its dial
    base::Duration delay{};
    std::uint8_t dial_tries = 0;
    End ends[2];                     // 0: of the dialer
    Flow flows[2];                   // from that end
};

}  // namespace sim
