// What a channel takes, as data: a row for each kind of message.
#pragma once

#include "base/time.h"
#include "mina/messages/gossip.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace mina::channels {

using messages::GossipKind;

inline constexpr std::size_t kind_count = 3;
inline constexpr std::array<GossipKind, kind_count> kinds = {GossipKind::block, GossipKind::snark_work,
                                                             GossipKind::transactions};
constexpr std::size_t index_of(GossipKind kind) { return static_cast<std::size_t>(kind); }

/// "BlockChannel", "SnarkWorkChannel", "TransactionChannel".
std::string_view name_of(GossipKind kind);

/// So much score in so much time.
struct Rate {
    std::uint32_t score = 0;
    base::Duration per{};
};
/// In a window, rounded up; at most what a Budget can hold.
std::uint32_t capacity_of(Rate rate, base::Duration window);

struct Limits {
    Rate rate;                        // of a peer, and of a host
    std::size_t messages_max = 0;     // that await a verdict, of all peers
    std::uint64_t bytes_max = 0;      // of those; one message alone may be longer
    base::Duration verdict_time{};    // that the application has; then the message counts as ignored
    std::uint32_t rejected_max = 0;   // messages of a peer rejected in a window before a ban is wanted; 0: never
    std::uint32_t over_rate_max = 0;  // messages of a peer over its rate in a window before a ban is wanted; 0: never
};

/// By index_of(kind).
using LimitsByKind = std::array<Limits, kind_count>;

/// Mina's, for slots of this length.
LimitsByKind mina_limits(base::Duration slot = std::chrono::seconds(180));

}  // namespace mina::channels
