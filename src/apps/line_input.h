// LineInput: lines from a descriptor, on the event loop.
#pragma once

#include "runtime/event_loop.h"

#include <string>

namespace apps {

/// What the unfinished lines of several inputs may take together. Lines of up to `free_bytes` are not counted: nobody
/// keeps the others from saying something short.
struct LineBudget {
    static constexpr std::size_t free_bytes = 1024 * 1024;

    std::size_t bytes_max = 0;
    std::size_t bytes = 0;
};

class LineInput {
public:
    using OnLine = std::move_only_function<void(std::string_view)>;
    using OnEnd = std::move_only_function<void()>;

    struct Limits {
        std::size_t line_bytes_max = 0;
        LineBudget* budget = nullptr;  // null: none; outlives this object
    };
    /// A line that is longer than the limits allow is skipped, and `on_too_long` called once for it. `on_end` may destroy
    /// this object; the descriptor stays the caller's.
    LineInput(runtime::EventLoop& loop, int fd, Limits limits, OnLine on_line, OnEnd on_too_long, OnEnd on_end);
    ~LineInput();
    LineInput(LineInput const&) = delete;
    LineInput& operator=(LineInput const&) = delete;

private:
    void read_some();
    void take(std::string_view bytes);
    void add(std::string_view part);
    bool charge(std::size_t bytes);
    std::string take_partial();

    runtime::EventLoop& loop_;
    int fd_;
    Limits limits_;
    OnLine on_line_;
    OnEnd on_too_long_;
    OnEnd on_end_;
    runtime::EventLoop::WatchId watch_;
    std::string partial_;
    std::size_t charged_bytes_ = 0;  // to the budget
    bool skipping_ = false;
};

}  // namespace apps
