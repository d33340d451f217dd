// A span of time in a few characters, for people: "12 s", "5 min", "3 h", "6 d".
#pragma once

#include "base/time.h"

#include <string>

namespace libp2p::peerstore {

std::string span_text(base::Duration span);

}  // namespace libp2p::peerstore
