#include "mina/rpc/rpc_reduction.h"

namespace mina::rpc {
namespace {

Fault fault_of(FrameError error) {
    switch (error) {
        case FrameError::empty: return Fault::empty_frame;
        case FrameError::too_long: return Fault::frame_too_long;
        case FrameError::malformed: return Fault::malformed;
    }
    return Fault::malformed;
}

}  // namespace

// What a frame leads to may end the stream, so it is looked up again for each.
void Reduction::operator()(stream::Data const& data) {
    auto at = state_.streams.find(data.channel);
    if (at == state_.streams.end()) return;
    at->second.heard_at = env_.now;
    at->second.reader.feed(data.bytes);
    for (; at != state_.streams.end(); at = state_.streams.find(data.channel)) {
        auto const frame = at->second.reader.next();
        if (!frame) {
            auto const is_handshake = !at->second.is_shaken && frame.error() == FrameError::too_long;
            return end_for(at, is_handshake ? Fault::bad_handshake : fault_of(frame.error()));
        }
        if (!*frame) return;
        on_frame(at, **frame);
    }
}

void Reduction::on_frame(StreamAt at, Frame const& frame) {
    if (auto const* const handshake = std::get_if<Handshake>(&frame)) {
        on_handshake(at, *handshake);
    } else if (auto const* const whole = std::get_if<Whole>(&frame)) {
        on_whole(at, *whole);
    } else if (auto const* const head = std::get_if<AnswerHead>(&frame)) {
        on_answer_head(at, *head);
    } else {
        on_answer_part(at, std::get<AnswerPart>(frame));
    }
}

void Reduction::on_handshake(StreamAt at, Handshake const& handshake) {
    if (!is_handshake(handshake.bytes)) return end_for(at, Fault::bad_handshake);
    at->second.is_shaken = true;
    at->second.idle_since = env_.now;
    arm(at->first, at->second);
    pump(at->second.peer);
}

void Reduction::on_whole(StreamAt at, Whole const& whole) {
    auto const message = messages::read_rpc_message(whole.bytes);
    if (!message) return end_for(at, Fault::malformed);
    if (auto const* const query = std::get_if<messages::RpcQuery>(&*message)) {
        on_query(at, *query);
    } else if (auto const* const response = std::get_if<messages::RpcResponse>(&*message)) {
        on_error_answer(at, *response);
    } else {
        on_heartbeat(at);
    }
}

void Reduction::on_heartbeat(StreamAt at) {
    auto& stream = at->second;
    if (env_.now - stream.heartbeats_since >= state_.config.heartbeat_interval) {
        stream.heartbeats_since = env_.now;
        stream.heartbeats = 0;
    }
    if (++stream.heartbeats > state_.config.heartbeats_max) end_for(at, Fault::heartbeat_flood);
}

}  // namespace mina::rpc
