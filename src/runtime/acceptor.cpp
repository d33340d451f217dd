#include "runtime/acceptor.h"

#include "runtime/sockets.h"

#include <fcntl.h>

#include <cerrno>

namespace runtime {

Acceptor::Acceptor(EventLoop& loop, std::vector<Listener> listeners, OnAccepted on_accepted)
    : loop_(loop), listeners_(std::move(listeners)), on_accepted_(std::move(on_accepted)) {
    take_spare();
}

Acceptor::~Acceptor() {
    for (auto const watch : watches_) loop_.unwatch(watch);
    loop_.cancel(rest_timer_);
}

void Acceptor::begin() {
    for (auto const& listener : listeners_) {
        watches_.push_back(loop_.watch(listener.fd(), {.read = true},
                                       [this, &listener](Ready) { accept_from(listener); }));
    }
}

void Acceptor::accept_from(Listener const& listener) {
    for (int i = 0; i < accepts_max; ++i) {
        KernelAddress remote;
        Fd socket(
            ::accept4(listener.fd(), remote.get(), &remote.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket) {
            if (errno == EMFILE || errno == ENFILE) return turn_away(listener);
            if (errno == ENOBUFS || errno == ENOMEM) return rest();
            if (errno == EAGAIN || errno == EWOULDBLOCK) return;
            continue;  // spec: accept(2), errors of the new connection itself: it is gone, the next
                       // may be well
        }
        // Of a wildcard listener, only the connection knows the local address. None: it was reset
        // meanwhile.
        if (auto const local = local_address(socket.get())) {
            on_accepted_(std::move(socket), *local, remote.address());
        }
    }
}

void Acceptor::turn_away(Listener const& listener) {
    for (int i = 0; i < accepts_max && spare_; ++i) {
        spare_.reset();
        auto const closed =
            static_cast<bool>(Fd(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC)));
        take_spare();
        if (!closed) break;
        ++turned_away_;
    }
    rest();
}

void Acceptor::rest() {
    for (auto const watch : watches_) loop_.set_interest(watch, {});
    loop_.cancel(rest_timer_);
    rest_timer_ = loop_.after(rest_time, [this] {
        if (!spare_) take_spare();
        for (auto const watch : watches_) loop_.set_interest(watch, {.read = true});
    });
}

void Acceptor::take_spare() { spare_ = Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace runtime
