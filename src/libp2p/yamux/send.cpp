#include "base/check.h"
#include "libp2p/yamux/session_impl.h"

#include <algorithm>

namespace libp2p::yamux {
namespace {

// A frame is cut short to fill up a record only if it carries at least this much: headers would be
// most of it else.
constexpr std::size_t cut_bytes_min = 1024;

}  // namespace

void Gather::clear() {
    pieces_.clear();
    headers_.clear();
    owners_.clear();
    size_bytes_ = 0;
}

void Gather::add(HeaderBytes const& header, base::SharedBytes body) {
    headers_.reserve(frames_max);
    pieces_.reserve(2 * frames_max);
    base::check(headers_.size() < frames_max, "a gather has room for a fixed number of frames");
    headers_.push_back(header);
    pieces_.push_back(headers_.back());
    size_bytes_ += header.size() + body.size();
    if (body.empty()) return;
    pieces_.push_back(body.view());
    owners_.push_back(std::move(body));
}

bool Session::Impl::has_output() const {
    if (go_away == Due::queued) return true;
    if (failed) return false;
    return !ready.empty() || !announcing.empty() || !resets.empty() || ping == Due::queued ||
           pong == Due::queued;
}

bool Session::Impl::gather(std::size_t bytes_max, Gather& out) {
    auto const before = out.size_bytes_;
    auto left = bytes_max;
    gather_control(left, out);
    if (!failed) {
        gather_announcements(left, out);
        while (!ready.empty() && gather_data(ready.front(), left, out)) {
        }
    }
    return out.size_bytes_ > before;
}

bool Session::Impl::send_header(Header const& header, std::size_t& left, Gather& out) const {
    if (left < header_bytes || out.headers_.size() >= Gather::frames_max) return false;
    out.add(encode(header), {});
    left -= header_bytes;
    return true;
}

void Session::Impl::gather_control(std::size_t& left, Gather& out) {
    if (!failed) {
        if (pong == Due::queued &&
            send_header({FrameType::ping, flag::ack, 0, pong_value}, left, out)) {
            pong = Due::nothing;
            pings_waiting = 0;
        }
        if (ping == Due::queued &&
            send_header({FrameType::ping, flag::syn, 0, ping_value}, left, out)) {
            ping = Due::sent;
        }
        std::size_t sent = 0;
        while (sent < resets.size() &&
               send_header({FrameType::window, flag::rst, resets[sent], 0}, left, out)) {
            if (!is_ours(resets[sent++])) --replies_waiting;
        }
        resets.erase(resets.begin(), resets.begin() + static_cast<std::ptrdiff_t>(sent));
    }
    if (go_away == Due::queued) {
        auto const code = static_cast<std::uint32_t>(go_away_code);
        if (send_header({FrameType::go_away, 0, 0, code}, left, out)) go_away = Due::sent;
    }
}

/// SYN, ACK and credit. A stream that is about to send data needs no frame of its own for SYN or
/// ACK.
void Session::Impl::gather_announcements(std::size_t& left, Gather& out) {
    while (!announcing.empty()) {
        auto& stream = announcing.front();
        bool const opening = stream.syn_due || stream.ack_due;
        if (stream.update_due || (opening && !stream.ready.linked)) {
            if (left < header_bytes || out.headers_.size() >= Gather::frames_max) return;
            auto const flags = take_opening_flags(stream);
            auto const credit = stream.update_due ? stream.receive.grant() : 0;
            stream.update_due = false;
            send_header({FrameType::window, flags, stream.id, credit}, left, out);
        }
        announcing.remove(stream);
    }
}

std::uint16_t Session::Impl::take_opening_flags(Stream& stream) {
    std::uint16_t flags = 0;
    if (stream.syn_due) flags |= flag::syn;
    if (stream.ack_due) {
        flags |= flag::ack;
        --replies_waiting;
    }
    stream.syn_due = false;
    stream.ack_due = false;
    return flags;
}

/// The most that one frame may carry of a write of which `rest` bytes are left.
std::size_t Session::Impl::frame_limit(std::size_t rest) const {
    if (!ready.has_several()) return config.frame_bytes_max;
    if (rest > config.frame_bytes_max) return config.shared_frame_bytes_max;
    // mina: the Rust node loses a gossip message that spans more than two frames. So a write that
    // fits one frame is cut in two at most, although others wait.
    return std::max<std::size_t>(config.shared_frame_bytes_max,
                                 (config.frame_bytes_max + std::size_t{1}) / 2);
}

bool Session::Impl::gather_data(Stream& stream, std::size_t& left, Gather& out) {
    if (left < header_bytes || out.headers_.size() >= Gather::frames_max) return false;
    base::SharedBytes body;
    if (stream.queue.bytes > 0) {
        auto const rest = pool.front(stream.queue).size();
        auto const wanted = std::min({rest, std::size_t{stream.send_window}, frame_limit(rest)});
        auto const room = left - header_bytes;
        if (wanted > room) {
            // A write that fits one frame waits for the next record rather than be cut at the end
            // of this one.
            if (rest <= config.frame_bytes_max && !out.empty()) return false;
            if (room < cut_bytes_min) return false;
        }
        body = pool.take(stream.queue, std::min(wanted, room));
        stream.send_window -= static_cast<std::uint32_t>(body.size());
    }
    auto flags = take_opening_flags(stream);
    // mina: the Rust node sees FIN on a DATA frame only. It goes alone: js-libp2p ends the stream at the flag and
    // loses the data that came with it.
    bool const last = stream.finish_wanted && stream.queue.bytes == 0 && body.empty();
    if (last) flags |= flag::fin;
    auto const length = static_cast<std::uint32_t>(body.size());
    left -= header_bytes + body.size();
    out.add(encode({FrameType::data, flags, stream.id, length}), std::move(body));
    stream.finish_sent = last;
    note_sent(stream);
    return true;
}

/// After a frame of `stream`: its turn is over, its queue may be low, its life may be.
void Session::Impl::note_sent(Stream& stream) {
    ready.remove(stream);
    if (stream.queue.bytes <= low_water_bytes && stream.above_low_water) {
        stream.above_low_water = false;
        if (!stream.writable_due) writable.push_back(stream.id);
        stream.writable_due = true;
    }
    if (close_if_finished(stream)) return;
    refresh(stream);
}

std::vector<StreamId> Session::Impl::take_writable() {
    auto ids = std::exchange(writable, {});
    for (auto const id : ids) streams.find(id)->writable_due = false;
    // One that has risen again will be reported when it falls again.
    std::erase_if(ids, [this](StreamId id) { return streams.find(id)->above_low_water; });
    return ids;
}

}  // namespace libp2p::yamux
