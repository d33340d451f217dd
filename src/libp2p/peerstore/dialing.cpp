// AddressBook: whom to dial, and what became of it.
#include "libp2p/peerstore/address_book.h"
#include "libp2p/peerstore/span_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace libp2p::peerstore {

namespace {

void count_failure(std::uint32_t& failures) {
    if (failures < UINT32_MAX) ++failures;
}

KnownAddress* address_in(KnownPeer& peer, Multiaddr const& address) {
    auto const found = std::ranges::find(peer.addresses, address.without_peer_id(), &KnownAddress::address);
    return found != peer.addresses.end() ? &*found : nullptr;
}

}  // namespace

std::string_view to_string(DialState state) {
    switch (state) {
        case DialState::connected: return "connected";
        case DialState::dialing: return "dialing";
        case DialState::ready: return "ready";
        case DialState::backing_off: return "backing off";
        case DialState::refused: return "refused";
        case DialState::private_address: return "it has private addresses only";
        case DialState::no_address: return "no address";
        case DialState::rate_limited: return "its address, IP or network was dialed often";
        case DialState::self: return "this node itself";
        case DialState::unknown: return "unknown";
    }
    return "?";
}

std::string text(Why const& why, KnownPeer const* peer, base::Instant now) {
    if (why.state == DialState::refused && why.refusal) return text(*why.refusal, now);
    std::string out(to_string(why.state));
    auto const has_end = why.state == DialState::backing_off || why.state == DialState::rate_limited;
    if (has_end && why.at != base::Instant::never()) out += ", again in " + span_text(why.at - now);
    if (peer != nullptr && peer->failures > 0) out += fmt::format(" ({} failures)", peer->failures);
    return out;
}

// ---- Whom to dial ----

// The address, when how often it is dialed is limited: nobody but those who name it vouches for it.
std::optional<SocketAddress> AddressBook::limited(KnownAddress const& known) const {
    if (known.source <= Source::seed || known.last_success != long_ago) return std::nullopt;
    auto const socket = known.address.socket_address();
    if (!socket || (config_.private_addresses && socket->ip.is_private())) return std::nullopt;
    return socket;
}

base::Instant AddressBook::permitted_at(KnownPeer const& peer, base::Instant now) const {
    auto at = base::Instant::never();
    for (auto const& known : peer.addresses) {
        auto const address = limited(known);
        at = std::min(at, address ? limiter_.permitted_at(*address, now) : now);
    }
    return at;
}

std::optional<Refusal> AddressBook::refusal_of(KnownPeer const& peer, base::Instant now, Gate const& gate) const {
    if (auto refusal = gate.refusal(&peer.id, nullptr, now)) return refusal;
    std::optional<Refusal> first;
    for (auto const& known : peer.addresses) {
        auto const socket = known.address.socket_address();
        auto refusal = socket ? gate.refusal(&peer.id, &socket->ip, now) : std::nullopt;
        if (!refusal) return std::nullopt;
        if (!first) first = std::move(refusal);
    }
    return first;
}

Why AddressBook::why(KnownPeer const& peer, base::Instant now, Gate const& gate) const {
    if (peer.is_connected()) return {.state = DialState::connected, .refusal = {}};
    if (peer.is_dialing) return {.state = DialState::dialing, .refusal = {}};
    if (auto refusal = refusal_of(peer, now, gate)) {
        auto const at = refusal->rule ? refusal->rule->until : base::Instant::never();
        return {.state = DialState::refused, .at = at, .refusal = std::move(refusal)};
    }
    if (peer.addresses.empty()) {
        return {.state = peer.has_private_only ? DialState::private_address : DialState::no_address, .refusal = {}};
    }
    if (peer.next_dial_at > now) return {.state = DialState::backing_off, .at = peer.next_dial_at, .refusal = {}};
    auto const at = permitted_at(peer, now);
    if (at > now) return {.state = DialState::rate_limited, .at = at, .refusal = {}};
    return {.state = DialState::ready, .at = now, .refusal = {}};
}

Why AddressBook::why(PeerId const& id, base::Instant now, Gate const& gate) const {
    if (id == config_.self) return {.state = DialState::self, .refusal = {}};
    auto const* const peer = find(id);
    if (peer != nullptr) return why(*peer, now, gate);
    if (auto refusal = gate.refusal(&id, nullptr, now)) {
        auto const at = refusal->rule ? refusal->rule->until : base::Instant::never();
        return {.state = DialState::refused, .at = at, .refusal = std::move(refusal)};
    }
    return {.state = DialState::unknown, .refusal = {}};
}

std::vector<PeerId> AddressBook::candidates(base::Instant now, std::size_t count, Gate const& gate,
                                            base::Rng& rng) const {
    struct Candidate {
        DialRank rank;
        std::uint64_t lot = 0;  // between equals: an id can be chosen, a lot cannot
        KnownPeer const* peer = nullptr;
    };
    std::vector<Candidate> ready;
    for (auto const& [id, peer] : peers_) {
        if (peer.is_connected() || peer.is_dialing || peer.next_dial_at > now || peer.addresses.empty()) continue;
        if (why(peer, now, gate).state == DialState::ready) ready.push_back({dial_rank(peer, now), rng.next(), &peer});
    }
    std::ranges::sort(ready, [](Candidate const& a, Candidate const& b) {
        return std::tie(a.rank, a.lot, a.peer->id) < std::tie(b.rank, b.lot, b.peer->id);
    });
    std::map<IpRange, std::size_t> taken;
    std::vector<PeerId> chosen;
    for (auto const& [rank, lot, peer] : ready) {
        if (chosen.size() >= count) break;
        auto const is_ours = peer->is_anchor || peer->last_dialed_well != long_ago;
        auto const group = is_ours ? std::nullopt : group_share_of(*peer);
        if (group && taken[*group]++ >= config_.unproven_per_group_max) continue;
        chosen.push_back(peer->id);
    }
    return chosen;
}

std::vector<Multiaddr> AddressBook::begin_dial(PeerId const& id, base::Instant now, Gate const* gate) {
    std::vector<Multiaddr> chosen;
    auto const known = peers_.find(id);
    if (known == peers_.end()) return chosen;
    for (auto const* const each : dial_order(known->second)) {
        if (chosen.size() >= config_.dial_addresses_max) break;
        auto const socket = each->address.socket_address();
        if (gate != nullptr && gate->refusal(&id, socket ? &socket->ip : nullptr, now)) continue;
        if (auto const address = limited(*each)) {
            if (limiter_.permitted_at(*address, now) > now) continue;
            limiter_.note(*address, now);
        }
        chosen.push_back(each->address);
    }
    if (!chosen.empty()) set_dialing(known->second, true);
    return chosen;
}

// ---- What became of it ----

void AddressBook::back_off(KnownPeer& peer, std::uint32_t step_number, base::Instant now, base::Rng& rng) const {
    auto const cap = peer.is_protected() ? config_.backoff_max_operator : config_.backoff_max;
    auto step = config_.backoff_first;
    for (std::uint32_t i = 1; i < step_number && step < cap; ++i) step *= 2;
    step = std::min(step, cap);
    peer.next_dial_at = now + rng.between(step / 2, step);
}

void AddressBook::on_address_failed(PeerId const& id, Multiaddr const& address, base::Instant now) {
    auto const at = peers_.find(id);
    auto* const known = at != peers_.end() ? address_in(at->second, address) : nullptr;
    if (known == nullptr) return;
    count_failure(known->failures);
    known->last_failure = now;
}

void AddressBook::on_dial_failed(PeerId const& id, base::Instant now, base::Rng& rng) {
    auto const at = peers_.find(id);
    if (at == peers_.end()) return;
    auto peer = at->second;
    peer.is_dialing = false;
    // It may have connected to us in the meantime.
    if (!peer.is_connected()) {
        count_failure(peer.failures);
        peer.last_failed = now;
        back_off(peer, peer.failures, now, rng);
    }
    renew(at, std::move(peer));
    touch(at->second);
}

void AddressBook::on_dial_dropped(PeerId const& id) {
    auto const at = peers_.find(id);
    if (at != peers_.end()) set_dialing(at->second, false);
}

void AddressBook::on_connected(PeerId const& id, Multiaddr const& address, Direction direction, base::Instant now) {
    if (id == config_.self || id.empty()) return;
    auto at = peers_.find(id);
    auto const is_known = at != peers_.end();
    KnownPeer peer;
    if (is_known) {
        peer = at->second;
    } else {
        peer.id = id;
        peer.source = Source::identify;
        peer.told_at = now;
    }
    if (!peer.is_connected()) {
        peer.failures_before = std::exchange(peer.failures, 0);
        peer.connected_at = now;
        peer.is_outbound = direction == Direction::outbound;
    }
    peer.last_connected = now;
    if (direction == Direction::outbound) {
        peer.is_dialing = false;
        peer.last_dialed_well = now;
        peer.source = std::min(peer.source, Source::connection);
        // The connection is there: whatever the address is, it can be dialed.
        auto const plain = address.without_peer_id();
        if (!plain.empty()) merge_address(peer, plain, Source::connection, now);
        if (auto* const known = address_in(peer, plain)) {
            known->last_success = now;
            known->failures = 0;
        }
    } else if (is_third_party(peer.source)) {
        peer.source = Source::identify;
    }
    if (is_known) {
        renew(at, std::move(peer));
    } else {
        make_room_for(peer, now);  // if there is none, it stays while it is connected
        insert(std::move(peer));
    }
    touch(peers_.at(id));
}

void AddressBook::on_disconnected(PeerId const& id, bool is_failure, base::Instant now, base::Rng& rng) {
    auto const at = peers_.find(id);
    if (at == peers_.end() || !at->second.is_connected()) return;
    auto peer = at->second;
    auto const lasted = now - peer.connected_at;
    peer.connected_at = base::Instant::never();
    peer.last_connected = now;
    if (peer.is_outbound) peer.last_dialed_well = now;
    if (is_failure && lasted < config_.stable) {
        peer.failures = peer.failures_before;
        count_failure(peer.failures);
        peer.last_failed = now;
    }
    peer.failures_before = 0;
    back_off(peer, std::max(peer.failures, 1U), now, rng);
    renew(at, std::move(peer));
    touch(at->second);
    keep_shares(id);
}

void AddressBook::choose_anchors(base::Instant now) {
    std::vector<KnownPeer const*> lasting;
    std::vector<KnownPeer const*> former;
    for (auto const& [id, peer] : peers_) {
        auto const is_lasting =
            peer.is_connected() && peer.is_outbound && now - peer.connected_at >= config_.anchor_after;
        if (is_lasting) lasting.push_back(&peer);
        if (!is_lasting && peer.is_anchor && peer.failures < failures_dead) former.push_back(&peer);
    }
    std::ranges::sort(lasting, [](KnownPeer const* a, KnownPeer const* b) {
        return std::tie(a->connected_at, a->id) < std::tie(b->connected_at, b->id);
    });
    std::ranges::sort(former, [](KnownPeer const* a, KnownPeer const* b) {
        return std::tie(b->last_connected, a->id) < std::tie(a->last_connected, b->id);
    });
    std::set<PeerId> chosen;
    std::set<IpRange> groups;
    for (auto const* const peer : lasting) {
        auto const ip = first_ip(*peer);
        auto const is_free = !ip || (config_.private_addresses && ip->is_private());
        if (chosen.size() >= config_.anchors_max) break;
        if (is_free || groups.insert(group_of(*ip)).second) chosen.insert(peer->id);
    }
    for (auto const* const peer : former) {
        if (chosen.size() < config_.anchors_max) chosen.insert(peer->id);
    }
    for (auto at = peers_.begin(); at != peers_.end(); ++at) {
        auto const is_anchor = chosen.contains(at->first);
        if (at->second.is_anchor == is_anchor) continue;
        auto peer = at->second;
        peer.is_anchor = is_anchor;
        renew(at, std::move(peer));
        touch(at->second);
    }
}

}  // namespace libp2p::peerstore
