#include "apps/line_input.h"

#include <array>
#include <cerrno>
#include <unistd.h>

namespace apps {

LineInput::LineInput(runtime::EventLoop& loop, int fd, std::size_t line_bytes_max, OnLine on_line, OnEnd on_too_long,
                     OnEnd on_end)
    : loop_(loop),
      fd_(fd),
      line_bytes_max_(line_bytes_max),
      on_line_(std::move(on_line)),
      on_too_long_(std::move(on_too_long)),
      on_end_(std::move(on_end)),
      watch_(loop.watch(fd, {.read = true}, [this](runtime::Ready) { read_some(); })) {}

LineInput::~LineInput() { loop_.unwatch(watch_); }

void LineInput::read_some() {
    std::array<char, 65536> buffer;
    auto const count = ::read(fd_, buffer.data(), buffer.size());
    if (count > 0) {
        take({buffer.data(), static_cast<std::size_t>(count)});
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
        loop_.unwatch(watch_);
        if (!partial_.empty() && !skipping_) on_line_(std::exchange(partial_, {}));
        auto on_end = std::move(on_end_);
        if (on_end) on_end();
    }
}

void LineInput::take(std::string_view bytes) {
    while (!bytes.empty()) {
        auto const end = bytes.find('\n');
        auto const part = bytes.substr(0, end);
        if (!skipping_) {
            if (partial_.size() + part.size() > line_bytes_max_) {
                skipping_ = true;
                partial_.clear();
                on_too_long_();
            } else {
                partial_.append(part);
            }
        }
        if (end == std::string_view::npos) return;
        bytes.remove_prefix(end + 1);
        if (std::exchange(skipping_, false)) continue;
        auto const line = std::exchange(partial_, {});
        if (!line.empty()) on_line_(line);
    }
}

}  // namespace apps
