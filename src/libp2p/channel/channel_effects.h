// What a channel orders, and reports.
#pragma once

#include "libp2p/channel/channel_state.h"

#include <variant>
#include <vector>

namespace libp2p::channel {

/// Order: FIN.
struct FinishStream {};
/// Order: RST.
struct ResetStream {};
/// Event: the channel has ended; state.reason says how.
struct BecameClosed {};

using Effect = std::variant<FinishStream, ResetStream, BecameClosed>;

struct Out {
    std::vector<Effect> effects;
    void clear() { effects.clear(); }
};

}  // namespace libp2p::channel
