// Goal: never more than the capacity in any window, and no more memory than that takes. Method: a budget is walked
// through its window.
#include "mina/rate_limit/budget.h"

#include <gtest/gtest.h>

namespace mina {
namespace {

using namespace std::chrono_literals;

TEST(Budget, gives_back_what_was_spent_one_window_later) {
    Budget budget(15, 5min);
    base::Instant now{1'000};
    for (int i = 0; i < 15; ++i) {
        ASSERT_TRUE(budget.admits(1, now)) << i;
        budget.spend(1, now);
        now = now + 1s;
    }
    EXPECT_EQ(budget.admits_at(1, now), base::Instant{1'000} + 5min);
    EXPECT_EQ(budget.admits_at(3, now), base::Instant{1'000} + 5min + 2s);
    EXPECT_EQ(budget.admits_at(16, now), base::Instant::never());
    auto const before = base::Instant{999} + 5min;
    EXPECT_FALSE(budget.admits(1, before));
    EXPECT_TRUE(budget.admits(1, before + base::Duration(1)));
    EXPECT_EQ(budget.used(), 14U);
    EXPECT_EQ(budget.left(before + base::Duration(1)), 1U);
    EXPECT_EQ(budget.left(before + 2s), 2U);  // and nothing is changed by asking
    EXPECT_EQ(budget.used(), 14U);
}

TEST(Budget, never_admits_more_than_its_capacity_in_any_window_and_stays_small) {
    Budget budget(5U << 17, 5min);
    base::Instant now{0};
    std::uint64_t spent = 0;
    for (int i = 0; i < 500'000; ++i) {
        now = now + 1ms;
        if (!budget.admits(3, now)) break;
        budget.spend(3, now);
        spent += 3;
    }
    EXPECT_EQ(spent, 655'359U);
    auto const first = base::Instant{0} + 1ms;
    EXPECT_GE(budget.admits_at(3, now), first + 5min);
    EXPECT_LE(budget.admits_at(3, now), first + 5min + 1200ms);  // counted a little longer, so that it stays small
    EXPECT_TRUE(budget.admits(5U << 17, now + 5min + 1200ms));
}

}  // namespace
}  // namespace mina
