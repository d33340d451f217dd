// Env: everything ambient that a reducer may use. `now` is constant within a step.
#pragma once

#include "base/rng.h"
#include "base/time.h"
#include "base/trace.h"

namespace base {

struct Env {
    Instant now;
    Rng& rng;
    Trace& trace;
};

}  // namespace base
