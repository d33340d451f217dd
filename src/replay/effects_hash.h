// Four bytes that stand for what a step ordered: the kinds and subjects of its effects, the sizes and both ends of the
// bytes it sent. Cheap enough for every step; the digests find what it does not see.
#pragma once

#include "libp2p/swarm/core.h"

namespace replay {

std::uint32_t hash_effects(std::span<libp2p::Effect const> effects);

}  // namespace replay
