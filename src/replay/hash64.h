// hash64: XXH64, a quick hash against damage and for comparison; no protection against anyone.
// spec: xxHash doc/xxhash_spec.md#xxh64-algorithm-description
#pragma once

#include "base/bytes.h"

namespace replay {

std::uint64_t hash64(base::ByteView bytes, std::uint64_t seed = 0);

}  // namespace replay
