#include "mina/rpc/rpc_reduction.h"

#include "base/check.h"

#include <algorithm>

namespace mina::rpc {
namespace {

/// An answer may still be on its way out when all of it has been written.
base::Instant used_at(Stream const& stream) { return std::max(stream.heard_at, stream.wrote_at); }

}  // namespace

void Reduction::operator()(stream::Opened const& opened) {
    if (state_.streams.contains(opened.channel)) return;
    if (opened.direction == Direction::inbound) {
        on_opened_inbound(opened);
    } else {
        on_opened_outbound(opened);
    }
}

void Reduction::on_opened_inbound(stream::Opened const& opened) {
    auto& peer = peer_or_new(opened.peer);
    if (peer.inbound.size() >= state_.config.inbound_max && !make_room_for_inbound(peer)) {
        fault(opened.peer, Fault::too_many_streams);
        return shut(opened.channel, peer.dialect);
    }
    peer.inbound.push_back(opened.channel);
    start(opened);
}

/// Ends the stream that was used longest ago, of those on which nothing is under way.
bool Reduction::make_room_for_inbound(Peer const& peer) {
    auto oldest = state_.streams.end();
    for (auto const channel : peer.inbound) {
        auto const at = state_.streams.find(channel);
        if (!is_answered(at->second)) continue;
        if (oldest == state_.streams.end() || used_at(at->second) < used_at(oldest->second)) oldest = at;
    }
    if (oldest == state_.streams.end()) return false;
    end(oldest, Reason::closed);
    return true;
}

void Reduction::on_opened_outbound(stream::Opened const& opened) {
    auto const opening = state_.openings.find(opened.request);
    if (opening == state_.openings.end() || opening->second != opened.peer) {
        order(stream::Finish{opened.channel});  // the peer has just gone, and the channel with it
        return;
    }
    state_.openings.erase(opening);
    auto& peer = peer_at(opened.peer);
    --peer.openings;
    peer.outbound.push_back(opened.channel);
    start(opened);
}

void Reduction::start(stream::Opened const& opened) {
    auto const at = state_.streams.try_emplace(opened.channel).first;
    auto& stream = at->second;
    stream.peer = opened.peer;
    stream.direction = opened.direction;
    stream.reader = FrameReader(state_.config.frames);
    stream.opened_at = stream.heard_at = stream.idle_since = stream.heartbeats_since = env_.now;
    stream.next_heartbeat = env_.now + state_.config.heartbeat_interval;
    enqueue(at, {.head = handshake_frame(), .pieces = {}});
    arm(opened.channel, stream);
}

// mina: OCaml's node ends a stream by a reset, and the Rust node takes one for the end of the connection.
void Reduction::shut(ChannelId channel, Dialect dialect) {
    if (dialect == Dialect::ocaml) {
        order(stream::Reset{channel});
    } else {
        order(stream::Finish{channel});
    }
}

void Reduction::end(StreamAt at, Reason reason) {
    shut(at->first, peer_at(at->second.peer).dialect);
    forget(at, reason);
}

void Reduction::end_for(StreamAt at, Fault what) {
    fault(at->second.peer, what);
    end(at, Reason::misbehaved);
}

void Reduction::forget(StreamAt at, Reason reason) {
    auto const channel = at->first;
    auto const stream = std::move(at->second);
    state_.streams.erase(at);
    state_.timers.cancel({Timer::Kind::stream, channel.value});
    auto& peer = peer_at(stream.peer);
    for (auto const& frame : stream.frames) {
        peer.held_bytes -= frame.bytes;
        state_.held_bytes -= frame.bytes;
    }
    peer.questions -= stream.questions.size();
    for (auto const& [id, question] : stream.questions) {
        state_.questions.erase(question);
        state_.timers.cancel({Timer::Kind::question, question.value});
        report(QuestionDropped{question});
    }
    if (stream.direction == Direction::inbound) {
        std::erase(peer.inbound, channel);
    } else {
        std::erase(peer.outbound, channel);
    }
    for (auto const& [id, ask] : stream.asked) {
        if (!ask.is_wanted) continue;
        if (ask.request) {
            fail(stream.peer, ask.request, reason);
        } else {
            lose_menu(stream.peer, peer);
        }
    }
    if (!peer.is_seen && peer.inbound.empty()) return erase_peer(stream.peer);
    pump(stream.peer);
}

void Reduction::operator()(stream::Finished const& finished) {
    auto const at = state_.streams.find(finished.channel);
    if (at == state_.streams.end()) return;
    if (at->second.direction == Direction::outbound) return end(at, Reason::closed);
    at->second.has_finished = true;
    close_if_done(at);
}

void Reduction::operator()(stream::Closed const& closed) {
    if (auto const at = state_.streams.find(closed.channel); at != state_.streams.end()) {
        auto const is_refused = closed.reason == stream::CloseReason::negotiation_failed;
        if (is_refused && at->second.direction == Direction::outbound) {
            // A lazy dialer learns late that the protocol is not spoken.
            auto& peer = peer_at(at->second.peer);
            peer.speaks_rpc = false;
            fail_waiting(at->second.peer, peer, Reason::not_supported);
            return forget(at, Reason::not_supported);
        }
        return forget(at, Reason::closed);
    }
    auto const opening = state_.openings.find(closed.request);
    if (opening == state_.openings.end() || opening->second != closed.peer) return;
    state_.openings.erase(opening);
    on_open_failed(closed.peer, closed.reason);
}

void Reduction::on_open_failed(PeerKey key, stream::CloseReason reason) {
    auto& peer = peer_at(key);
    --peer.openings;
    if (reason == stream::CloseReason::negotiation_failed) {
        peer.speaks_rpc = false;
        return fail_waiting(key, peer, Reason::not_supported);
    }
    peer.open_not_before = env_.now + state_.config.reopen_delay;
    if (peer.outbound.empty() && peer.openings == 0) {
        auto const is_late = reason == stream::CloseReason::timed_out;
        return fail_waiting(key, peer, is_late ? Reason::timed_out : Reason::closed);
    }
    pump(key);
}

bool Reduction::is_idle(Stream const& stream) const {
    return stream.direction == Direction::outbound && stream.is_shaken && stream.asked.empty() &&
           state_.peers.at(stream.peer).dialect == Dialect::ocaml;
}

/// An inbound stream that has been good for what it was opened for.
bool Reduction::is_answered(Stream const& stream) const {
    return stream.direction == Direction::inbound && stream.is_shaken && stream.questions.empty() &&
           stream.frames.empty() && !stream.reader.is_inside_frame();
}

base::Instant Reduction::deadline_of(Stream const& stream) const {
    auto const& config = state_.config;
    auto const is_inbound = stream.direction == Direction::inbound;
    auto at = stream.next_heartbeat;
    if (stream.is_blocked) at = std::min(at, stream.blocked_at + config.write_stall_time);
    if (stream.is_held) return at;  // nothing is read, so nothing is missed
    if (!stream.is_shaken) at = std::min(at, stream.opened_at + config.handshake_timeout);
    if (!stream.has_finished) {
        at = std::min(at, stream.heard_at + (is_inbound ? config.silence_max_inbound : config.silence_max_outbound));
    }
    if (stream.answering) at = std::min(at, stream.heard_at + config.stall_time);
    if (is_idle(stream)) at = std::min(at, stream.idle_since + config.idle_time);
    for (auto const& [id, ask] : stream.asked) at = std::min(at, ask.deadline);
    return at;
}

void Reduction::arm(ChannelId channel, Stream const& stream) {
    state_.timers.set({Timer::Kind::stream, channel.value}, deadline_of(stream));
}

// So that an ask among many is sent and answered without a look at all the others.
void Reduction::arm_by(ChannelId channel, base::Instant at) {
    state_.timers.set_no_later({Timer::Kind::stream, channel.value}, at);
}

/// What a stream's peer has left undone for too long.
std::optional<Fault> Reduction::fault_of_time(Stream const& stream) const {
    auto const& config = state_.config;
    auto const is_inbound = stream.direction == Direction::inbound;
    if (stream.is_blocked && env_.now - stream.blocked_at >= config.write_stall_time) return Fault::stalled;
    if (stream.is_held) return std::nullopt;
    auto const silence = env_.now - stream.heard_at;
    if (!stream.is_shaken && env_.now - stream.opened_at >= config.handshake_timeout) return Fault::silent;
    if (stream.answering && silence >= config.stall_time) return Fault::stalled;
    if (stream.has_finished) return std::nullopt;
    if (silence >= (is_inbound ? config.silence_max_inbound : config.silence_max_outbound)) return Fault::silent;
    return std::nullopt;
}

void Reduction::on_stream_deadline(StreamAt at) {
    base::check(at != state_.streams.end(), "rpc: a deadline of a stream that is gone");
    auto const channel = at->first;
    auto& stream = at->second;
    if (auto const late = fault_of_time(stream)) {
        // mina: OCaml's node falls silent when it has its answer.
        if (*late != Fault::silent || !is_answered(stream)) fault(stream.peer, *late);
        return end(at, Reason::timed_out);
    }
    if (is_idle(stream) && env_.now - stream.idle_since >= state_.config.idle_time) return end(at, Reason::closed);
    if (stream.next_heartbeat <= env_.now) {
        // Beats that were missed, because nobody ticked, are not made up for.
        while (stream.next_heartbeat <= env_.now) {
            stream.next_heartbeat = stream.next_heartbeat + state_.config.heartbeat_interval;
        }
        stream.owes_heartbeat = true;
        write(at);
    }
    on_overdue_asks(at);
    if (auto const still = state_.streams.find(channel); still != state_.streams.end()) arm(channel, still->second);
}

}  // namespace mina::rpc
