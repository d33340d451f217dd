// Output: lines to standard output. A reader that is slow never stops the event loop: lines wait in a bounded queue, and
// at the bound whole lines are dropped and counted.
#pragma once

#include "runtime/event_loop.h"

#include <functional>
#include <string>

namespace apps {

class Output {
public:
    explicit Output(runtime::EventLoop& loop, int fd = 1);
    ~Output();
    Output(Output const&) = delete;
    Output& operator=(Output const&) = delete;

    /// Adds a newline. False when the line was dropped.
    bool line(std::string_view text);
    /// Waits, for at most a second, until everything is written.
    void flush();

    std::uint64_t dropped() const { return dropped_; }
    std::size_t queued_bytes() const { return queue_.size() - written_; }
    /// Calls back whenever a reader that was slow has read all. It may add lines, but must not destroy this object.
    void on_drained(std::function<void()> callback) { on_drained_ = std::move(callback); }
    /// The reader has gone.
    bool closed() const { return closed_; }

    static constexpr std::size_t queue_bytes_max = 256 * 1024 * 1024;

private:
    void write_some();
    void go_on();
    bool writable(int timeout_ms) const;

    runtime::EventLoop& loop_;
    int fd_;
    std::string queue_;
    std::size_t written_ = 0;
    runtime::EventLoop::WatchId watch_;
    bool watching_ = false;
    bool closed_ = false;
    std::uint64_t dropped_ = 0;
    std::function<void()> on_drained_;
};

}  // namespace apps
