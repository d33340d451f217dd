// Signals: SIGINT and SIGTERM into the loop; SIGPIPE ignored.
//
// The first one is called back in the loop. From then on both have their default action, so a
// second one ends the program at once, even when the loop is stuck.
#pragma once

#include "runtime/event_loop.h"

#include <functional>

namespace runtime {

class Signals {
public:
    /// One object at a time in a program. `on_signal` gets the signal's number.
    Signals(EventLoop& loop, std::move_only_function<void(int)> on_signal);
    /// Puts the former actions of SIGINT and SIGTERM back.
    ~Signals();
    Signals(Signals const&) = delete;
    Signals& operator=(Signals const&) = delete;

private:
    struct Former;

    EventLoop& loop_;
    std::move_only_function<void(int)> on_signal_;
    Fd read_end_;
    Fd write_end_;
    EventLoop::WatchId watch_;
    std::unique_ptr<Former> former_;
};

}  // namespace runtime
