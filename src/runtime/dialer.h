// Starting a connection. For this folder's own use.
#pragma once

#include "runtime/listener.h"

#include <span>

namespace runtime {

struct DialStart {
    Fd socket;                      // under way, or connected already; empty on failure
    int error = 0;                  // of the failure
    bool from_listen_port = false;  // bound to it; false after falling back to an ephemeral port
};

/// Does not wait. `listeners`: bind to the port of one that fits the destination, or use an
/// ephemeral port when that is impossible (as when this pair of ports is connected already); empty
/// means an ephemeral port.
DialStart start_dial(libp2p::SocketAddress const& to, std::span<Listener const> listeners,
                     int socket_buffer_bytes);

void set_buffers(int fd, int bytes);

}  // namespace runtime
