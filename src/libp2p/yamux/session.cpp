#include "libp2p/yamux/session_impl.h"

#include <algorithm>
#include <limits>

namespace libp2p::yamux {

Session::Impl::Impl(Config const& config_given, Role role_given)
    : config(config_given),
      growth(config_given.connection_window_growth_max),
      role(role_given),
      next_id(role_given == Role::client ? 1 : 2) {
    config.frame_bytes_max = std::max<std::uint32_t>(config.frame_bytes_max, 1);
    config.shared_frame_bytes_max =
        std::clamp<std::uint32_t>(config.shared_frame_bytes_max, 1, config.frame_bytes_max);
}

Session::Impl::~Impl() {
    if (config.window_growth != nullptr) config.window_growth->release(growth.used());
}

base::Result<StreamId, OpenError> Session::Impl::open() {
    if (failed || peer_went_away || go_away != Due::nothing)
        return base::fail(OpenError::going_away);
    if (streams.size() - inbound_count >= config.outbound_streams_max)
        return base::fail(OpenError::too_many_streams);
    // spec: yamux#ack-backlog "SHOULD at most allow an ACK backlog of 256 streams"
    if (unacknowledged >= config.unacknowledged_max)
        return base::fail(OpenError::too_many_unacknowledged);
    if (next_id > std::numeric_limits<StreamId>::max()) return base::fail(OpenError::ids_exhausted);
    auto& stream = streams.insert(static_cast<StreamId>(next_id));
    next_id += 2;
    stream.outbound = true;
    stream.syn_due = true;
    ++unacknowledged;
    announcing.push_back(stream);
    return stream.id;
}

void Session::Impl::remove(Stream& stream) {
    ready.remove(stream);
    announcing.remove(stream);
    pool.clear(stream.queue);
    growth.release(stream.receive.growth());
    if (config.window_growth != nullptr) config.window_growth->release(stream.receive.growth());
    if (!stream.outbound) --inbound_count;
    if (stream.outbound && !stream.acknowledged) --unacknowledged;
    if (stream.ack_due) --replies_waiting;
    if (stream.writable_due) std::erase(writable, stream.id);
    if (incoming.stream == stream.id) {
        incoming = {.body_left = incoming.body_left, .stream = 0, .skipped = true};
    }
    streams.erase(stream.id);
    if (streams.size() == 0) pool.release();
}

bool Session::Impl::close_if_finished(Stream& stream) {
    if (!stream.finish_sent || !stream.peer_finished) return false;
    closed.push_back(stream.id);
    remove(stream);
    return true;
}

void Session::Impl::refresh(Stream& stream) {
    if (stream.can_send()) {
        ready.push_back(stream);
    } else {
        ready.remove(stream);
    }
}

void Session::Impl::write(Stream& stream, base::SharedBytes bytes) {
    if (stream.finish_wanted || bytes.empty()) return;
    pool.push(stream.queue, std::move(bytes));
    if (stream.queue.bytes > low_water_bytes) stream.above_low_water = true;
    refresh(stream);
}

void Session::Impl::reset(Stream& stream) {
    // A stream that the peer has never heard of ends without a word.
    if (!stream.syn_due) queue_reset(stream.id);
    remove(stream);
}

void Session::Impl::queue_reset(StreamId id) {
    resets.push_back(id);
    if (!is_ours(id)) ++replies_waiting;
}

void Session::Impl::drop_reset(StreamId id) {
    // There is one at most: an order is given once for each life of a stream, and each new life
    // drops the last one's.
    if (std::erase(resets, id) > 0) --replies_waiting;
}

void Session::Impl::drop_closed(StreamId id) {
    auto const first = closed.begin() + closed_reported;
    closed.erase(std::remove(first, closed.end(), id), closed.end());
}

void Session::Impl::consume(Stream& stream, std::size_t bytes, base::Instant at) {
    auto const consumed = stream.receive.consume(bytes);
    // spec: yamux#closing-a-stream "the sender will send no further data": credit would be of no
    // use to it.
    if (stream.peer_finished) return;
    if (stream.receive.should_grow(consumed, at, round_trips.shortest())) grow(stream);
    if (!stream.receive.update_due()) return;
    stream.update_due = true;
    announcing.push_back(stream);
}

void Session::Impl::grow(Stream& stream) {
    auto const size = stream.receive.size();
    if (size >= config.window_bytes_max) return;
    auto const more = std::min(size, config.window_bytes_max - size);
    if (!growth.try_reserve(more)) return;
    if (config.window_growth != nullptr && !config.window_growth->try_reserve(more)) {
        growth.release(more);
        return;
    }
    stream.receive.grow(more);
}

}  // namespace libp2p::yamux
