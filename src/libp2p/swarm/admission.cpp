// Who may connect: bounds on connections, and the gate's rules.
#include "libp2p/swarm/swarm.h"

#include <algorithm>

namespace libp2p {

base::Instant end_of(peerstore::Refusal const& refusal) {
    return refusal.rule ? refusal.rule->until : base::Instant::never();
}

// Before it is known who is there: a rule about an address range holds for whoever comes from it.
std::optional<DisconnectReason> Swarm::refusal_of(SocketAddress const& remote) const {
    auto const& limits = config_.limits;
    if (is_shutting_down_) return DisconnectReason::shutdown;
    if (gate_.refusal(nullptr, &remote.ip, now_)) return DisconnectReason::banned;
    if (gate_.is_trusted(remote.ip)) return std::nullopt;
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

void Swarm::order(RequestId request, command::SetRule const& command) {
    Rule rule{command.subject, command.kind, base::Instant::never(), 0, command.reason};
    if (command.time) rule.until = now_ + *command.time;
    if (auto const changes = gate_.put(std::move(rule), now_); !changes) {
        reply_error(request, changes.error());
        return;
    }
    forget_refused(command.subject, command.kind);
    enforce_rules();
    reply(request, reply::Done{});
}

void Swarm::order(RequestId request, command::ReportOffence const& command) {
    // Who has left meanwhile did it all the same; only its address is not known any more.
    auto const* peer = find_peer(command.peer);
    auto const* connection = peer != nullptr ? connection_of(peer->connection) : nullptr;
    offend(command.peer, connection != nullptr ? connection->remote.ip : IpAddress{}, command.severity, command.reason);
    reply(request, reply::Done{});
}

// A peer that is not let in is not told of either.
void Swarm::forget_refused(RuleSubject const& subject, RuleKind kind) {
    auto const* const id = std::get_if<PeerId>(&subject);
    auto const is_refused = kind == RuleKind::ban || kind == RuleKind::deny;
    if (id != nullptr && is_refused && has_kademlia()) tell_kademlia(kademlia::Forget{*id});
}

void Swarm::order(RequestId request, command::DropRule const& command) {
    if (!gate_.erase(command.subject, command.kind)) {
        reply_error(request, "there is no such rule");
        return;
    }
    enforce_rules();
    reply(request, reply::Done{});
}

void Swarm::expire_rules() {
    gate_.expire(now_);
    enforce_rules();
}

// A peer broke a protocol. Once may be an accident; more often is a ban, each longer than the last.
void Swarm::offend(PeerId const& peer, IpAddress const& ip, peerstore::Severity severity, std::string_view reason) {
    auto const changes = gate_.offend({peer, ip, severity, reason}, now_);
    for (auto const& rule : changes.put) {
        deliver(event::Banned{rule});
        forget_refused(rule.subject, rule.kind);
    }
    // Not enforced at once: we may be deep inside a connection's end.
    if (!changes.put.empty()) is_gate_changed_ = true;
}

// They are said anew at each start, so they are not stored: what is taken out of the configuration is gone.
void Swarm::load_configured_rules() {
    for (auto const& rule : config_.rules) {
        if (auto const changes = gate_.put(rule, now_); !changes) deliver(event::Warning{changes.error()});
    }
    gate_.take_orders();
}

void Swarm::store_rules() {
    for (auto& order : gate_.take_orders()) effects_.emplace_back(Store{std::move(order)});
}

// The rules have changed: peers and connections are held against them.
void Swarm::enforce_rules() {
    for (auto& [key, peer] : peers_) {
        auto const refusal = gate_.refusal(&peer.state.id, nullptr, now_);
        if (refusal) {
            auto const until = end_of(*refusal);
            if (peer.state.phase == peer::Phase::banned && peer.state.deadline == until) continue;
            act(peer, peer::Ban{until});
            cancel_attempt(peer, DisconnectReason::banned);
        } else if (peer.state.phase == peer::Phase::banned) {
            act(peer, peer::Unban{});
        }
    }
    for (auto const& [id, connection] : connections_) {
        auto const* peer = find_peer(connection->peer);
        auto const* known = peer != nullptr ? &peer->state.id : nullptr;
        if (connection->state.phase == connection::Phase::closed) continue;
        if (gate_.refusal(known, &connection->remote.ip, now_)) {
            act(*connection, connection::Close{DisconnectReason::banned});
        }
    }
}

}  // namespace libp2p
