// Entropy of the operating system: the only source of a node's seed and of a new identity.
#pragma once

#include "base/rng.h"

namespace runtime {

/// 32 bytes of getrandom(2). Waits, at boot, until the kernel has gathered enough; ends the program
/// if there is none.
base::Rng::Seed random_seed();

}  // namespace runtime
