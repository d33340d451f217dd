// LineInput: lines from a descriptor, on the event loop.
#pragma once

#include "runtime/event_loop.h"

#include <string>

namespace apps {

class LineInput {
public:
    using OnLine = std::move_only_function<void(std::string_view)>;
    using OnEnd = std::move_only_function<void()>;

    /// A line of more than `line_bytes_max` bytes is skipped, and `on_too_long` called once for it. `on_end` may destroy
    /// this object; the descriptor stays the caller's.
    LineInput(runtime::EventLoop& loop, int fd, std::size_t line_bytes_max, OnLine on_line, OnEnd on_too_long, OnEnd on_end);
    ~LineInput();
    LineInput(LineInput const&) = delete;
    LineInput& operator=(LineInput const&) = delete;

private:
    void read_some();
    void take(std::string_view bytes);

    runtime::EventLoop& loop_;
    int fd_;
    std::size_t line_bytes_max_;
    OnLine on_line_;
    OnEnd on_too_long_;
    OnEnd on_end_;
    runtime::EventLoop::WatchId watch_;
    std::string partial_;
    bool skipping_ = false;
};

}  // namespace apps
