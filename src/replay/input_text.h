// An Input as one line for people: what came in at the step that a replay names.
#pragma once

#include "libp2p/swarm/core.h"

namespace replay {

/// Such as "Received link 4: 120 bytes" or "Command 7: Publish to topic x, 512 bytes". Contents are not shown.
std::string to_text(libp2p::Input const& input);

}  // namespace replay
