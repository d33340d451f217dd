#include "apps/output.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace apps {

namespace {

// A pipe that polls writable takes this much without blocking. spec: POSIX PIPE_BUF
constexpr std::size_t write_bytes = 4096;

}  // namespace

Output::Output(runtime::EventLoop& loop, int fd) : loop_(loop), fd_(fd) {}

Output::~Output() {
    flush();
    if (watching_) loop_.unwatch(watch_);
}

bool Output::line(std::string_view text) {
    if (closed_) return false;
    if (queue_.size() - written_ + text.size() >= queue_bytes_max) {
        ++dropped_;
        return false;
    }
    queue_.append(text).push_back('\n');
    write_some();
    return true;
}

bool Output::writable(int timeout_ms) const {
    pollfd descriptor{fd_, POLLOUT, 0};
    return ::poll(&descriptor, 1, timeout_ms) > 0;
}

void Output::write_some() {
    while (written_ < queue_.size() && writable(0)) {
        auto const count = std::min(write_bytes, queue_.size() - written_);
        auto const taken = ::write(fd_, queue_.data() + written_, count);
        if (taken < 0) {
            if (errno == EINTR || errno == EAGAIN) break;
            closed_ = true;
            written_ = queue_.size();
            break;
        }
        written_ += static_cast<std::size_t>(taken);
    }
    if (written_ == queue_.size()) {
        queue_.clear();
        written_ = 0;
    } else if (written_ > 1024 * 1024) {
        queue_.erase(0, written_);
        written_ = 0;
    }
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

void Output::flush() {
    for (int waited_ms = 0; !queue_.empty() && !closed_ && waited_ms < 1000; waited_ms += 10) {
        (void)writable(10);
        write_some();
    }
}

}  // namespace apps
