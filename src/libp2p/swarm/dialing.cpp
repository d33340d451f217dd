// Attempts to connect: names are looked up, addresses are tried, each a moment after the one before, until one opens
// (happy eyeballs).
#include "base/check.h"
#include "libp2p/swarm/swarm.h"

#include <algorithm>

namespace libp2p {

namespace {

// For so long a connection is given that is being made secure, before another address is tried as well.
constexpr base::Duration answer_patience = std::chrono::seconds(1);

// The last dial ended as one does that met the other side's half-way without an agreement on who is who. From another
// port the next one cannot.
bool may_have_crossed(Peer const* peer) {
    if (peer == nullptr) return false;
    auto const reason = peer->state.last_reason;
    return reason == DisconnectReason::security_malformed || reason == DisconnectReason::simultaneous_open_tie ||
           reason == DisconnectReason::noise_malformed_frame;  // two initiators
}

// IPv6 and IPv4 in turn, in the order of each. spec: RFC 8305#section-4 "Sorting Addresses"
std::vector<IpAddress> alternating(std::vector<IpAddress> const& addresses) {
    std::vector<IpAddress> families[2];
    for (auto const& ip : addresses) families[ip.v6 ? 0 : 1].push_back(ip);
    std::vector<IpAddress> mixed;
    for (std::size_t i = 0; i < std::max(families[0].size(), families[1].size()); ++i) {
        for (auto const& family : families) {
            if (i < family.size()) mixed.push_back(family[i]);
        }
    }
    return mixed;
}

}  // namespace

void Swarm::start_attempt(PeerKey peer, std::vector<Multiaddr> const& targets, RequestId request) {
    auto const* dialed = find_peer(peer);
    if (dialed != nullptr && dialed->attempt) {
        // It began before the peer came and went by itself, or was given up a moment ago: its end is the answer.
        auto& running = attempts_.at(dialed->attempt);
        if (std::exchange(running.is_cancelled, false)) running.targets.assign(targets.begin(), targets.end());
        return;
    }
    AttemptId const id{++last_attempt_};
    auto& attempt = attempts_[id];
    attempt.id = id;
    attempt.peer = peer;
    if (!targets.empty()) attempt.given = targets.front();
    for (auto const& target : targets) {
        if (attempt.targets.size() < attempt_targets_max) attempt.targets.push_back(target);
    }
    if (request) attempt.waiting.push_back(request);
    if (auto* known = find_peer(peer)) {
        known->attempt = id;
        attempt.is_hearsay = !known->is_ordered;
        attempt.any_address = known->is_ordered || config_.private_addresses;
    }
    try_next(attempt);
}

// Dials what may be dialed now. spec: RFC 8305#section-5 "Connection Attempts"
void Swarm::try_next(Attempt& attempt) {
    if (attempt.is_cancelled) {
        if (attempt.connections.empty()) finish_attempt(attempt, attempt.last);
        return;
    }
    while (may_dial_another(attempt)) {
        if (!attempt.candidates.empty()) {
            auto const candidate = attempt.candidates.front();
            attempt.candidates.pop_front();
            if (!dial(attempt, candidate)) return;
        } else if (!attempt.targets.empty()) {
            if (attempt.resolving) return;
            take_target(attempt);
        } else {
            if (attempt.connections.empty() && !attempt.resolving) finish_attempt(attempt, attempt.last);
            return;
        }
    }
}

// Not while an address has just answered, nor before the last one had its time, nor while too many dials are under way.
bool Swarm::may_dial_another(Attempt& attempt) {
    if (attempt.connections.size() >= config_.limits.dials_per_attempt_max) return false;
    for (auto const id : attempt.connections) {
        auto const& state = connection_of(id)->state;
        if (state.phase == connection::Phase::dialing || now_ >= state.phase_since + answer_patience) continue;
        set_timer(TimerKind::attempt, attempt.id.value, state.phase_since + answer_patience);
        return false;
    }
    if (!attempt.connections.empty() && now_ < attempt.next_dial_at) {
        set_timer(TimerKind::attempt, attempt.id.value, attempt.next_dial_at);
        return false;
    }
    if (pending_outbound_ < config_.limits.pending_outbound_max) return true;
    if (!std::exchange(attempt.is_queued, true)) queued_attempts_.push_back(attempt.id);
    return false;
}

// A dial is over: the attempt that has waited longest may go on.
void Swarm::wake_attempt() {
    while (!queued_attempts_.empty()) {
        auto const found = attempts_.find(queued_attempts_.front());
        queued_attempts_.pop_front();
        if (found == attempts_.end()) continue;
        found->second.is_queued = false;
        set_timer(TimerKind::attempt, found->first.value, now_);
        return;
    }
}

void Swarm::take_target(Attempt& attempt) {
    auto const lookups_max = attempt.is_hearsay ? hearsay_lookups_max : attempt_lookups_max;
    auto const target = attempt.targets.front();
    attempt.targets.pop_front();
    if (auto const address = target.socket_address()) {
        attempt.candidates.push_back({*address, target});
    } else if (target.dns_name() && attempt.lookups < lookups_max) {
        resolve(attempt, target);
    } else {
        attempt.last = DisconnectReason::unreachable;
    }
}

void Swarm::resolve(Attempt& attempt, Multiaddr const& target) {
    auto const name = *target.dns_name();
    ++attempt.lookups;
    attempt.resolving = ResolveId{++last_resolve_};
    attempt.resolving_target = target;
    resolving_.emplace(attempt.resolving, attempt.id);
    auto kind = RecordKind::addresses;
    auto host = std::string(name.name);
    switch (name.code) {
        case Multiaddr::dns4: kind = RecordKind::addresses_v4; break;
        case Multiaddr::dns6: kind = RecordKind::addresses_v6; break;
        case Multiaddr::dnsaddr:
            kind = RecordKind::text;  // spec: addressing#dnsaddr "TXT records of _dnsaddr.NAME"
            host.insert(0, "_dnsaddr.");
            break;
        default: break;
    }
    effects_.emplace_back(Resolve{attempt.resolving, std::move(host), kind});
}

void Swarm::on_resolved(Resolved const& input) {
    auto const resolving = resolving_.find(input.id);
    if (resolving == resolving_.end()) return;
    auto const found = attempts_.find(resolving->second);
    resolving_.erase(resolving);
    if (found == attempts_.end()) return;
    auto& attempt = found->second;
    attempt.resolving = {};
    if (attempt.is_cancelled) return;
    auto const target = attempt.resolving_target;
    auto const name = *target.dns_name();
    auto const wanted = target.peer_id();
    attempt.last = DisconnectReason::name_not_resolved;
    auto room = attempt.is_hearsay ? hearsay_name_addresses_max : attempt_targets_max;
    for (auto const& ip : alternating(input.addresses)) {
        if (attempt.candidates.size() >= attempt_targets_max || room-- == 0) break;
        attempt.candidates.push_back({{ip, name.port}, target});
    }
    for (auto const& text : input.texts) {
        constexpr std::string_view prefix = "dnsaddr=";
        if (!text.starts_with(prefix) || attempt.targets.size() >= attempt_targets_max) continue;
        auto const address = Multiaddr::from_text(std::string_view(text).substr(prefix.size()));
        if (!address || (wanted && address->peer_id() && address->peer_id() != wanted)) continue;
        attempt.targets.push_back(*address);
    }
    try_next(attempt);
}

// False when the attempt is over.
bool Swarm::dial(Attempt& attempt, Candidate const& candidate) {
    auto const* peer = find_peer(attempt.peer);
    auto expected = candidate.target.peer_id();
    if (peer != nullptr) expected = peer->state.id;
    if (connections_.size() >= config_.limits.connections_max) {
        attempt.targets.clear();
        attempt.candidates.clear();
        attempt.last = DisconnectReason::too_many_connections;
        if (!attempt.connections.empty()) return true;
        finish_attempt(attempt, attempt.last);
        return false;
    }
    if (gate_.refusal(expected ? &*expected : nullptr, &candidate.address.ip, now_)) {
        attempt.last = DisconnectReason::banned;
        return true;
    }
    if (!attempt.any_address && candidate.address.ip.is_private()) {
        attempt.last = DisconnectReason::unreachable;
        return true;
    }
    last_link_ += 2;
    LinkId const link{last_link_};
    auto& connection = add_connection(link, Direction::outbound, candidate.address);
    connection.address = candidate.target.without_peer_id();
    connection.attempt = attempt.id;
    attempt.connections.push_back(connection.id);
    attempt.next_dial_at = now_ + config_.timeouts.next_dial;
    auto const same_family = std::ranges::any_of(
        listening_, [&](SocketAddress const& at) { return at.ip.v6 == candidate.address.ip.v6; });
    auto const from_listen_port = config_.dial_from_listen_port && same_family && !may_have_crossed(peer);
    // Only a dial that leaves from the listen port can meet the other side's dial half-way.
    make_pipe(connection, expected, from_listen_port && config_.simultaneous_open);
    connection.from_listen_port = from_listen_port;
    ++counters_.dialed;
    effects_.emplace_back(Dial{link, candidate.address, from_listen_port});
    return true;
}

// A connection of an attempt ended before it was open.
void Swarm::attempt_lost(Connection& connection) {
    auto const found = attempts_.find(connection.attempt);
    connection.attempt = {};
    if (found == attempts_.end()) return;
    auto& attempt = found->second;
    std::erase(attempt.connections, connection.id);
    attempt.last = connection.state.reason;
    if (auto const* peer = find_peer(attempt.peer)) {
        deliver(event::AddressFailed{peer->state.id, connection.address, attempt.last});
    }
    if (is_shutting_down_) attempt.is_cancelled = true;
    // Not at once: we may be deep inside the old connection's end.
    set_timer(TimerKind::attempt, attempt.id.value, now_);
}

void Swarm::attempt_opened(Connection& connection) {
    auto const found = attempts_.find(connection.attempt);
    connection.attempt = {};
    if (found == attempts_.end()) return;
    auto& attempt = found->second;
    auto& peer = *find_peer(connection.peer);
    for (auto const request : attempt.waiting) {
        // Of a peer that is connected already nothing more is told.
        if (peer.connection) {
            reply(request, peer.state.id);
        } else {
            peer.waiting.push_back(request);
        }
    }
    if (auto* meant = find_peer(attempt.peer)) meant->attempt = {};
    peer::learn_address(peer.state, connection.address, /*best=*/true);
    timers_.cancel({TimerKind::attempt, attempt.id.value});
    auto const others = std::move(attempt.connections);
    attempts_.erase(found);
    for (auto const id : others) {
        auto* other = connection_of(id);
        if (other == nullptr || other == &connection) continue;
        other->attempt = {};
        act(*other, connection::Close{DisconnectReason::duplicate_connection});
    }
}

void Swarm::finish_attempt(Attempt& attempt, DisconnectReason failure) {
    timers_.cancel({TimerKind::attempt, attempt.id.value});
    auto const ended = std::move(attempt);
    attempts_.erase(ended.id);
    if (auto* peer = find_peer(ended.peer)) {
        peer->attempt = {};
        act(*peer, peer::DialFailed{failure});
        if (peer->state.phase == peer::Phase::unknown) idle_peers_.push_back(ended.peer);
        return;
    }
    deliver(event::ConnectionFailed{{}, ended.given, failure, std::nullopt});
    for (auto const request : ended.waiting) {
        reply_error(request, "cannot connect to " + ended.given.text() + ": " + std::string(to_string(failure)));
    }
}

// We do not want the peer any more, whose dial is under way.
void Swarm::cancel_attempt(Peer& peer, DisconnectReason reason) {
    auto const found = attempts_.find(peer.attempt);
    if (found == attempts_.end()) return;
    auto& attempt = found->second;
    attempt.is_cancelled = true;
    attempt.last = reason;
    if (attempt.connections.empty()) {
        finish_attempt(attempt, reason);  // an answer about a name finds it gone
        return;
    }
    auto const connections = attempt.connections;
    for (auto const id : connections) {
        // The end of the last one is the attempt's.
        if (auto* connection = connection_of(id)) act(*connection, connection::Close{reason});
    }
}

// The Connect commands that wait for this peer have their answer.
void Swarm::answer_waiting(PeerKey key) {
    auto* peer = find_peer(key);
    if (peer == nullptr) return;
    for (auto const request : std::exchange(peer->waiting, {})) reply(request, peer->state.id);
}

}  // namespace libp2p
