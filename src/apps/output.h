// Output: lines to standard output, or to a client. A reader that is slow never stops the event loop: lines wait in a
// bounded queue. At the bound whole lines are dropped and counted; a client, that waits for an answer to each of its
// commands, is given up instead (`AtBound::close`): what waits for it is forgotten, and closed() is true.
#pragma once

#include "runtime/event_loop.h"

#include <deque>
#include <functional>
#include <string>

namespace apps {

struct OutputLimits {
    enum class AtBound : std::uint8_t { drop_line, close };
    enum class AtEnd : std::uint8_t { flush, forget };

    std::size_t queue_bytes_max = 256 * 1024 * 1024;
    AtBound at_bound = AtBound::drop_line;
    AtEnd at_end = AtEnd::flush;  // what the destructor does with what still waits
};

class Output {
public:
    explicit Output(runtime::EventLoop& loop, int fd = 1, OutputLimits limits = {});
    /// May flush(): never so on a running loop, for another's sake.
    ~Output();
    Output(Output const&) = delete;
    Output& operator=(Output const&) = delete;

    /// Adds a newline. False when the line was dropped.
    bool line(std::string_view text);
    /// Whether line() would take it.
    bool has_room_for(std::string_view text) const {
        return !closed_ && queued_bytes_ + text.size() < limits_.queue_bytes_max;
    }
    /// Waits, for at most so long, until everything is written.
    void flush(std::chrono::milliseconds longest = std::chrono::seconds(1));

    std::uint64_t dropped() const { return dropped_; }
    std::size_t queued_bytes() const { return queued_bytes_; }
    /// Calls back whenever a reader that was slow has read all. It may add lines, but must not destroy this object.
    void on_drained(std::function<void()> callback) { on_drained_ = std::move(callback); }
    /// Calls back once, when the bound has closed it: within line(), so that this object must not be destroyed then.
    void on_overflow(std::function<void()> callback) { on_overflow_ = std::move(callback); }
    /// The reader has gone, or was given up.
    bool closed() const { return closed_; }

private:
    void overflow();
    void append(std::string_view text);
    void write_some();
    void took(std::size_t bytes);
    void close();
    void watch_while_pending();
    void go_on();
    bool writable(int timeout_ms) const;

    runtime::EventLoop& loop_;
    int fd_;
    OutputLimits limits_;
    std::deque<std::string> queue_;
    std::size_t written_ = 0;  // of the first
    std::size_t queued_bytes_ = 0;
    runtime::EventLoop::WatchId watch_;
    bool watching_ = false;
    bool closed_ = false;
    std::uint64_t dropped_ = 0;
    std::function<void()> on_drained_;
    std::function<void()> on_overflow_;
};

}  // namespace apps
