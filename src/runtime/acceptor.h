// Acceptor: takes in the connections of the listeners. For this folder's own use.
#pragma once

#include "runtime/event_loop.h"
#include "runtime/listener.h"

#include <functional>
#include <vector>

namespace runtime {

class Acceptor {
public:
    static constexpr int accepts_max = 64;  // of a turn and listener
    static constexpr base::Duration rest_time = std::chrono::milliseconds(100);

    using OnAccepted = std::move_only_function<void(Fd, libp2p::SocketAddress const& local,
                                                    libp2p::SocketAddress const& remote)>;

    Acceptor(EventLoop& loop, std::vector<Listener> listeners, OnAccepted on_accepted);
    ~Acceptor();
    Acceptor(Acceptor const&) = delete;
    Acceptor& operator=(Acceptor const&) = delete;

    /// From now on connections are taken; until then they wait in the kernel.
    void begin();

    std::vector<Listener> const& listeners() const { return listeners_; }
    std::uint64_t turned_away() const { return turned_away_; }

private:
    void accept_from(Listener const& listener);
    void turn_away(Listener const& listener);
    void rest();
    void take_spare();

    EventLoop& loop_;
    std::vector<Listener> listeners_;
    OnAccepted on_accepted_;
    std::vector<EventLoop::WatchId> watches_;
    EventLoop::TimerId rest_timer_;
    /// Held so that, when no other is left, waiting connections can be closed instead of left to
    /// hang.
    Fd spare_;
    std::uint64_t turned_away_ = 0;
};

}  // namespace runtime
