#include "libp2p/peerstore/address_book.h"

#include "libp2p/peerstore/dialable.h"

#include <algorithm>

namespace libp2p::peerstore {

namespace {

constexpr std::size_t minus_one = ~std::size_t{0};

constexpr std::uint32_t address_failures_many = 5;

// What an address is worth to keep; the larger stays.
int address_worth(KnownAddress const& known) {
    if (known.source == Source::operator_given || known.source == Source::seed) return 4;
    if (known.last_success != long_ago) return 3;
    if (known.failures >= address_failures_many) return 0;
    return is_third_party(known.source) ? 1 : 2;
}

KnownAddress* address_in(KnownPeer& peer, Multiaddr const& plain) {
    auto const found = std::ranges::find(peer.addresses, plain, &KnownAddress::address);
    return found != peer.addresses.end() ? &*found : nullptr;
}

template <class Values, class Value>
bool holds(Values const& values, Value const& value) {
    return std::ranges::find(values, value) != values.end();
}

std::vector<Multiaddr> addresses_of(KnownPeer const& peer) {
    std::vector<Multiaddr> all;
    for (auto const& known : peer.addresses) all.push_back(known.address);
    return all;
}

}  // namespace

AddressBook::AddressBook(AddressBookConfig config) : config_(std::move(config)), limiter_(config_.limits) {}

// ---- What it is told ----

void AddressBook::load(std::vector<StoredPeer> const& peers, base::Instant now) {
    std::size_t anchors = 0;
    for (auto const& stored : peers) {
        KnownPeer peer;
        auto const known = peers_.find(stored.id);
        if (known != peers_.end()) peer = known->second;
        peer.id = stored.id;
        peer.source = known != peers_.end() ? std::min(peer.source, Source::store) : Source::store;
        merge_addresses(peer, stored.addresses, Source::store, now);
        peer.agent = stored.agent.substr(0, config_.agent_bytes_max);
        peer.told_at = now;
        peer.last_connected = std::min(stored.last_connected, now);
        peer.last_dialed_well = peer.last_connected;
        // The best comes first: the one that was reached.
        auto const first = stored.addresses.empty() ? Multiaddr{} : stored.addresses.front().without_peer_id();
        auto* const best = address_in(peer, first);
        if (best != nullptr) best->last_success = std::max(best->last_success, peer.last_dialed_well);
        peer.last_failed = std::min(stored.last_failed, now);
        peer.failures = stored.failures;
        peer.is_anchor = stored.is_anchor && anchors < config_.anchors_max;
        if (peer.is_anchor) ++anchors;
        recorded_.insert(stored.id);
        auto const has_place = !stored.id.empty() && stored.id != config_.self && !peer.addresses.empty();
        if (known != peers_.end()) {
            renew(known, std::move(peer));
        } else if (has_place && make_room_for(peer, now)) {
            insert(std::move(peer));
        } else {
            recorded_.erase(stored.id);
            erased_.emplace_back(ErasePeer{stored.id});
        }
    }
}

Learned AddressBook::learn(PeerId const& id, std::span<Multiaddr const> addresses, Source source, PeerId const& teller,
                           base::Instant now) {
    if (id == config_.self) return Learned::self;
    auto const known = peers_.find(id);
    KnownPeer peer;
    if (known != peers_.end()) {
        peer = known->second;
    } else {
        peer.id = id;
        peer.source = source;
    }
    auto const before = addresses_of(peer);
    auto const any = merge_addresses(peer, addresses, source, now);
    if (known == peers_.end() && (id.empty() || peer.addresses.empty())) return Learned::no_address;
    peer.source = std::min(peer.source, source);
    peer.told_at = now;
    note_teller(peer, source, teller);
    if (known == peers_.end()) {
        if (!make_room_for(peer, now)) return Learned::refused;
        insert(std::move(peer));
        return Learned::added;
    }
    auto const changed = addresses_of(peer) != before;
    renew(known, std::move(peer));
    if (changed) touch(known->second);
    keep_shares(id);
    return any || addresses.empty() ? Learned::updated : Learned::no_address;
}

void AddressBook::note_teller(KnownPeer& peer, Source source, PeerId const& teller) const {
    if (!is_third_party(source) || teller.empty() || teller == peer.id) return;
    if (peer.tellers.size() >= config_.tellers_max || holds(peer.tellers, teller)) return;
    peer.tellers.push_back(teller);
}

bool AddressBook::merge_addresses(KnownPeer& peer, std::span<Multiaddr const> addresses, Source source,
                                  base::Instant now) const {
    DialableRules const rules{.private_addresses = config_.private_addresses || source == Source::operator_given,
                              .names = !is_third_party(source)};
    std::vector<Multiaddr> wanted;
    bool any_private = false;
    for (auto const& address : addresses.first(std::min(addresses.size(), config_.addresses_per_learn_max))) {
        auto const named = address.peer_id();
        if (named && *named != peer.id) continue;
        auto plain = address.without_peer_id();
        auto const judged = dialable(plain, rules);
        any_private |= judged == Dialable::private_address;
        if (judged == Dialable::yes && !holds(wanted, plain)) wanted.push_back(std::move(plain));
    }
    if (source == Source::identify) {
        std::erase_if(peer.addresses, [&](KnownAddress const& known) {
            return known.source == Source::identify && known.last_success == long_ago &&
                   !holds(wanted, known.address);
        });
    }
    bool any = false;
    for (auto const& plain : wanted) any |= merge_address(peer, plain, source, now);
    peer.has_private_only = peer.addresses.empty() && (any_private || peer.has_private_only);
    return any;
}

bool AddressBook::merge_address(KnownPeer& peer, Multiaddr const& address, Source source, base::Instant now) const {
    if (auto* const known = address_in(peer, address)) {
        known->source = std::min(known->source, source);
        known->told_at = now;
        return true;
    }
    KnownAddress const newcomer{.address = address, .source = source, .told_at = now};
    if (peer.addresses.size() < config_.addresses_max) {
        peer.addresses.push_back(newcomer);
        return true;
    }
    auto const worst = std::ranges::min_element(peer.addresses, {}, address_worth);
    if (worst == peer.addresses.end() || address_worth(*worst) >= address_worth(newcomer)) return false;
    *worst = newcomer;
    return true;
}

void AddressBook::set_agent(PeerId const& id, std::string_view agent) {
    auto const known = peers_.find(id);
    auto const cut = agent.substr(0, config_.agent_bytes_max);
    if (known == peers_.end() || known->second.agent == cut) return;
    known->second.agent = cut;
    touch(known->second);
}

bool AddressBook::forget(PeerId const& id) {
    if (!peers_.contains(id)) return false;
    evict(id);
    return true;
}

// ---- Shares ----

std::optional<IpRange> AddressBook::group_share_of(KnownPeer const& peer) const {
    if (peer.is_protected() || peer.addresses.empty()) return std::nullopt;
    auto const ip = first_ip(peer);
    if (!ip) return IpRange{};  // all that have names only
    if (config_.private_addresses && ip->is_private()) return std::nullopt;
    return group_of(*ip);
}

std::vector<AddressBook::ShareKey> AddressBook::shares_of(KnownPeer const& peer) const {
    std::vector<ShareKey> keys{{.kind = ShareKind::all, .teller = {}, .group = {}}};
    if (!peer.is_proven() && !peer.tellers.empty()) {
        keys.push_back({.kind = ShareKind::teller, .teller = peer.tellers.front(), .group = {}});
    }
    if (!peer.is_protected() && peer.last_dialed_well == long_ago && peer.source != Source::store) {
        keys.push_back(
            {.kind = ShareKind::source, .source = static_cast<std::uint8_t>(peer.source), .teller = {}, .group = {}});
    }
    if (auto const group = group_share_of(peer)) {
        keys.push_back({.kind = ShareKind::group, .teller = {}, .group = *group});
    }
    return keys;
}

std::size_t AddressBook::bound_of(ShareKey const& key) const {
    switch (key.kind) {
        case ShareKind::all: return config_.known_max;
        case ShareKind::teller: return config_.teller_max;
        case ShareKind::source: return config_.source_max;
        case ShareKind::group: return config_.group_max;
    }
    return 0;
}

void AddressBook::enter_shares(KnownPeer const& peer) {
    auto const worth = worth_of(peer);
    for (auto const& key : shares_of(peer)) shares_[key].emplace(worth, peer.id);
}

void AddressBook::leave_shares(KnownPeer const& peer) {
    auto const worth = worth_of(peer);
    for (auto const& key : shares_of(peer)) {
        auto const share = shares_.find(key);
        if (share == shares_.end()) continue;
        share->second.erase({worth, peer.id});
        if (share->second.empty()) shares_.erase(share);
    }
}

KnownPeer const* AddressBook::least_worthy(Share const& share, std::set<PeerId> const& without) const {
    for (auto const& [worth, id] : share) {
        auto const* const peer = find(id);
        if (peer == nullptr || peer->is_connected() || peer->is_dialing || peer->is_protected()) continue;
        if (!without.contains(id)) return peer;
    }
    return nullptr;
}

bool AddressBook::make_room_for(KnownPeer const& newcomer, base::Instant now) {
    auto const worth = worth_of(newcomer);
    std::set<PeerId> victims;
    for (auto const& key : shares_of(newcomer)) {
        auto const bound = bound_of(key);
        auto const share = shares_.find(key);
        if (bound == 0) return false;
        if (share == shares_.end() || share->second.size() < bound) continue;
        auto const is_relieved = std::ranges::any_of(
            victims, [&](PeerId const& id) { return share->second.contains({worth_of(peers_.at(id)), id}); });
        if (is_relieved) continue;
        auto const* const victim = least_worthy(share->second, victims);
        if (victim == nullptr) return false;
        auto const other = worth_of(*victim);
        auto const is_stale = other.level <= worth.level && now - other.told_at >= config_.stale_after;
        if (!worth.is_above(other) && !is_stale) return false;
        victims.insert(victim->id);
    }
    for (auto const& id : victims) evict(id);
    return true;
}

// A known peer may have moved into a group that is full; one that was connected may have had no place.
void AddressBook::keep_shares(PeerId const& id) {
    auto const* const peer = find(id);
    if (peer == nullptr) return;
    for (auto const& key : shares_of(*peer)) {
        auto const share = shares_.find(key);
        if (share == shares_.end() || share->second.size() <= bound_of(key)) continue;
        auto const* const victim = least_worthy(share->second, {});
        if (victim == nullptr) continue;
        auto const gone = victim->id;
        evict(gone);
        if (gone == id) return;
    }
}

// `by` is 1, or 1 less than none.
void AddressBook::count(KnownPeer const& peer, std::size_t by) {
    if (peer.is_connected()) census_.connected += by;
    if (peer.is_connected() && peer.is_outbound) census_.outbound += by;
    if (!peer.is_connected() && peer.is_dialing) census_.connecting += by;
}

void AddressBook::set_dialing(KnownPeer& peer, bool is_dialing) {
    count(peer, minus_one);
    peer.is_dialing = is_dialing;
    count(peer, 1);
}

KnownPeer& AddressBook::insert(KnownPeer newcomer) {
    auto const id = newcomer.id;
    auto& peer = peers_.emplace(id, std::move(newcomer)).first->second;
    enter_shares(peer);
    count(peer, 1);
    return peer;
}

void AddressBook::renew(std::map<PeerId, KnownPeer>::iterator at, KnownPeer changed) {
    leave_shares(at->second);
    count(at->second, minus_one);
    at->second = std::move(changed);
    count(at->second, 1);
    enter_shares(at->second);
}

void AddressBook::evict(PeerId const& id) {
    auto const at = peers_.find(id);
    if (at == peers_.end()) return;
    leave_shares(at->second);
    count(at->second, minus_one);
    if (recorded_.erase(id) > 0) erased_.emplace_back(ErasePeer{id});
    touched_.erase(id);
    peers_.erase(at);
}

// ---- Records ----

void AddressBook::touch(KnownPeer const& peer) {
    if (peer.last_dialed_well != long_ago) touched_.insert(peer.id);
}

std::vector<StoreOrder> AddressBook::take_orders(base::Instant now) {
    // Erased first: who was evicted and came back has a record again.
    std::vector<StoreOrder> orders = std::exchange(erased_, {});
    for (auto const& id : std::exchange(touched_, {})) {
        auto const* const peer = find(id);
        if (peer == nullptr) continue;
        if (!peer->addresses.empty()) {
            recorded_.insert(id);
            orders.emplace_back(PutPeer{to_stored(*peer, now)});
        } else if (recorded_.erase(id) > 0) {
            orders.emplace_back(ErasePeer{id});
        }
    }
    return orders;
}

KnownPeer const* AddressBook::find(PeerId const& id) const {
    auto const found = peers_.find(id);
    return found != peers_.end() ? &found->second : nullptr;
}

void AddressBook::describe(base::Describer& describer) const {
    base::DescribeScope const scope(describer, "address_book");
    for (auto const& [id, peer] : peers_) {
        base::DescribeScope const one(describer, "known", id.text());
        describer.field("source", to_string(peer.source));
        describer.field("agent", peer.agent);
        describer.field("told_at", peer.told_at);
        describer.field("last_connected", peer.last_connected);
        describer.field("last_dialed_well", peer.last_dialed_well);
        describer.field("last_failed", peer.last_failed);
        describer.field("failures", peer.failures);
        describer.field("failures_before", peer.failures_before);
        describer.field("next_dial_at", peer.next_dial_at);
        describer.field("connected_at", peer.connected_at);
        describer.field("is_outbound", peer.is_outbound);
        describer.field("is_dialing", peer.is_dialing);
        describer.field("is_anchor", peer.is_anchor);
        describer.field("has_private_only", peer.has_private_only);
        describer.field("is_recorded", recorded_.contains(id));
        for (auto const& teller : peer.tellers) describer.bytes("teller", teller.bytes());
        for (auto const& known : peer.addresses) {
            base::DescribeScope const address(describer, "address", known.address.text());
            describer.field("source", to_string(known.source));
            describer.field("told_at", known.told_at);
            describer.field("last_success", known.last_success);
            describer.field("last_failure", known.last_failure);
            describer.field("failures", known.failures);
        }
    }
    limiter_.describe(describer);
}

}  // namespace libp2p::peerstore
