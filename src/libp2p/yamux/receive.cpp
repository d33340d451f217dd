#include "libp2p/yamux/session_impl.h"

#include <algorithm>
#include <limits>

namespace libp2p::yamux {
namespace {

std::optional<Event> const nothing = std::nullopt;

}  // namespace

Session::Impl::Step Session::Impl::next() {
    while (true) {
        if (failed) return base::fail(*failed);
        if (auto event = due_event()) return event;
        if (incoming.body_left > 0) {
            if (chunk.empty()) return nothing;
            auto const bytes = take_body();
            if (incoming.skipped) continue;
            return Event(Data{incoming.stream, bytes});
        }
        HeaderBytes bytes;
        if (!read_header(bytes)) return nothing;
        incoming = {};
        auto const header = decode(bytes);
        auto step = header ? on_header(*header) : Step(base::fail(header.error()));
        if (!step) failed = step.error();
        if (!step || *step) return step;
    }
}

/// What is to be reported before more bytes are looked at, in the order in which it came to be.
std::optional<Event> Session::Impl::due_event() {
    if (closed_reported < closed.size()) {
        auto const id = closed[closed_reported++];
        if (closed_reported == closed.size()) {
            closed.clear();
            closed_reported = 0;
        }
        return Closed{id};
    }
    if (std::exchange(incoming.opened, false)) return Opened{incoming.stream};
    if (std::exchange(incoming.acknowledged, false)) return Acknowledged{incoming.stream};
    if (incoming.body_left == 0 && std::exchange(incoming.finished, false)) {
        auto const id = incoming.stream;
        auto& stream = *streams.find(id);
        stream.peer_finished = true;
        stream.update_due = false;  // credit would be of no use any more
        if (!stream.ack_due) announcing.remove(stream);
        close_if_finished(stream);
        return Finished{id};
    }
    return std::nullopt;
}

bool Session::Impl::read_header(HeaderBytes& header_out) {
    if (partial_size == 0 && chunk.size() >= header_bytes) [[likely]] {
        std::copy_n(chunk.begin(), header_bytes, header_out.begin());
        chunk = chunk.subspan(header_bytes);
        return true;
    }
    auto const count = std::min(chunk.size(), header_bytes - partial_size);
    std::copy_n(chunk.begin(), count, partial.begin() + partial_size);
    partial_size = static_cast<std::uint8_t>(partial_size + count);
    chunk = chunk.subspan(count);
    if (partial_size < header_bytes) return false;
    partial_size = 0;
    header_out = partial;
    return true;
}

base::ByteView Session::Impl::take_body() {
    auto const bytes = chunk.first(std::min<std::size_t>(chunk.size(), incoming.body_left));
    chunk = chunk.subspan(bytes.size());
    incoming.body_left -= static_cast<std::uint32_t>(bytes.size());
    return bytes;
}

void Session::Impl::skip_body(Header const& header) {
    if (header.type != FrameType::data) return;
    incoming.body_left = header.length;
    incoming.skipped = true;
}

Session::Impl::Step Session::Impl::on_header(Header const& header) {
    switch (header.type) {
        case FrameType::data:
        case FrameType::window: return on_stream_frame(header);
        case FrameType::ping: return on_ping(header);
        case FrameType::go_away: break;
    }
    if (std::exchange(peer_went_away, true)) return nothing;
    return Event(WentAway{header.length});
}

Session::Impl::Step Session::Impl::on_stream_frame(Header const& header) {
    skip_body(header);  // until it is known to be wanted
    auto* stream = streams.find(header.stream);
    // What refers to a stream that we have not announced refers to none.
    if (stream != nullptr && stream->syn_due) stream = nullptr;
    if (header.has(flag::rst)) return on_reset(header, stream);
    if (header.has(flag::syn)) return on_open(header);
    // Frames may be under way to a stream that we have forgotten: to answer would hit a later user
    // of the id (rust-yamux#110), and to complain would punish the innocent.
    if (stream == nullptr) return nothing;
    auto const step =
        header.type == FrameType::data ? on_data(header, *stream) : on_window(header, *stream);
    if (!step) return step;
    // An answer of any kind is acceptance, flagged ACK or not: the backlog is about streams the
    // peer has not seen.
    if (stream->outbound && !stream->acknowledged) {
        stream->acknowledged = true;
        --unacknowledged;
        incoming.stream = stream->id;
        incoming.acknowledged = true;
    }
    return nothing;
}

Session::Impl::Step Session::Impl::on_reset(Header const& header, Stream* stream) {
    // SYN with RST begins nothing and ends nothing.
    if (stream == nullptr || header.has(flag::syn)) return nothing;
    if (stream->ack_due) {
        // Opening and resetting leaves nothing behind that a bound on streams or replies could see.
        if (now - aborted_since > base::Duration(std::chrono::seconds(1))) {
            aborted = 0;
            aborted_since = now;
        }
        if (++aborted > config.control_frames_max) return base::fail(Error::control_flood);
    }
    remove(*stream);
    // go-yamux puts an error code where a window update has its increment.
    return Event(Reset{header.stream, header.type == FrameType::window ? header.length : 0});
}

Session::Impl::Step Session::Impl::on_open(Header const& header) {
    // spec: yamux#streamid-field "The client side should use odd ID's, and the server even."
    if (is_ours(header.stream)) return base::fail(Error::bad_stream_id);
    // Before any state is made (CVE-2026-32314, CVE-2026-31814).
    bool const is_data = header.type == FrameType::data;
    if (is_data && header.length > initial_window_bytes) return base::fail(Error::window_exceeded);
    if (!is_data &&
        header.length > std::numeric_limits<std::uint32_t>::max() - initial_window_bytes) {
        return base::fail(Error::window_overflow);
    }
    if (auto* const old = streams.find(header.stream)) {
        if (!old->peer_finished) return base::fail(Error::bad_stream_id);
        // mina: the Rust node uses one id for request after request, and does not wait for our FIN.
        closed.push_back(old->id);
        remove(*old);
    }
    // An order to reset that has not left is for a stream that the peer has done with; it would hit
    // the new one.
    drop_reset(header.stream);
    if (replies_waiting >= config.control_frames_max) return base::fail(Error::control_flood);
    if (inbound_count >= config.inbound_streams_max || go_away != Due::nothing) {
        queue_reset(header.stream);
        return nothing;
    }
    auto& stream = streams.insert(header.stream);
    ++inbound_count;
    // spec: yamux#opening-a-stream "The receiver must then reply ... with the ACK flag". At once,
    // not with the first answer: a peer stops opening at 256 streams without ACK.
    stream.ack_due = true;
    ++replies_waiting;
    announcing.push_back(stream);
    incoming.stream = stream.id;
    incoming.opened = true;
    return is_data ? on_data(header, stream) : on_window(header, stream);
}

Session::Impl::Step Session::Impl::on_data(Header const& header, Stream& stream) {
    if (stream.peer_finished) return nothing;  // skipped
    // The whole body, before its first byte: nothing is ever taken in that was not granted.
    if (!stream.receive.receive(header.length)) return base::fail(Error::window_exceeded);
    incoming.stream = stream.id;
    incoming.skipped = false;
    incoming.finished = header.has(flag::fin);
    return nothing;
}

Session::Impl::Step Session::Impl::on_window(Header const& header, Stream& stream) {
    // spec: yamux#length-field "Window update - provides a delta update to the window size", SYN
    // and ACK included.
    if (header.length > std::numeric_limits<std::uint32_t>::max() - stream.send_window) {
        return base::fail(Error::window_overflow);
    }
    stream.send_window += header.length;
    refresh(stream);
    incoming.stream = stream.id;
    incoming.finished = header.has(flag::fin) && !stream.peer_finished;
    return nothing;
}

Session::Impl::Step Session::Impl::on_ping(Header const& header) {
    if (header.has(flag::syn)) {
        // One slot, for the latest value: a peer that asks without reading gets one answer, and not
        // for long (CVE-2024-32984).
        if (++pings_waiting > config.control_frames_max) return base::fail(Error::control_flood);
        pong = Due::queued;
        pong_value = header.length;
        return nothing;
    }
    if (ping != Due::sent || header.length != ping_value) return base::fail(Error::unexpected_pong);
    ping = Due::nothing;
    auto const round_trip = std::max(now - ping_sent_at, base::Duration::zero());
    round_trips.add(round_trip);
    return Event(Ponged{round_trip});
}

}  // namespace libp2p::yamux
