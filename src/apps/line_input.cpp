#include "apps/line_input.h"

#include <array>
#include <cerrno>
#include <unistd.h>

namespace apps {

LineInput::LineInput(runtime::EventLoop& loop, int fd, Limits limits, OnLine on_line, OnEnd on_too_long, OnEnd on_end)
    : loop_(loop),
      fd_(fd),
      limits_(limits),
      on_line_(std::move(on_line)),
      on_too_long_(std::move(on_too_long)),
      on_end_(std::move(on_end)),
      watch_(loop.watch(fd, {.read = true}, [this](runtime::Ready) { read_some(); })) {}

LineInput::~LineInput() {
    loop_.unwatch(watch_);
    (void)take_partial();
}

void LineInput::read_some() {
    std::array<char, 65536> buffer;
    auto const count = ::read(fd_, buffer.data(), buffer.size());
    if (count > 0) {
        take({buffer.data(), static_cast<std::size_t>(count)});
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
        loop_.unwatch(watch_);
        if (!partial_.empty() && !skipping_) on_line_(take_partial());
        auto on_end = std::move(on_end_);
        if (on_end) on_end();
    }
}

void LineInput::take(std::string_view bytes) {
    while (!bytes.empty()) {
        auto const end = bytes.find('\n');
        if (!skipping_) add(bytes.substr(0, end));
        if (end == std::string_view::npos) return;
        bytes.remove_prefix(end + 1);
        if (std::exchange(skipping_, false)) continue;
        auto const line = take_partial();
        if (!line.empty()) on_line_(line);
    }
}

void LineInput::add(std::string_view part) {
    auto const bytes = partial_.size() + part.size();
    if (bytes <= limits_.line_bytes_max && charge(bytes)) {
        partial_.append(part);
        return;
    }
    skipping_ = true;
    (void)take_partial();
    on_too_long_();
}

/// Of the unfinished line. False: there is no room for so much beside those of others.
bool LineInput::charge(std::size_t bytes) {
    if (limits_.budget == nullptr) return true;
    auto& budget = *limits_.budget;
    auto const counted = bytes > LineBudget::free_bytes ? bytes : 0;
    if (counted > 0 && budget.bytes - charged_bytes_ + counted > budget.bytes_max) return false;
    budget.bytes += counted - charged_bytes_;
    charged_bytes_ = counted;
    return true;
}

/// With its memory.
std::string LineInput::take_partial() {
    if (limits_.budget != nullptr) limits_.budget->bytes -= std::exchange(charged_bytes_, 0);
    return std::exchange(partial_, {});
}

}  // namespace apps
