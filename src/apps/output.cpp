#include "apps/output.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace apps {

namespace {

// A pipe that polls writable takes this much without blocking. spec: POSIX PIPE_BUF
constexpr std::size_t write_bytes = 4096;
constexpr std::size_t chunk_bytes = 64 * 1024;

}  // namespace

Output::Output(runtime::EventLoop& loop, int fd, OutputLimits limits) : loop_(loop), fd_(fd), limits_(limits) {}

Output::~Output() {
    if (limits_.at_end == OutputLimits::AtEnd::flush) flush();
    if (watching_) loop_.unwatch(watch_);
}

bool Output::line(std::string_view text) {
    if (closed_) return false;
    if (!has_room_for(text)) {
        overflow();
        return false;
    }
    append(text);
    write_some();
    return true;
}

void Output::overflow() {
    ++dropped_;
    if (limits_.at_bound == OutputLimits::AtBound::drop_line) return;
    close();
    watch_while_pending();
    if (on_overflow_) on_overflow_();
}

// Short lines share a chunk, so that each does not cost a piece of memory; a chunk is given back once it is written.
void Output::append(std::string_view text) {
    auto const bytes = text.size() + 1;
    if (queue_.empty() || queue_.back().size() + bytes > chunk_bytes) queue_.emplace_back().reserve(bytes);
    queue_.back().append(text).push_back('\n');
    queued_bytes_ += bytes;
}

bool Output::writable(int timeout_ms) const {
    pollfd descriptor{fd_, POLLOUT, 0};
    return ::poll(&descriptor, 1, timeout_ms) > 0;
}

void Output::write_some() {
    while (!queue_.empty() && writable(0)) {
        auto const& first = queue_.front();
        auto const count = std::min(write_bytes, first.size() - written_);
        auto const taken = ::write(fd_, first.data() + written_, count);
        if (taken < 0) {
            if (errno != EINTR && errno != EAGAIN) close();
            break;
        }
        took(static_cast<std::size_t>(taken));
    }
    watch_while_pending();
}

void Output::took(std::size_t bytes) {
    written_ += bytes;
    queued_bytes_ -= bytes;
    if (written_ < queue_.front().size()) return;
    queue_.pop_front();
    written_ = 0;
}

void Output::close() {
    closed_ = true;
    queue_ = {};
    written_ = 0;
    queued_bytes_ = 0;
}

void Output::watch_while_pending() {
    auto const pending = !queue_.empty();
    if (pending && !watching_) {
        watch_ = loop_.watch(fd_, {.write = true}, [this](runtime::Ready) { go_on(); });
        watching_ = true;
    } else if (!pending && watching_) {
        loop_.unwatch(watch_);
        watching_ = false;
    }
}

// The loop calls, since something had to wait.
void Output::go_on() {
    write_some();
    auto const callback = on_drained_;  // it may be replaced while it runs
    if (queue_.empty() && !closed_ && callback) callback();
}

void Output::flush(std::chrono::milliseconds longest) {
    for (int waited_ms = 0; !queue_.empty() && !closed_ && waited_ms < longest.count(); waited_ms += 10) {
        (void)writable(10);
        write_some();
    }
}

}  // namespace apps
