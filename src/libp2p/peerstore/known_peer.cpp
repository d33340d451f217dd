#include "libp2p/peerstore/known_peer.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace libp2p::peerstore {

namespace {

constexpr std::uint32_t failures_many = 3;
constexpr std::uint32_t tellers_ranked_max = 8;

enum Lane : std::uint8_t { v6, v4, name };
constexpr std::size_t lane_count = 3;

Lane lane_of(KnownAddress const& known) {
    auto const socket = known.address.socket_address();
    if (!socket) return name;
    return socket->ip.v6 ? v6 : v4;
}

bool is_private(KnownAddress const& known) {
    auto const socket = known.address.socket_address();
    return socket && socket->ip.is_private();
}

bool has_succeeded(KnownAddress const& known) { return known.last_success != long_ago; }

// spec: RFC 8305 4 "the first address family … alternated". The family of the best address begins.
void append_in_turn(std::vector<KnownAddress const*> const& sorted, std::vector<KnownAddress const*>& out) {
    if (sorted.empty()) return;
    std::array<std::vector<KnownAddress const*>, lane_count> lanes;
    for (auto const* const known : sorted) lanes[lane_of(*known)].push_back(known);
    auto const first = static_cast<std::size_t>(lane_of(*sorted.front()));
    for (std::size_t round = 0; round < sorted.size(); ++round) {
        for (std::size_t turn = 0; turn < lane_count; ++turn) {
            auto const& lane = lanes[(first + turn) % lane_count];
            if (round < lane.size()) out.push_back(lane[round]);
        }
    }
}

}  // namespace

std::string_view to_string(Source source) {
    switch (source) {
        case Source::operator_given: return "operator";
        case Source::seed: return "seed";
        case Source::store: return "store";
        case Source::identify: return "identify";
        case Source::connection: return "connection";
        case Source::kademlia: return "kademlia";
        case Source::provider: return "provider";
        case Source::initial_peers: return "initial peers";
        case Source::gossip_exchange: return "gossip exchange";
    }
    return "?";
}

bool is_third_party(Source source) { return source >= Source::kademlia; }

bool KnownPeer::is_proven() const { return !is_third_party(source) || last_connected != long_ago; }

bool KnownPeer::is_protected() const { return source == Source::operator_given || source == Source::seed; }

DialRank dial_rank(KnownPeer const& peer, base::Instant now) {
    auto const tellers = std::min(static_cast<std::uint32_t>(peer.tellers.size()), tellers_ranked_max);
    DialRank rank{.level = 6, .failures = peer.failures, .few_tellers = tellers_ranked_max - tellers};
    if (peer.source == Source::operator_given) {
        rank.level = 0;
    } else if (peer.is_anchor) {
        rank.level = 1;
    } else if (peer.last_dialed_well != long_ago && now - peer.last_dialed_well <= recently) {
        rank.level = 2;
    } else if (peer.source == Source::seed) {
        rank.level = 3;
    } else if (peer.is_proven()) {
        rank.level = 4;
    } else if (tellers > 1) {
        rank.level = 5;
    }
    return rank;
}

bool Worth::is_above(Worth const& other) const {
    return std::tie(level, few_failures, tellers) > std::tie(other.level, other.few_failures, other.tellers);
}

Worth worth_of(KnownPeer const& peer) {
    Worth worth{.level = 1,
                .few_failures = static_cast<std::uint8_t>(peer.failures < failures_many ? 1 : 0),
                .tellers = static_cast<std::uint32_t>(peer.tellers.size()),
                .told_at = peer.told_at};
    if (peer.is_protected()) {
        worth.level = 6;
    } else if (peer.failures >= failures_dead) {
        worth.level = 0;
    } else if (peer.is_anchor) {
        worth.level = 5;
    } else if (peer.last_dialed_well != long_ago) {
        worth.level = 4;
    } else if (peer.last_connected != long_ago) {
        worth.level = 3;
    } else if (peer.is_proven()) {
        worth.level = 2;
    }
    return worth;
}

std::vector<KnownAddress const*> dial_order(KnownPeer const& peer) {
    std::vector<KnownAddress const*> proven;
    std::array<std::vector<KnownAddress const*>, 2> others;  // public, private
    for (auto const& known : peer.addresses) {
        (has_succeeded(known) ? proven : others[is_private(known) ? 1 : 0]).push_back(&known);
    }
    // Equals stay as they were learned: `a < b` compares places in one vector.
    std::ranges::sort(proven, [](KnownAddress const* a, KnownAddress const* b) {
        return std::tuple(b->last_success, a) < std::tuple(a->last_success, b);
    });
    for (auto& part : others) {
        std::ranges::sort(part, [](KnownAddress const* a, KnownAddress const* b) {
            return std::tuple(a->failures, a->source, a) < std::tuple(b->failures, b->source, b);
        });
        // Of equals IPv6 begins.
        auto const is_equal_v6 = [&](KnownAddress const* known) {
            return lane_of(*known) == v6 && known->failures == part.front()->failures &&
                   known->source == part.front()->source;
        };
        auto const begin = std::ranges::find_if(part, is_equal_v6);
        if (begin != part.end()) std::rotate(part.begin(), begin, std::next(begin));
        append_in_turn(part, proven);
    }
    return proven;
}

std::optional<IpAddress> first_ip(KnownPeer const& peer) {
    for (auto const& known : peer.addresses) {
        if (auto const socket = known.address.socket_address()) return socket->ip;
    }
    return std::nullopt;
}

StoredPeer to_stored(KnownPeer const& peer, base::Instant now) {
    StoredPeer stored{.id = peer.id,
                      .addresses = {},
                      .agent = peer.agent,
                      .last_connected = peer.is_connected() && peer.is_outbound ? now : peer.last_dialed_well,
                      .last_failed = peer.last_failed,
                      .failures = peer.failures,
                      .is_anchor = peer.is_anchor};
    for (auto const* const known : dial_order(peer)) {
        if (stored.addresses.size() < stored_addresses_max) stored.addresses.push_back(known->address);
    }
    return stored;
}

}  // namespace libp2p::peerstore
