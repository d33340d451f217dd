#include "runtime/dialer.h"

#include "runtime/sockets.h"

#include <algorithm>
#include <cerrno>

namespace runtime {

namespace {

/// A loopback source reaches loopback only, and the other way round; any other choice is left to
/// the kernel.
bool fits(Listener const& listener, libp2p::SocketAddress const& to) {
    auto const& from = listener.address().ip;
    return from.v6 == to.ip.v6 &&
           (from.is_unspecified() || from.is_loopback() == to.ip.is_loopback());
}

bool bind_to(int fd, Listener const& listener) {
    // Both are needed beside a listening socket, which has them too.
    if (!set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
        !set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1)) {
        return false;
    }
    KernelAddress const kernel(listener.address());
    return ::bind(fd, kernel.get(), kernel.size) == 0;
}

DialStart start(libp2p::SocketAddress const& to, Listener const* from, int socket_buffer_bytes) {
    DialStart dial{
        .socket = open_tcp_socket(to.ip.v6), .error = 0, .from_listen_port = from != nullptr};
    if (!dial.socket) {
        dial.error = errno;
        return dial;
    }
    auto const fd = dial.socket.get();
    set_buffers(fd, socket_buffer_bytes);
    KernelAddress const kernel(to);
    if ((from != nullptr && !bind_to(fd, *from)) ||
        (::connect(fd, kernel.get(), kernel.size) != 0 && errno != EINPROGRESS)) {
        dial.error = errno;
        dial.socket.reset();
    }
    return dial;
}

/// The other side has spoken: another source port would hear the same.
bool is_answer(int error) { return error == ECONNREFUSED || error == ECONNRESET; }

}  // namespace

DialStart start_dial(libp2p::SocketAddress const& to, std::span<Listener const> listeners,
                     int socket_buffer_bytes) {
    auto const from =
        std::ranges::find_if(listeners, [&](auto const& listener) { return fits(listener, to); });
    if (from != listeners.end()) {
        auto dial = start(to, &*from, socket_buffer_bytes);
        if (dial.socket || is_answer(dial.error)) return dial;
    }
    return start(to, nullptr, socket_buffer_bytes);
}

void set_buffers(int fd, int bytes) {
    if (bytes <= 0) return;
    set_option(fd, SOL_SOCKET, SO_SNDBUF, bytes);
    set_option(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

}  // namespace runtime
