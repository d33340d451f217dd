// Who may connect: bounds on connections, and bans.
#include "libp2p/swarm/swarm.h"

#include <algorithm>

namespace libp2p {

namespace {

bool same_prefix(IpAddress const& a, IpAddress const& b, std::uint8_t bits) {
    if (a.v6 != b.v6) return false;
    auto const whole = static_cast<std::size_t>(bits / 8);
    if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole), b.bytes.begin())) return false;
    auto const rest = bits % 8;
    if (rest == 0) return true;
    auto const mask = static_cast<std::uint8_t>(0xFF << (8 - rest));
    return (a.bytes[whole] & mask) == (b.bytes[whole] & mask);
}

}  // namespace

bool Swarm::ip_banned(IpAddress const& ip) const {
    return std::ranges::any_of(ip_bans_, [&](IpBan const& ban) {
        return ban.until > now_ && same_prefix(ban.ip, ip, ban.prefix_bits);
    });
}

void Swarm::ban_ip(IpAddress const& ip, std::uint8_t prefix_bits, base::Instant until) {
    std::erase_if(ip_bans_, [&](IpBan const& ban) {
        return ban.until <= now_ || (ban.ip == ip && ban.prefix_bits == prefix_bits);
    });
    if (ip_bans_.size() >= ip_bans_max) ip_bans_.erase(ip_bans_.begin());
    ip_bans_.push_back({ip, prefix_bits, until});
    for (auto const& [id, connection] : connections_) {
        if (same_prefix(ip, connection->remote.ip, prefix_bits)) {
            act(*connection, connection::Close{DisconnectReason::banned});
        }
    }
}

std::optional<DisconnectReason> Swarm::refusal_of(SocketAddress const& remote) const {
    auto const& limits = config_.limits;
    if (is_shutting_down_) return DisconnectReason::shutdown;
    if (ip_banned(remote.ip)) return DisconnectReason::banned;
    if (connections_.size() >= limits.connections_max) return DisconnectReason::too_many_connections;
    if (inbound_count_ >= limits.inbound_connections_max) return DisconnectReason::too_many_inbound;
    if (pending_inbound_ >= limits.pending_inbound_max) return DisconnectReason::too_many_pending;
    if (remote.ip.is_loopback()) return std::nullopt;
    auto const from_ip = per_ip_.find(remote.ip);
    if (from_ip != per_ip_.end() && from_ip->second >= limits.connections_per_ip_max) {
        return DisconnectReason::too_many_from_ip;
    }
    return std::nullopt;
}

}  // namespace libp2p
