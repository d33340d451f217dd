// rate_limit: how much a peer may still do, counted as OCaml's node counts it.
//
// budget.h   Budget: a capacity in a sliding window; what was spent comes back one window later
//
// mina: L/network_pool/rate_limiter.ml: a window of five minutes, of the peer and of its host, and both must have room.
// Whose budgets are kept, and for how long, is decided by those who keep them: mina/rpc and mina/channels.
//
// Bounds: a budget remembers at most `Budget::entries_max` expenses, whatever its capacity.
#pragma once

#include "mina/rate_limit/budget.h"
