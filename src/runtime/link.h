// Link: one TCP connection of a Runtime. For this folder's own use.
//
//   dialed ──► connecting ──► open ──► closing ──► gone       accepted ──► open
//     └─ failed at once ──► settled ──► gone                   any ── error, abort ──► gone
#pragma once

#include "libp2p/swarm/core.h"
#include "runtime/event_loop.h"
#include "runtime/send_queue.h"

namespace runtime {

struct Link {
    enum class Phase : std::uint8_t {
        connecting,
        settled,  // a dial failed within the core's step: the core must hear of it later
        open,
        closing,  // the core has let go: write what is queued, say FIN, wait for theirs
    };

    libp2p::LinkId id;
    Fd fd;
    EventLoop::WatchId watch;
    Phase phase = Phase::connecting;
    bool from_listen_port = false;
    bool reading = true;         // wanted by the core; once closing: their FIN has not come
    bool write_blocked = false;  // the kernel took no more
    bool write_watched = false;  // the loop tells when it takes more
    bool queued_to_flush = false;
    bool finished = false;       // our FIN was sent
    int dial_error = 0;          // of settled
    int write_error = 0;         // the read side tells the core, after what was received before
    std::uint64_t unreported_bytes = 0;  // written, not yet told
    libp2p::SocketAddress remote;        // of a dial
    SendQueue queue;

    Interest interest() const {
        bool const established = phase == Phase::open || phase == Phase::closing;
        return {.read = established && reading,
                .write = phase == Phase::connecting || write_watched};
    }
};

enum class FlushResult : std::uint8_t { done, more, blocked, failed };

/// One sendmsg of what is queued. `more`: there is more, and the kernel may take it.
FlushResult flush(Link& link);

/// Closes with RST: what is queued, here or in the kernel, is lost.
void abort(Link& link);

}  // namespace runtime
