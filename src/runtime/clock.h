// The two clocks. A core sees neither: the event loop hands it the time of each step.
#pragma once

#include "base/time.h"

namespace runtime {

/// CLOCK_MONOTONIC: since an arbitrary start, the same for all programs on the machine. Never goes
/// back.
base::Duration monotonic_time();

/// Since 1970-01-01T00:00:00Z. May jump.
base::Duration unix_time();

}  // namespace runtime
