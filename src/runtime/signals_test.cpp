// Goal: the first signal comes into the loop, the second ends the program. Method: signals to
// oneself; a death test.
#include "runtime/signals.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace runtime {
namespace {

TEST(signals, the_first_comes_into_the_loop_with_its_number) {
    for (int const number : {SIGINT, SIGTERM}) {
        EventLoop loop;
        int seen = 0;
        Signals const signals(loop, [&](int which) {
            seen = which;
            loop.stop();
        });
        loop.after(std::chrono::milliseconds(1), [&] { std::raise(number); });
        loop.after(std::chrono::seconds(5), [&] { loop.stop(); });
        loop.run();
        EXPECT_EQ(seen, number);
    }
}

TEST(signals, former_actions_come_back) {
    std::signal(SIGTERM, SIG_IGN);
    {
        EventLoop loop;
        Signals const signals(loop, [](int) {});
    }
    EXPECT_EQ(std::signal(SIGTERM, SIG_DFL), SIG_IGN);
}

TEST(signals, a_broken_pipe_does_not_end_the_program) {
    EventLoop loop;
    Signals const signals(loop, [](int) {});
    EXPECT_EQ(std::signal(SIGPIPE, SIG_IGN), SIG_IGN);
}

TEST(signals_death, the_second_ends_the_program_even_when_the_loop_is_stuck) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_EXIT(
        {
            EventLoop loop;
            Signals const signals(loop, [](int) {});
            std::raise(SIGINT);
            std::raise(SIGTERM);  // the loop has not turned
            std::exit(0);
        },
        ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace runtime
