// EventLoop: one thread, one epoll. Nodes, resolvers, signals and an application's own descriptors
// share it.
//
// A turn: wait for descriptors, timers and the participants' deadlines; call back the ready
// descriptors, then the due timers; then let every participant finish the turn. Everything is
// called from run(), in one thread, and may call any function of the loop but run() and turn().
#pragma once

#include "base/bytes.h"
#include "base/id.h"
#include "base/time.h"
#include "runtime/fd.h"

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

namespace runtime {

/// Takes part in every turn of a loop.
class Participant {
public:
    virtual ~Participant() = default;
    /// The loop waits no longer than until then. Past instants and the present one mean: do not
    /// wait.
    virtual base::Instant deadline() const = 0;
    /// The descriptors that were ready have been called back.
    virtual void finish_turn() = 0;
    /// Something is to be finished before the loop ends.
    virtual bool busy() const { return false; }
};

struct Interest {
    bool read = false;
    bool write = false;

    bool operator==(Interest const&) const = default;
};

struct Ready {
    bool read = false;  // or an end of stream, or an error
    bool write = false;
    bool error = false;  // told without having been asked for
    bool hangup = false;  // the same
};

class EventLoop {
public:
    using WatchId = base::Id<struct WatchTag>;
    using OnReady = std::move_only_function<void(Ready)>;
    using OnTimer = std::move_only_function<void()>;
    struct TimerId {
        base::Instant at;
        std::uint64_t number = 0;  // 0 is "none"

        auto operator<=>(TimerId const&) const = default;
    };

    /// Raises the limit of open descriptors as far as it goes. Ends the program when the kernel has
    /// no epoll to give.
    EventLoop();
    ~EventLoop();
    EventLoop(EventLoop const&) = delete;
    EventLoop& operator=(EventLoop const&) = delete;

    /// Calls back in every turn in which the descriptor is ready (level-triggered). The descriptor
    /// stays the caller's and must be unwatched before it is closed. A plain file or /dev/null,
    /// which epoll refuses, is always ready.
    WatchId watch(int fd, Interest interest, OnReady on_ready);
    void set_interest(WatchId watch, Interest interest);
    /// No callback follows; allowed within the callback itself. An unknown id is ignored.
    void unwatch(WatchId watch);

    /// Calls back once, that much later or a little more.
    TimerId after(base::Duration delay, OnTimer on_timer);
    /// Does nothing when the timer has fired.
    void cancel(TimerId timer);

    void join(Participant& participant);
    void leave(Participant& participant);

    /// Turns until stop(), and then for up to a second while a participant is busy.
    void run();
    /// Ends run() after the present turn (or the first, when called before). Called again, it ends
    /// the wait for busy participants.
    void stop();
    /// One turn: waits for something to happen, but no longer than `wait_max`.
    void turn(base::Duration wait_max = base::Duration::max());

    /// For another loop around this one: a descriptor that is readable when turn(0) has something to
    /// do. From the first call on, a timer of the kernel stands for the deadlines. It is set by
    /// arm(): to be called after each turn, and after all else that may have brought one nearer.
    int poll_fd();
    void arm();

    /// Since the loop was made. Never goes back.
    base::Instant now() const;
    /// Memory for one read; its content lives until the callback returns.
    base::MutableBytes read_buffer() { return {read_buffer_.get(), read_buffer_bytes}; }

    static constexpr std::size_t read_buffer_bytes = 256 * 1024;
    static constexpr base::Duration stop_wait_max = std::chrono::seconds(1);

private:
    struct Watch {
        int fd = -1;
        Interest interest;
        bool pollable = true;
        OnReady on_ready;
    };
    using Watches = std::unordered_map<std::uint64_t, Watch>;

    base::Instant next_deadline(base::Duration wait_max) const;
    int wait(base::Instant deadline);
    void dispatch(int count);
    void call(std::uint64_t watch, Ready ready);
    void call_unpollable();
    void fire_timers();
    bool participants_busy() const;

    static constexpr int events_max = 256;  // of one turn; the kernel goes round
    struct Events;

    base::Duration const origin_;
    Fd epoll_;
    Fd timer_;  // for poll_fd(): in epoll_, and never read
    base::Instant armed_ = base::Instant::never();
    std::unique_ptr<Events> events_;
    std::unique_ptr<std::uint8_t[]> read_buffer_;
    Watches watches_;
    /// Kept to the end of the turn: one of them may be running.
    std::vector<Watches::node_type> unwatched_;
    std::vector<std::uint64_t> unpollable_;
    std::map<TimerId, OnTimer> timers_;
    std::vector<Participant*> participants_;
    std::uint64_t next_id_ = 1;
    int stops_ = 0;
    bool nanosecond_wait_ = true;
};

}  // namespace runtime
