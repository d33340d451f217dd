// Listener: a bound, listening TCP socket. Made before the core starts, so that a port in use is
// told at once.
//
// A node dials from its listening port, so that the other side learns an address it can dial back
// (and hole punching works). Linux allows that only when both sockets carry SO_REUSEPORT. A
// listener that carries it from the start would silently share its port with a second node, so it
// gets the option after listen(2): the port is claimed exclusively first. (Another program of the
// same user that itself asks for SO_REUSEPORT can still join later.)
#pragma once

#include "base/result.h"
#include "libp2p/wire/address.h"
#include "runtime/fd.h"

#include <string>

namespace runtime {

class Listener {
public:
    /// Port 0: the kernel chooses. "::" takes IPv6 only, so that 0.0.0.0 can have the same port
    /// beside it. The error is one line: the address, the reason, what to do.
    static base::Result<Listener, std::string> bind(libp2p::SocketAddress const& address);

    /// As bound, with the real port.
    libp2p::SocketAddress const& address() const { return address_; }
    int fd() const { return socket_.get(); }

private:
    Listener(Fd socket, libp2p::SocketAddress const& address)
        : socket_(std::move(socket)), address_(address) {}
    Fd socket_;
    libp2p::SocketAddress address_;
};

}  // namespace runtime
