#include "watched_core.h"

namespace mina::bench {

namespace {

/// Since the nearest beat; negative when it comes before.
base::Duration off_beat(base::Duration since_opened, base::Duration interval) {
    auto const after = since_opened % interval;
    return after > interval / 2 ? after - interval : after;
}

}  // namespace

std::span<libp2p::Effect const> WatchedCore::step(base::Instant now, libp2p::Input const& input) {
    auto const deadline = component_.next_deadline();
    if (deadline && std::holds_alternative<libp2p::Tick>(input)) ticks_.add(now - deadline->at);
    auto const effects = component_.step(now, input);
    if (watches_heartbeats_) look(now);
    return effects;
}

// A heartbeat is sent, or owed, when the time of the next one moves; one has come when their count does. Both sides
// open a stream at nearly the same time, and beat in a fixed rhythm from then on.
void WatchedCore::look(base::Instant now) {
    auto const interval = component_.rpc().config.heartbeat_interval;
    for (auto const& [channel, stream] : component_.rpc().streams) {
        auto const [at, is_new] = seen_.try_emplace(channel);
        auto& seen = at->second;
        seen.is_busy |= stream.answering.has_value() || !stream.frames.empty();
        if (!is_new && stream.next_heartbeat != seen.next_heartbeat) sent_.add(now - seen.next_heartbeat);
        auto const has_come = stream.heartbeats != 0 && (stream.heartbeats != seen.heartbeats ||
                                                         stream.heartbeats_since != seen.heartbeats_since);
        if (!is_new && has_come) (seen.is_busy ? busy_ : quiet_).add(off_beat(now - stream.opened_at, interval));
        seen.next_heartbeat = stream.next_heartbeat;
        seen.heartbeats = stream.heartbeats;
        seen.heartbeats_since = stream.heartbeats_since;
    }
}

void WatchedCore::sum_up(Side& side) const {
    side.ticks = ticks_.sum_up();
    side.beats_sent = sent_.sum_up();
    side.beats_quiet = quiet_.sum_up();
    side.beats_busy = busy_.sum_up();
}

}  // namespace mina::bench
