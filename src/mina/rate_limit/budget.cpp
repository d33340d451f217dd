#include "mina/rate_limit/budget.h"

#include "base/check.h"

#include <algorithm>

namespace mina {

void Budget::drop_old(base::Instant now) {
    auto const kept = std::ranges::find_if(expenses_, [&](Expense const& expense) { return expense.back_at > now; });
    for (auto at = expenses_.begin(); at != kept; ++at) used_ -= at->cost;
    expenses_.erase(expenses_.begin(), kept);
}

base::Instant Budget::admits_at(std::uint32_t cost, base::Instant now) {
    drop_old(now);
    if (cost > capacity_) return base::Instant::never();
    if (cost <= capacity_ - used_) return now;
    auto missing = cost - (capacity_ - used_);
    for (auto const& expense : expenses_) {
        if (expense.cost >= missing) return expense.back_at;
        missing -= expense.cost;
    }
    return base::Instant::never();
}

std::uint32_t Budget::left(base::Instant now) const {
    auto left = capacity_ - used_;
    for (auto const& expense : expenses_) {
        if (expense.back_at > now) break;
        left += expense.cost;
    }
    return left;
}

void Budget::spend(std::uint32_t cost, base::Instant now) {
    base::check(admits(cost, now), "budget: more spent than there is");
    used_ += cost;
    auto const step = capacity_ > entries_max ? window_ / 256 : base::Duration(0);
    // The last entry stands for all of [its first expense, + step) and comes back when the last of these would.
    if (!expenses_.empty() && now + window_ <= expenses_.back().back_at) {
        expenses_.back().cost += cost;
    } else {
        expenses_.push_back({now + window_ + step, cost});
    }
}

}  // namespace mina
