#include "runtime/sockets.h"

#include "base/check.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace runtime {

KernelAddress::KernelAddress(libp2p::SocketAddress const& address) {
    if (address.ip.v6) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(address.port);
        std::memcpy(&in.sin6_addr, address.ip.bytes.data(), 16);
        std::memcpy(&storage, &in, size = sizeof in);
    } else {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(address.port);
        std::memcpy(&in.sin_addr, address.ip.bytes.data(), 4);
        std::memcpy(&storage, &in, size = sizeof in);
    }
}

libp2p::SocketAddress KernelAddress::address() const {
    libp2p::SocketAddress address;
    if (storage.ss_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &storage, sizeof in);
        address.port = ntohs(in.sin_port);
        std::memcpy(address.ip.bytes.data(), &in.sin_addr, 4);
        return address;
    }
    base::check(storage.ss_family == AF_INET6, "a socket of IPv4 or IPv6");
    sockaddr_in6 in{};
    std::memcpy(&in, &storage, sizeof in);
    address.port = ntohs(in.sin6_port);
    address.ip.v6 = IN6_IS_ADDR_V4MAPPED(&in.sin6_addr) == 0;
    auto const* const bytes = in.sin6_addr.s6_addr;
    std::copy(address.ip.v6 ? bytes : bytes + 12, bytes + 16, address.ip.bytes.begin());
    return address;
}

std::optional<libp2p::SocketAddress> local_address(int fd) {
    KernelAddress kernel;
    if (::getsockname(fd, kernel.get(), &kernel.size) != 0) return std::nullopt;
    return kernel.address();
}

std::optional<libp2p::SocketAddress> remote_address(int fd) {
    KernelAddress kernel;
    if (::getpeername(fd, kernel.get(), &kernel.size) != 0) return std::nullopt;
    return kernel.address();
}

Fd open_tcp_socket(bool v6) {
    Fd socket(
        ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    if (socket) set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    return socket;
}

std::vector<libp2p::IpAddress> interface_addresses() {
    std::vector<libp2p::IpAddress> addresses;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return addresses;
    for (auto const* at = list; at != nullptr; at = at->ifa_next) {
        auto const is_up = (at->ifa_flags & IFF_UP) != 0;
        if (!is_up || at->ifa_addr == nullptr) continue;
        auto const family = at->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        KernelAddress kernel;
        kernel.size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        std::memcpy(&kernel.storage, at->ifa_addr, kernel.size);
        auto const ip = kernel.address().ip;
        // A link-local address means something on its own link only.
        auto const is_link_local = ip.v6 ? ip.bytes[0] == 0xFE && (ip.bytes[1] & 0xC0) == 0x80
                                         : ip.bytes[0] == 169 && ip.bytes[1] == 254;
        if (!is_link_local) addresses.push_back(ip);
    }
    ::freeifaddrs(list);
    return addresses;
}

bool set_option(int fd, int level, int name, int value) {
    return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

int take_error(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

libp2p::LinkError to_link_error(int error) {
    using enum libp2p::LinkError;
    switch (error) {
        case ECONNREFUSED: return refused;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
        case EHOSTDOWN:
        case ENONET:
        case EAFNOSUPPORT:  // IPv6 is switched off here
        case EACCES:        // broadcast addresses, and firewalls of this machine
        case EPERM: return unreachable;
        case ETIMEDOUT: return timed_out;
        case ECONNRESET:
        case ECONNABORTED:
        case EPIPE: return reset;
        case EADDRINUSE:
        case EADDRNOTAVAIL: return address_in_use;
        case EMFILE:
        case ENFILE: return out_of_descriptors;
        default: return other;
    }
}

}  // namespace runtime
