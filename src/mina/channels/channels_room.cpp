#include "mina/channels/channels_room.h"

#include <algorithm>

namespace mina::channels {
namespace {

// A message alone in its room may be longer than it.
std::uint64_t less(std::uint64_t from, std::uint64_t by) { return from > by ? from - by : 0; }

/// What nobody uses.
InFlight free_room(Limits const& limits, InFlight const& all) {
    return {less(limits.messages_max, all.messages), less(limits.bytes_max, all.bytes)};
}

}  // namespace

// A share of what is left, and not of the whole: n peers that take all they get leave share / (share + n) of the room,
// so that no number of them shuts out another. (Known of switches: Choudhury and Hahne, "Dynamic queue length
// thresholds for shared-memory packet switches".)
InFlight room_left(Config const& config, GossipKind kind, InFlight const& all, InFlight const& own) {
    auto const free = free_room(config.limits.at(index_of(kind)), all);
    // The last of n more has to find (own + n - 1) * share < free - (n - 1).
    auto const messages = less(free.messages + config.share, own.messages * config.share) / (config.share + 1);
    return {std::min(messages, free.messages), less(free.bytes / config.share, own.bytes)};
}

std::optional<Why> lack_of_room(Config const& config, GossipKind kind, InFlight const& all, InFlight const& own,
                                std::uint64_t bytes) {
    if (all.messages == 0) return std::nullopt;
    auto const free = free_room(config.limits.at(index_of(kind)), all);
    if (free.messages == 0 || free.bytes == 0 || bytes > free.bytes) return Why::channel_full;
    auto const left = room_left(config, kind, all, own);
    if (left.messages == 0 || bytes > left.bytes) return Why::too_much_in_flight;
    return std::nullopt;
}

}  // namespace mina::channels
