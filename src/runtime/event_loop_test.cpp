// Goal: the loop calls back what is ready, what is due, and nothing else. Method: pipes and short
// timers.
#include "runtime/event_loop.h"

#include "runtime/clock.h"
#include "runtime/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace runtime {
namespace {

using namespace std::chrono_literals;

struct Pipe {
    Pipe() {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
        out = Fd(ends[0]);
        in = Fd(ends[1]);
    }
    void put() const { EXPECT_EQ(::write(in.get(), "x", 1), 1); }
    void take() const {
        char byte = 0;
        EXPECT_EQ(::read(out.get(), &byte, 1), 1);
    }
    Fd out;
    Fd in;
};

TEST(event_loop, timers_fire_once_in_the_order_of_their_times_and_not_early) {
    EventLoop loop;
    std::string fired;
    auto const begun = loop.now();
    loop.after(20ms, [&] {
        fired += 'b';
        EXPECT_GE(loop.now() - begun, 20ms);
        loop.stop();
    });
    loop.after(5ms, [&] { fired += 'a'; });
    auto const cancelled = loop.after(10ms, [&] { fired += 'x'; });
    loop.cancel(cancelled);
    loop.run();
    EXPECT_EQ(fired, "ab");
    EXPECT_LT(loop.now() - begun, 2s);
}

TEST(event_loop, waits_with_more_than_milliseconds_precision) {
    EventLoop loop;
    auto shortest = base::Duration::max();
    for (int i = 0; i < 20; ++i) {
        bool fired = false;
        auto const begun = loop.now();
        loop.after(200us, [&] { fired = true; });
        while (!fired) loop.turn();
        shortest = std::min(shortest, loop.now() - begun);
    }
    EXPECT_GE(shortest, 200us);
    EXPECT_LT(shortest, 1ms);
}

TEST(event_loop, one_descriptor_tells_another_loop_when_there_is_something_to_do) {
    EventLoop loop;
    pollfd ready{loop.poll_fd(), POLLIN, 0};
    auto const is_ready = [&](std::chrono::milliseconds time) {
        return ::poll(&ready, 1, static_cast<int>(time.count())) == 1;
    };
    EXPECT_FALSE(is_ready(0ms));
    // A timer, set outside a turn.
    bool fired = false;
    auto const begun = loop.now();
    loop.after(30ms, [&] { fired = true; });
    loop.arm();
    EXPECT_FALSE(is_ready(0ms));
    EXPECT_TRUE(is_ready(2s));
    EXPECT_GE(loop.now() - begun, 30ms);
    loop.turn(0ms);
    loop.arm();
    EXPECT_TRUE(fired);
    EXPECT_FALSE(is_ready(20ms));
    // A descriptor, and a timer of no delay that sets itself.
    Pipe pipe;
    int taken = 0;
    auto const watch = loop.watch(pipe.out.get(), {.read = true}, [&](Ready) {
        pipe.take();
        ++taken;
    });
    pipe.put();
    EXPECT_TRUE(is_ready(2s));
    loop.turn(0ms);
    loop.arm();
    EXPECT_EQ(taken, 1);
    EXPECT_FALSE(is_ready(0ms));
    loop.unwatch(watch);
    for (int i = 0; i < 3; ++i) {
        loop.after(0ms, [] {});
        loop.arm();
        EXPECT_TRUE(is_ready(2s));
        loop.turn(0ms);
    }
    loop.arm();
    EXPECT_FALSE(is_ready(0ms));
}

TEST(event_loop, a_timer_that_sets_itself_with_no_delay_does_not_hold_a_turn) {
    EventLoop loop;
    int fired = 0;
    std::function<void()> again = [&] {
        ++fired;
        loop.after(0s, again);
    };
    loop.after(0s, again);
    loop.turn();
    EXPECT_EQ(fired, 1);
    loop.turn();
    EXPECT_EQ(fired, 2);
}

TEST(event_loop, calls_back_while_ready_and_wanted) {
    EventLoop loop;
    Pipe const pipe;
    int calls = 0;
    auto const watch = loop.watch(pipe.out.get(), {.read = true}, [&](Ready ready) {
        EXPECT_TRUE(ready.read);
        EXPECT_FALSE(ready.write);
        ++calls;
    });
    loop.turn(0s);
    EXPECT_EQ(calls, 0);
    pipe.put();
    loop.turn(1s);
    loop.turn(1s);
    EXPECT_EQ(calls, 2);
    loop.set_interest(watch, {});
    loop.turn(0s);
    EXPECT_EQ(calls, 2);
    loop.set_interest(watch, {.read = true});
    loop.turn(1s);
    EXPECT_EQ(calls, 3);
    loop.unwatch(watch);
    loop.turn(0s);
    EXPECT_EQ(calls, 3);
}

TEST(event_loop, no_callback_follows_an_unwatch_within_the_same_turn) {
    EventLoop loop;
    Pipe first;
    Pipe second;
    first.put();
    second.put();
    int calls = 0;
    EventLoop::WatchId watches[2];
    auto const end_both = [&](Ready) {
        ++calls;
        for (auto const watch : watches) loop.unwatch(watch);
        first.out.reset();
        second.out.reset();
        // The numbers are used again at once, in a descriptor that is ready, but whose watch is
        // another.
        Pipe const other;
        other.put();
    };
    watches[0] = loop.watch(first.out.get(), {.read = true}, end_both);
    watches[1] = loop.watch(second.out.get(), {.read = true}, end_both);
    loop.turn(1s);
    loop.turn(0s);
    EXPECT_EQ(calls, 1);
}

TEST(event_loop, a_plain_file_and_dev_null_are_always_ready) {
    EventLoop loop;
    for (char const* const path : {"/dev/null", "/proc/self/exe"}) {
        Fd const file(::open(path, O_RDONLY | O_CLOEXEC));
        ASSERT_TRUE(file) << path;
        int calls = 0;
        EventLoop::WatchId watch;
        watch = loop.watch(file.get(), {.read = true}, [&](Ready ready) {
            EXPECT_TRUE(ready.read);
            if (++calls == 2) loop.unwatch(watch);
        });
        loop.turn(1s);
        loop.turn(1s);
        loop.turn(0s);
        EXPECT_EQ(calls, 2) << path;
    }
}

TEST(event_loop, more_descriptors_than_one_turn_takes_are_all_served) {
    EventLoop loop;
    std::vector<Pipe> pipes(400);
    std::vector<int> calls(pipes.size());
    std::vector<EventLoop::WatchId> watches;
    for (std::size_t i = 0; i < pipes.size(); ++i) {
        pipes[i].put();
        watches.push_back(
            loop.watch(pipes[i].out.get(), {.read = true}, [&, i](Ready) { ++calls[i]; }));
    }
    for (int turn = 0; turn < 3; ++turn) loop.turn(1s);
    EXPECT_EQ(std::ranges::count(calls, 0), 0);
    for (auto const watch : watches) loop.unwatch(watch);
}

struct BusyFor final : Participant {
    explicit BusyFor(EventLoop& on, base::Duration time) : loop(on), end(on.now() + time) {
        loop.join(*this);
    }
    ~BusyFor() override { loop.leave(*this); }
    base::Instant deadline() const override { return end; }
    void finish_turn() override { ++turns; }
    bool busy() const override { return loop.now() < end; }
    EventLoop& loop;
    base::Instant end;
    int turns = 0;
};

TEST(event_loop, stop_waits_for_a_busy_participant_but_not_for_ever) {
    EventLoop loop;
    auto const begun = loop.now();
    {
        BusyFor const participant(loop, 30ms);
        loop.stop();
        loop.run();
        EXPECT_GE(loop.now() - begun, 30ms);
        EXPECT_LT(loop.now() - begun, 900ms);
    }
    BusyFor const participant(loop, 1h);
    loop.stop();
    loop.run();
    EXPECT_LT(loop.now() - begun, 3s);
    auto const again = loop.now();
    loop.stop();
    loop.stop();
    loop.run();
    EXPECT_LT(loop.now() - again, 500ms);
}

TEST(event_loop, a_participant_may_leave_in_a_turn) {
    EventLoop loop;
    auto first = std::make_unique<BusyFor>(loop, 0s);
    BusyFor const second(loop, 0s);
    loop.after(0s, [&] { first.reset(); });
    loop.turn();
    EXPECT_EQ(second.turns, 1);
}

TEST(clock, monotonic_time_advances_and_unix_time_is_of_this_century) {
    auto const before = monotonic_time();
    EXPECT_GE(monotonic_time(), before);
    EXPECT_GT(unix_time(), std::chrono::hours(24 * 365 * 50));
    EXPECT_LT(unix_time(), std::chrono::hours(24 * 365 * 130));
}

TEST(process, knows_its_memory_and_cpu_time) {
    auto const before = cpu_seconds();
    auto const memory = rss_bytes();
    std::vector<std::uint8_t> block(32U << 20);
    for (std::size_t i = 0; i < block.size(); i += 1024) {
        block[i] = static_cast<std::uint8_t>(i >> 10);
    }
    EXPECT_GT(rss_bytes(), memory + (16U << 20));
    auto const end = monotonic_time() + 5s;
    while (cpu_seconds() - before < 0.01 && monotonic_time() < end) {
        block[0] = static_cast<std::uint8_t>(block[0] + 1);
    }
    EXPECT_GE(cpu_seconds() - before, 0.01);
}

TEST(process, the_loop_raises_the_limit_of_descriptors) {
    rlimit former{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &former), 0);
    rlimit low = former;
    low.rlim_cur = 64;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    EventLoop const loop;
    rlimit raised{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &raised), 0);
    EXPECT_EQ(raised.rlim_cur, former.rlim_max);
}

}  // namespace
}  // namespace runtime
