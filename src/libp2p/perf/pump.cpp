#include "libp2p/perf/pump.h"

#include <algorithm>

namespace libp2p::perf {

base::SharedBytes make_block() { return base::SharedBytes::take(base::ByteString(block_bytes)); }

void Pump::write(ChannelId channel, std::uint64_t bytes, base::SharedBytes const& block,
                 std::vector<Effect>& effects) {
    bytes = std::min(bytes, left);
    while (bytes > 0) {
        auto const size = std::min<std::uint64_t>(bytes, block.size());
        effects.push_back(stream::Write{channel, block.slice(0, static_cast<std::size_t>(size))});
        bytes -= size;
        left -= size;
        written += size;
    }
}

}  // namespace libp2p::perf
