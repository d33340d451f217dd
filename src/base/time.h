// Instant and Duration, in nanoseconds. Time is an argument everywhere; arithmetic saturates, so that no number from a
// peer can wrap it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace base {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

/// A point of the monotonic clock of a run: nanoseconds since an arbitrary start.
struct Instant {
    std::int64_t nanoseconds = 0;

    constexpr auto operator<=>(Instant const&) const = default;
    static constexpr Instant never() { return {std::numeric_limits<std::int64_t>::max()}; }
};

constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return b > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

constexpr Instant operator+(Instant at, Duration by) { return {saturating_add(at.nanoseconds, by.count())}; }

constexpr Instant operator-(Instant at, Duration by) {
    return by == Duration::min() ? Instant::never() : at + -by;
}

constexpr Duration operator-(Instant later, Instant earlier) {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(later.nanoseconds, earlier.nanoseconds, &difference)) return Duration(difference);
    return later > earlier ? Duration::max() : Duration::min();
}

/// Seconds from an untrusted number, capped.
constexpr Duration seconds_capped(std::uint64_t seconds, std::chrono::seconds cap) {
    auto const limit = static_cast<std::uint64_t>(cap.count());
    return std::chrono::seconds(static_cast<std::int64_t>(seconds < limit ? seconds : limit));
}

}  // namespace base
