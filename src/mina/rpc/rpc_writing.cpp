#include "mina/rpc/rpc_reduction.h"

#include "base/check.h"

#include <algorithm>

namespace mina::rpc {

void Reduction::enqueue(StreamAt at, OutgoingFrame frame) {
    frame.bytes = frame.head.size();
    for (auto const& piece : frame.pieces) frame.bytes += piece.size();
    peer_at(at->second.peer).held_bytes += frame.bytes;
    state_.held_bytes += frame.bytes;
    at->second.frames.push_back(std::move(frame));
    at->second.wrote_at = env_.now;
    write(at);
}

void Reduction::operator()(stream::Writable const& writable) {
    auto const at = state_.streams.find(writable.channel);
    if (at == state_.streams.end()) return;
    at->second.queued_bytes = std::min(at->second.queued_bytes, low_water_bytes);
    at->second.is_blocked = false;
    write(at);
    close_if_done(at);
}

bool Reduction::is_between_frames(Stream const& stream) const {
    return stream.frames.empty() || (stream.frames.front().next == 0 && stream.frames.front().offset == 0);
}

void Reduction::write(StreamAt at) {
    auto& stream = at->second;
    auto& peer = peer_at(stream.peer);
    while (!stream.is_blocked) {
        if (stream.owes_heartbeat && is_between_frames(stream)) {
            write_heartbeat(at->first, stream);
        } else if (!stream.frames.empty()) {
            write_next(at->first, stream, peer);
        } else {
            return;
        }
        if (stream.queued_bytes < state_.config.queue_bytes_max) continue;
        stream.is_blocked = true;
        stream.blocked_at = env_.now;
        order(stream::TellWritable{at->first});
        arm(at->first, stream);
    }
}

// As much of one piece as there is room for; the last of a frame takes the frame with it.
void Reduction::write_next(ChannelId channel, Stream& stream, Peer& peer) {
    auto& frame = stream.frames.front();
    auto& piece = frame.next == 0 ? frame.head : frame.pieces[frame.next - 1];
    auto const room = state_.config.queue_bytes_max - stream.queued_bytes;
    auto const count = std::min(room, piece.size() - frame.offset);
    if (count > 0) order(stream::Write{channel, piece.slice(frame.offset, count)});
    stream.queued_bytes += count;
    frame.offset += count;
    frame.bytes -= count;
    peer.held_bytes -= count;
    state_.held_bytes -= count;
    if (frame.offset < piece.size()) return;
    piece = {};
    frame.offset = 0;
    if (++frame.next <= frame.pieces.size()) return;
    base::check(frame.bytes == 0, "rpc: a frame written and bytes left");
    stream.frames.pop_front();
}

void Reduction::write_heartbeat(ChannelId channel, Stream& stream) {
    auto beat = heartbeat_frame();
    stream.owes_heartbeat = false;
    stream.queued_bytes += beat.size();
    order(stream::Write{channel, std::move(beat)});
}

/// The peer has finished and has all its answers.
void Reduction::close_if_done(StreamAt at) {
    auto const& stream = at->second;
    if (!stream.has_finished || !stream.questions.empty() || !stream.frames.empty()) return;
    order(stream::Finish{at->first});
    forget(at, Reason::closed);
}

}  // namespace mina::rpc
