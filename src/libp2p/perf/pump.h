// Pump: writes a number of zeros to a stream with a bounded queue.
#pragma once

#include "libp2p/perf/perf_effects.h"

namespace libp2p::perf {

/// The largest Yamux body whose frame fills a Noise message: 65,535 less 16 of tag and 12 of header.
inline constexpr std::size_t frame_body_bytes = 65'507;
inline constexpr std::size_t block_bytes = 4 * frame_body_bytes;
/// Queued at most on one stream: two blocks, one of which is written anew when most has been sent.
inline constexpr std::size_t queue_bytes_max = 2 * block_bytes;

/// The shared zeros; one allocation for all streams of a State.
base::SharedBytes make_block();

struct Pump {
    std::uint64_t left = 0;     // bytes still to be written
    std::uint64_t written = 0;

    /// Appends writes of at most `bytes` in all.
    void write(ChannelId channel, std::uint64_t bytes, base::SharedBytes const& block, std::vector<Effect>& effects);
};

}  // namespace libp2p::perf
