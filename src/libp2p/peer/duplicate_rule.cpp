#include "libp2p/peer/duplicate_rule.h"

namespace libp2p::peer {

bool newer_survives(Config const& config, PeerId const& remote, Connection const& existing, Direction newer,
                    base::Instant now) {
    auto const mutual = existing.direction != newer && now - existing.opened_at < config.simultaneous;
    if (!mutual) return true;
    auto const we_are_smaller = config.self < remote;
    auto const newer_dialed_by_smaller = (newer == Direction::outbound) == we_are_smaller;
    return newer_dialed_by_smaller;
}

}  // namespace libp2p::peer
