// Between the kernel's socket words and the core's. For this folder's own use.
#pragma once

#include "libp2p/swarm/core.h"
#include "runtime/fd.h"

#include <sys/socket.h>

namespace runtime {

struct KernelAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    explicit KernelAddress(libp2p::SocketAddress const& address);
    KernelAddress() : size(sizeof storage) {}
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    sockaddr const* get() const { return reinterpret_cast<sockaddr const*>(&storage); }
    /// Requires a family of IPv4 or IPv6. An IPv4 address mapped into IPv6 becomes IPv4.
    libp2p::SocketAddress address() const;
};

/// The address a socket is bound to, or is connected to; nullopt when there is none (any more).
std::optional<libp2p::SocketAddress> local_address(int fd);
std::optional<libp2p::SocketAddress> remote_address(int fd);

/// A TCP socket that never blocks, is closed on exec, and sends small writes at once. Empty on
/// failure, see errno.
Fd open_tcp_socket(bool v6);

/// The addresses of this machine's interfaces that are up, without link-local ones. Empty when the kernel tells none.
std::vector<libp2p::IpAddress> interface_addresses();

bool set_option(int fd, int level, int name, int value);

/// Takes the socket's pending error: an errno, or 0.
int take_error(int fd);

libp2p::LinkError to_link_error(int error);

}  // namespace runtime
