#include "runtime/clock.h"

#include <ctime>

namespace runtime {

namespace {

base::Duration read(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

base::Duration monotonic_time() { return read(CLOCK_MONOTONIC); }

base::Duration unix_time() { return read(CLOCK_REALTIME); }

}  // namespace runtime
