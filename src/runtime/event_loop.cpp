#include "runtime/event_loop.h"

#include "base/check.h"
#include "runtime/clock.h"
#include "runtime/process.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>

namespace runtime {

struct EventLoop::Events {
    std::array<epoll_event, events_max> items;
};

namespace {

constexpr base::Instant at_once{0};
constexpr std::uint64_t no_watch = 0;  // of the timer: an event of it finds nobody, it has only woken

epoll_event event_for(std::uint64_t watch, Interest interest) {
    epoll_event event{};
    event.events = (interest.read ? std::uint32_t{EPOLLIN} : 0U) |
                   (interest.write ? std::uint32_t{EPOLLOUT} : 0U);
    event.data.u64 = watch;
    return event;
}

}  // namespace

EventLoop::EventLoop()
    : origin_(monotonic_time()), epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      events_(std::make_unique<Events>()),
      read_buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(read_buffer_bytes)) {
    base::check(static_cast<bool>(epoll_), "epoll_create1: no descriptor or memory left");
    raise_descriptor_limit();
}

EventLoop::~EventLoop() = default;

base::Instant EventLoop::now() const { return {(monotonic_time() - origin_).count()}; }

EventLoop::WatchId EventLoop::watch(int fd, Interest interest, OnReady on_ready) {
    auto const id = next_id_++;
    auto event = event_for(id, interest);
    bool pollable = true;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        base::check(errno == EPERM, "epoll_ctl: a descriptor that is open and not yet watched");
        pollable = false;
        unpollable_.push_back(id);
    }
    watches_.emplace(id, Watch{fd, interest, pollable, std::move(on_ready)});
    return {id};
}

void EventLoop::set_interest(WatchId watch, Interest interest) {
    auto const found = watches_.find(watch.value);
    if (found == watches_.end() || found->second.interest == interest) return;
    found->second.interest = interest;
    if (!found->second.pollable) return;
    auto event = event_for(watch.value, interest);
    base::check(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, found->second.fd, &event) == 0,
                "epoll_ctl: a watched descriptor is open");
}

void EventLoop::unwatch(WatchId watch) {
    auto node = watches_.extract(watch.value);
    if (node.empty()) return;
    if (node.mapped().pollable) {
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, node.mapped().fd, nullptr);
    } else {
        std::erase(unpollable_, watch.value);
    }
    unwatched_.push_back(std::move(node));
}

EventLoop::TimerId EventLoop::after(base::Duration delay, OnTimer on_timer) {
    TimerId const id{now() + delay, next_id_++};
    timers_.emplace(id, std::move(on_timer));
    return id;
}

void EventLoop::cancel(TimerId timer) { timers_.erase(timer); }

void EventLoop::join(Participant& participant) { participants_.push_back(&participant); }

void EventLoop::leave(Participant& participant) {
    std::ranges::replace(participants_, &participant, nullptr);
}

void EventLoop::stop() { ++stops_; }

void EventLoop::run() {
    do {
        turn(stops_ == 0 ? base::Duration::max() : base::Duration::zero());
    } while (stops_ == 0);
    auto const end = now() + stop_wait_max;
    while (stops_ == 1 && participants_busy() && now() < end) turn(end - now());
    stops_ = 0;
}

void EventLoop::turn(base::Duration wait_max) {
    dispatch(wait(next_deadline(wait_max)));
    call_unpollable();
    fire_timers();
    // By index: a participant may join or leave meanwhile.
    for (std::size_t i = 0; i < participants_.size(); ++i) {
        if (participants_[i] != nullptr) participants_[i]->finish_turn();
    }
    std::erase(participants_, nullptr);
    unwatched_.clear();
}

int EventLoop::poll_fd() {
    if (!timer_) {
        timer_ = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
        base::check(static_cast<bool>(timer_), "timerfd_create: no descriptor or memory left");
        auto event = event_for(no_watch, {.read = true});
        base::check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, timer_.get(), &event) == 0,
                    "epoll_ctl: a timer can be watched");
        arm();
    }
    return epoll_.get();
}

// Setting it takes back that it has run out, so that it need not be read. One that is set to what
// it is already has either not run out, or has and still should be readable.
void EventLoop::arm() {
    if (!timer_) return;
    auto const deadline = next_deadline(base::Duration::max());
    if (deadline == armed_) return;
    armed_ = deadline;
    itimerspec time{};
    if (deadline != base::Instant::never()) {
        auto const sum = base::saturating_add(origin_.count(), deadline.nanoseconds);
        base::Duration const at(std::max<std::int64_t>(sum, 1));
        auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(at);
        time.it_value = {.tv_sec = seconds.count(), .tv_nsec = (at - seconds).count()};
    }
    base::check(::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &time, nullptr) == 0,
                "timerfd_settime");
}

base::Instant EventLoop::next_deadline(base::Duration wait_max) const {
    if (std::ranges::any_of(unpollable_,
                            [&](auto id) { return watches_.at(id).interest != Interest{}; })) {
        return at_once;
    }
    auto deadline = wait_max == base::Duration::max() ? base::Instant::never() : now() + wait_max;
    if (!timers_.empty()) deadline = std::min(deadline, timers_.begin()->first.at);
    for (auto const* const participant : participants_) {
        if (participant != nullptr) deadline = std::min(deadline, participant->deadline());
    }
    return deadline;
}

int EventLoop::wait(base::Instant deadline) {
    auto const left = deadline == at_once ? base::Duration::zero()
                                          : std::max(deadline - now(), base::Duration::zero());
    bool const forever = deadline == base::Instant::never();
    auto* const events = events_->items.data();
    int count = -1;
    if (nanosecond_wait_) {
        auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        timespec const time{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
        count =
            ::epoll_pwait2(epoll_.get(), events, events_max, forever ? nullptr : &time, nullptr);
        // Kernels before 5.11, and some sandboxes.
        if (count < 0 && (errno == ENOSYS || errno == EPERM)) nanosecond_wait_ = false;
    }
    if (!nanosecond_wait_) {
        auto const milliseconds = std::chrono::ceil<std::chrono::milliseconds>(
            std::min<base::Duration>(left, std::chrono::hours(1)));
        count = ::epoll_wait(epoll_.get(), events, events_max,
                             forever ? -1 : static_cast<int>(milliseconds.count()));
    }
    base::check(count >= 0 || errno == EINTR, "epoll_wait");
    return std::max(count, 0);
}

void EventLoop::dispatch(int count) {
    for (int i = 0; i < count; ++i) {
        auto const& event = events_->items[static_cast<std::size_t>(i)];
        auto const has = [&](std::uint32_t bit) { return (event.events & bit) != 0; };
        call(event.data.u64, Ready{.read = has(EPOLLIN),
                                   .write = has(EPOLLOUT),
                                   .error = has(EPOLLERR),
                                   .hangup = has(EPOLLHUP)});
    }
}

void EventLoop::call(std::uint64_t watch, Ready ready) {
    // Ids are never used twice, so an event of a descriptor that was closed meanwhile finds
    // nothing.
    auto const found = watches_.find(watch);
    if (found != watches_.end()) found->second.on_ready(ready);
}

void EventLoop::call_unpollable() {
    if (unpollable_.empty()) return;
    auto const ids = unpollable_;
    for (auto const id : ids) {
        auto const found = watches_.find(id);
        if (found == watches_.end()) continue;
        auto const interest = found->second.interest;
        if (interest != Interest{}) call(id, Ready{.read = interest.read, .write = interest.write});
    }
}

void EventLoop::fire_timers() {
    if (timers_.empty()) return;
    // Those that are set by the callbacks wait for the next turn, so that a timer of no delay
    // cannot hold the loop.
    TimerId const last{now(), next_id_};
    while (!timers_.empty() && timers_.begin()->first < last) {
        auto node = timers_.extract(timers_.begin());
        node.mapped()();
    }
}

bool EventLoop::participants_busy() const {
    return std::ranges::any_of(participants_,
                               [](auto const* p) { return p != nullptr && p->busy(); });
}

}  // namespace runtime
