// The topology that a crawl has found, as a picture.
//
// Peers stand in a circle, in the order of their places in the DHT's space of keys, so that neighbours there are
// neighbours here; many peers stand in several rings. Colour: the agent; grey: not reached; size: how many peers name
// it. Lines bend inwards: short ones are near in the space of keys. Each peer's title has its id, agent and round trip.
//
// Deterministic. Bounds: peers_drawn_max, those that most name first; edges_drawn_max, evenly chosen.
#pragma once

#include "apps/crawl_results.h"

namespace apps {

inline constexpr std::size_t peers_drawn_max = 4000;
inline constexpr std::size_t edges_drawn_max = 6000;

/// A whole SVG file. `title` may be anything.
std::string crawl_svg(CrawlResults const& results, std::string const& title);

}  // namespace apps
