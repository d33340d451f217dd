#include "runtime/listener.h"

#include "runtime/sockets.h"

#include <netinet/in.h>

#include <cerrno>
#include <system_error>

namespace runtime {

namespace {

std::string advice(int error, libp2p::SocketAddress const& address) {
    auto const port = std::to_string(address.port);
    switch (error) {
        case EADDRINUSE:
            return "the port is in use; choose another, or stop the program that has it (ss -ltnp "
                   "'sport = :" +
                   port + "')";
        case EACCES:
            return "permission denied; choose a port of 1024 or above, or grant "
                   "CAP_NET_BIND_SERVICE";
        case EADDRNOTAVAIL:
            return "this machine has no such address; choose one that `ip address` lists, or " +
                   std::string(address.ip.v6 ? "::" : "0.0.0.0");
        case EAFNOSUPPORT: return "IPv6 is switched off on this machine; choose an IPv4 address";
        case EMFILE:
        case ENFILE: return "too many open files; raise `ulimit -n`";
        default: return std::generic_category().message(error) + "; choose another address";
    }
}

}  // namespace

base::Result<Listener, std::string> Listener::bind(libp2p::SocketAddress const& address) {
    auto const failed = [&](int error) {
        return base::fail("cannot listen on " + address.text() + ": " + advice(error, address));
    };
    auto socket = open_tcp_socket(address.ip.v6);
    if (!socket) return failed(errno);
    auto const fd = socket.get();
    // Lets a restarted node have its port while old connections are in TIME_WAIT; a port that is
    // listened on stays taken.
    if (!set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1)) return failed(errno);
    if (address.ip.v6 && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) return failed(errno);
    KernelAddress const kernel(address);
    // Two programs that race may both pass bind(2); listen(2) checks again.
    if (::bind(fd, kernel.get(), kernel.size) != 0 || ::listen(fd, SOMAXCONN) != 0) {
        return failed(errno);
    }
    if (!set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1)) return failed(errno);
    auto const bound = local_address(fd);
    if (!bound) return failed(errno);
    return Listener(std::move(socket), *bound);
}

}  // namespace runtime
