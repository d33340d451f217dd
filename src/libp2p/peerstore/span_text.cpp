#include "libp2p/peerstore/span_text.h"

#include <fmt/format.h>

namespace libp2p::peerstore {

std::string span_text(base::Duration span) {
    auto const seconds = std::chrono::ceil<std::chrono::seconds>(span).count();
    if (seconds < 120) return fmt::format("{} s", seconds);
    if (seconds < 120 * 60) return fmt::format("{} min", seconds / 60);
    if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
    return fmt::format("{} d", seconds / 86400);
}

}  // namespace libp2p::peerstore
