// Budget: how much may still be asked in a sliding window, as OCaml's node counts it. What was spent comes back one
// window later.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <vector>

namespace mina {

class Budget {
public:
    Budget() = default;
    Budget(std::uint32_t capacity, base::Duration window) : capacity_(capacity), window_(window) {}

    /// When `cost` fits: `now`, later, or never().
    base::Instant admits_at(std::uint32_t cost, base::Instant now);
    bool admits(std::uint32_t cost, base::Instant now) { return admits_at(cost, now) <= now; }
    /// Requires that it is admitted.
    void spend(std::uint32_t cost, base::Instant now);
    std::uint32_t used() const { return used_; }
    /// What is admitted at `now`; changes nothing.
    std::uint32_t left(base::Instant now) const;

    /// Expenses kept apart at most. Above this capacity neighbours in time are counted as the last of them, so that an
    /// expense comes back up to 1/256 of the window late.
    static constexpr std::uint32_t entries_max = 512;

private:
    struct Expense {
        base::Instant back_at;
        std::uint32_t cost = 0;
    };
    void drop_old(base::Instant now);

    std::uint32_t capacity_ = 0;
    base::Duration window_{};
    std::uint32_t used_ = 0;
    std::vector<Expense> expenses_;  // by time
};

}  // namespace mina
