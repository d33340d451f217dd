// A message from its arrival to its verdict, and from there to our peers. spec: gossipsub-v1.0#message-processing
#include "libp2p/gossipsub/message_signing.h"
#include "libp2p/gossipsub/steps.h"

#include "base/check.h"

namespace libp2p::gossipsub {
namespace {

base::ByteView view_of(std::optional<base::ByteView> const& field) { return field.value_or(base::ByteView{}); }

/// The data inside its frame: the application shares the bytes that will be forwarded. It may keep the data for long,
/// and counts only its size, so that data much smaller than the frame is copied.
base::SharedBytes data_of(base::SharedBytes const& frame, MessagePart const& message) {
    auto const data = view_of(message.data);
    if (data.empty()) return {};
    if (data.size() < frame.size() / 2) return base::SharedBytes::copy_of(data);
    auto const in_message = static_cast<std::size_t>(data.data() - message.encoding.data());
    return frame.slice(frame.size() - message.encoding.size() + in_message, data.size());
}

/// Under what else the message is known. // mina: see rust_ids.h
MessageId alias_of(Config const& config, MessageParts const& parts, MessageId const& id) {
    if (!config.answer_rust_ids || parts.from.empty()) return {};
    auto origin = origin_id(parts);
    return origin == id ? MessageId{} : origin;
}

void note_duplicate(Step& step, PeerKey via, MessageKey message) {
    ++step.state.counters.duplicate;
    auto const at = step.state.pending.find(message);
    if (at != step.state.pending.end() && at->second.via != via) at->second.senders.insert(via);
}

/// The peer sent what it had advertised, whatever we make of it.
void keep_promise(State& state, PeerKey via, MessageId const& id) {
    auto const promise = state.promises.find(state.seen.key_of(id));
    if (promise != state.promises.end()) promise->second.erase(via);
}

bool has_room(State const& state, std::size_t message_bytes) {
    auto const& config = state.config;
    return state.pending.size() < config.pending_max && state.pending_bytes <= config.pending_bytes_max &&
           message_bytes <= config.pending_bytes_max - state.pending_bytes;
}

void await_verdict(Step& step, PeerKey via, MessagePart const& message, PeerId const& author, MessageId id,
                   MessageId origin) {
    auto& state = step.state;
    MessageKey const key{state.next_message++};
    state.seen.insert(state.seen.key_of(id), key, step.env.now);
    state.promises.erase(state.seen.key_of(id));
    if (!origin.empty()) {
        state.seen.insert(state.seen.key_of(origin), key, step.env.now);
        state.promises.erase(state.seen.key_of(origin));
    }
    Pending pending;
    pending.topic = base::as_text(view_of(message.topic));
    pending.from = author;
    pending.via = via;
    pending.frame = frame_message(message.encoding);
    pending.deadline = step.env.now + state.config.verdict_timeout;
    step.out.events.emplace_back(
        MessageArrived{key, id, pending.topic, author, via, data_of(pending.frame, message)});
    pending.id = std::move(id);
    pending.origin = std::move(origin);
    state.pending_bytes += pending.frame.size();
    state.pending.emplace_hint(state.pending.end(), key, std::move(pending));
    ++state.counters.arrived;
}

void forward(Step& step, Pending const& pending) {
    auto& state = step.state;
    auto const at = state.topics.find(pending.topic);
    if (at == state.topics.end() || !at->second.is_subscribed) return;
    auto const send = [&](PeerKey peer) {
        if (peer == pending.via || pending.senders.contains(peer)) return;
        if (!pending.from.empty() && state.peers.at(peer).id == pending.from) return;
        if (step.outbox.add_message(peer, pending.frame)) ++state.counters.forwarded;
    };
    for (auto const peer : at->second.mesh) send(peer);
    for (auto const peer : at->second.flooded) send(peer);
}

/// Takes the message out of the waiting room.
Pending settle(Step& step, std::map<MessageKey, Pending>::iterator at) {
    auto& state = step.state;
    auto const key = at->first;
    auto pending = std::move(at->second);
    state.pending.erase(at);
    base::check(state.pending_bytes >= pending.frame.size(), "bytes of pending messages");
    state.pending_bytes -= pending.frame.size();
    state.seen.settle(state.seen.key_of(pending.id), key, step.env.now);
    if (!pending.origin.empty()) state.seen.settle(state.seen.key_of(pending.origin), key, step.env.now);
    return pending;
}

/// Other implementations take such messages for good.
bool is_relayed_by_others(Misbehaviour fault) {
    return fault == Misbehaviour::padded_message || fault == Misbehaviour::unverifiable_signature;
}

/// What was found wrong with it, if so.
std::optional<Misbehaviour> on_message_part(Step& step, PeerKey via, MessagePart const& message) {
    auto& state = step.state;
    auto const refuse = [&](Misbehaviour fault) {
        ++state.counters.invalid;
        step.report(via, fault);
        return fault;
    };
    if (message.is_malformed) return refuse(Misbehaviour::malformed_message);
    auto const topic = base::as_text(view_of(message.topic));
    auto const subscribed = state.topics.find(topic);
    if (subscribed == state.topics.end() || !subscribed->second.is_subscribed) {
        ++state.counters.unwanted;
        return std::nullopt;
    }
    MessageParts const parts{view_of(message.from), view_of(message.sequence_number), view_of(message.data), topic};
    PeerId author;
    if (auto const fault = check_fields(state.config, message, author)) {
        // What an honest peer may relay, it has sent as it promised.
        if (is_relayed_by_others(*fault)) keep_promise(state, via, state.config.message_id(parts));
        return refuse(*fault);
    }
    auto id = state.config.message_id(parts);
    if (auto const seen = state.seen.find(state.seen.key_of(id))) {
        note_duplicate(step, via, *seen);
        return std::nullopt;
    }
    if (!author.empty() && author == state.self) {
        ++state.counters.unwanted;  // from an earlier run; what we published in this one has been seen
        return std::nullopt;
    }
    if (!has_room(state, message_rpc_size(message.encoding.size()) + 10)) {
        ++state.counters.overflowed;
        keep_promise(state, via, id);
        step.trace("pending_full", via.value, state.pending.size());
        return std::nullopt;
    }
    // Only now, for duplicates must be cheap; and before the id counts as seen, for a forgery must not hide the true
    // message.
    if (state.config.signing == SigningPolicy::strict_sign) {
        if (auto const fault = check_signature(state.config, message, author)) {
            if (is_relayed_by_others(*fault)) keep_promise(state, via, id);
            return refuse(*fault);
        }
    }
    auto origin = alias_of(state.config, parts, id);
    await_verdict(step, via, message, author, std::move(id), std::move(origin));
    return std::nullopt;
}

}  // namespace

bool on_message_parts(Step& step, PeerKey via, std::vector<MessagePart> const& messages) {
    std::size_t forged = 0;
    for (auto const& message : messages) {
        if (on_message_part(step, via, message) != Misbehaviour::bad_signature) continue;
        if (++forged == bad_signatures_per_rpc_max) return false;
    }
    return true;
}

void on_verdict(Step& step, Verdict const& verdict) {
    auto& state = step.state;
    auto const at = state.pending.find(verdict.message);
    if (at == state.pending.end()) return step.trace("late_verdict", verdict.message.value);
    auto pending = settle(step, at);
    switch (verdict.acceptance) {
        case Acceptance::accept:
            ++state.counters.accepted;
            forward(step, pending);
            state.cache.put(std::move(pending.id),
                            {std::move(pending.topic), std::move(pending.frame), std::move(pending.origin), {}});
            return;
        case Acceptance::reject:
            ++state.counters.rejected;
            if (state.peers.contains(pending.via)) step.report(pending.via, Misbehaviour::rejected_message);
            for (auto const peer : pending.senders) {
                if (state.peers.contains(peer)) step.report(peer, Misbehaviour::rejected_message);
            }
            return;
        case Acceptance::ignore:
            ++state.counters.ignored;
            return;
    }
}

void expire_pending(Step& step) {
    auto& pending = step.state.pending;
    while (!pending.empty() && pending.begin()->second.deadline <= step.env.now) {
        step.trace("verdict_timed_out", pending.begin()->first.value);
        ++step.state.counters.timed_out;
        settle(step, pending.begin());
    }
}

}  // namespace libp2p::gossipsub
