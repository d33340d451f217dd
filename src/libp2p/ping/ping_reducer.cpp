#include "libp2p/ping/ping.h"

#include "base/check.h"

#include <algorithm>
#include <string>

namespace libp2p::ping {
namespace {

Reason reason_of(stream::CloseReason reason) {
    switch (reason) {
        case stream::CloseReason::negotiation_failed: return Reason::not_supported;
        case stream::CloseReason::timed_out: return Reason::timed_out;
        case stream::CloseReason::complete:
        case stream::CloseReason::reset:
        case stream::CloseReason::connection_lost: return Reason::closed;
    }
    return Reason::closed;
}

class Reduction {
public:
    Reduction(State& state, base::Env const& env, Out& out) : state_(state), env_(env), out_(out) {}

    void operator()(Ping const& ping);
    void operator()(stream::Opened const& opened);
    void operator()(stream::Data const& data);
    void operator()(stream::Finished const& finished);
    void operator()(stream::Writable const&) {}  // the swarm paces the peer, and so what we answer
    void operator()(stream::Closed const& closed);
    void operator()(Tick const&);

private:
    using OutboundAt = std::map<PeerKey, Outbound>::iterator;
    using InboundAt = std::map<ChannelId, Inbound>::iterator;

    void order(Effect effect) { out_.effects.push_back(std::move(effect)); }
    void on_opened_inbound(stream::Opened const& opened);
    void on_opened_outbound(stream::Opened const& opened);
    void on_answer(OutboundAt at, base::ByteView bytes);
    void on_blocks(InboundAt at, base::ByteView bytes);
    void on_timeout(OutboundAt at);
    void send(OutboundAt at);
    void complete(OutboundAt at);
    void fail_all(OutboundAt at, Reason reason);
    void forget(OutboundAt at);
    void forget(InboundAt at);

    State& state_;
    base::Env const& env_;
    Out& out_;
};

void Reduction::operator()(Ping const& ping) {
    auto const [at, added] = state_.outbound.try_emplace(ping.peer);
    auto& stream = at->second;
    if (stream.phase == Phase::abandoned) {
        out_.events.push_back(PingFailed{ping.peer, ping.request, Reason::not_answering});
        return;
    }
    if (stream.waiting.size() > state_.config.waiting_max) {
        out_.events.push_back(PingFailed{ping.peer, ping.request, Reason::too_many});
        return;
    }
    stream.waiting.push_back(ping.request);
    if (added) {
        stream.opened_for = ping.request;
        state_.timers.set(ping.peer, env_.now + state_.config.timeout);
        order(stream::Open{ping.peer, {state_.config.protocol}, ping.request});
    } else if (stream.phase == Phase::idle) {
        send(at);
    }
}

void Reduction::operator()(stream::Opened const& opened) {
    if (state_.inbound.contains(opened.channel) || state_.pinged.contains(opened.channel)) return;
    if (opened.direction == Direction::inbound) {
        on_opened_inbound(opened);
    } else {
        on_opened_outbound(opened);
    }
}

void Reduction::on_opened_inbound(stream::Opened const& opened) {
    auto const count = state_.inbound_count.find(opened.peer);
    if (count != state_.inbound_count.end() && count->second >= state_.config.inbound_max) {
        order(stream::Reset{opened.channel});
        return;
    }
    ++state_.inbound_count[opened.peer];
    state_.inbound[opened.channel].peer = opened.peer;
}

void Reduction::on_opened_outbound(stream::Opened const& opened) {
    auto const at = state_.outbound.find(opened.peer);
    if (at == state_.outbound.end() || at->second.channel || at->second.opened_for != opened.request) {
        order(stream::Finish{opened.channel});
        return;
    }
    at->second.channel = opened.channel;
    state_.pinged[opened.channel] = opened.peer;
    if (at->second.phase == Phase::abandoned) {
        order(stream::Finish{opened.channel});
    } else {
        send(at);
    }
}

void Reduction::send(OutboundAt at) {
    auto& stream = at->second;
    env_.rng.fill_public(stream.sent);
    stream.received = 0;
    stream.sent_at = env_.now;
    stream.phase = Phase::awaiting;
    state_.timers.set(at->first, env_.now + state_.config.timeout);
    order(stream::Write{stream.channel, base::SharedBytes::copy_of(stream.sent)});
}

void Reduction::operator()(stream::Data const& data) {
    if (auto const at = state_.inbound.find(data.channel); at != state_.inbound.end()) {
        on_blocks(at, data.bytes);
    } else if (auto const pinged = state_.pinged.find(data.channel); pinged != state_.pinged.end()) {
        on_answer(state_.outbound.find(pinged->second), data.bytes);
    }
}

void Reduction::on_blocks(InboundAt at, base::ByteView bytes) {
    auto& stream = at->second;
    auto const total = stream.partial_bytes + bytes.size();
    auto const whole = total - total % block_bytes;
    if (whole > 0) {
        base::ByteString answer;
        answer.reserve(whole);
        base::append(answer, base::ByteView(stream.partial).first(stream.partial_bytes));
        auto const taken = whole - stream.partial_bytes;
        base::append(answer, bytes.first(taken));
        bytes = bytes.subspan(taken);
        stream.partial_bytes = 0;
        order(stream::Write{at->first, base::SharedBytes::take(std::move(answer))});
    }
    std::ranges::copy(bytes, stream.partial.begin() + static_cast<std::ptrdiff_t>(stream.partial_bytes));
    stream.partial_bytes += bytes.size();
}

void Reduction::on_answer(OutboundAt at, base::ByteView bytes) {
    auto& stream = at->second;
    if (bytes.empty()) return;
    // A late answer to what was abandoned is harmless once; what else comes unasked is not ours.
    auto const is_expected = stream.phase == Phase::awaiting || stream.phase == Phase::abandoned;
    auto const expected = base::ByteView(stream.sent).subspan(is_expected ? stream.received : block_bytes);
    auto const is_answer =
        bytes.size() <= expected.size() && base::equal(bytes, expected.first(bytes.size()));
    if (!is_answer) {
        order(stream::Reset{stream.channel});
        fail_all(at, Reason::wrong_answer);
        forget(at);
        return;
    }
    stream.received += bytes.size();
    if (stream.phase == Phase::awaiting && stream.received == block_bytes) complete(at);
}

void Reduction::complete(OutboundAt at) {
    auto& stream = at->second;
    out_.events.push_back(Pinged{at->first, stream.waiting.front(), env_.now - stream.sent_at});
    stream.waiting.pop_front();
    if (!stream.waiting.empty()) return send(at);
    stream.phase = Phase::idle;
    state_.timers.set(at->first, env_.now + state_.config.idle_time);
}

void Reduction::operator()(stream::Finished const& finished) {
    if (auto const at = state_.inbound.find(finished.channel); at != state_.inbound.end()) {
        order(stream::Finish{finished.channel});
        forget(at);
        return;
    }
    auto const pinged = state_.pinged.find(finished.channel);
    if (pinged == state_.pinged.end()) return;
    auto const at = state_.outbound.find(pinged->second);
    if (at->second.phase != Phase::abandoned) order(stream::Finish{finished.channel});
    fail_all(at, Reason::closed);
    forget(at);
}

void Reduction::operator()(stream::Closed const& closed) {
    if (auto const at = state_.inbound.find(closed.channel); at != state_.inbound.end()) return forget(at);
    auto const pinged = state_.pinged.find(closed.channel);
    auto const at = state_.outbound.find(pinged == state_.pinged.end() ? closed.peer : pinged->second);
    if (at == state_.outbound.end()) return;
    if (pinged == state_.pinged.end()) {
        // Of an Open that came to nothing, unless it is about a channel that we have left.
        if (at->second.channel || at->second.opened_for != closed.request) return;
        if (closed.reason == stream::CloseReason::complete) return;
    }
    fail_all(at, reason_of(closed.reason));
    forget(at);
}

void Reduction::operator()(Tick const&) {
    while (auto const peer = state_.timers.pop_due(env_.now)) on_timeout(state_.outbound.find(*peer));
}

void Reduction::on_timeout(OutboundAt at) {
    auto& stream = at->second;
    base::check(stream.phase != Phase::abandoned, "ping: a deadline of an abandoned stream");
    if (stream.channel) order(stream::Finish{stream.channel});
    if (stream.phase == Phase::idle) return forget(at);
    fail_all(at, Reason::timed_out);
    stream.phase = Phase::abandoned;
}

void Reduction::fail_all(OutboundAt at, Reason reason) {
    for (auto const request : at->second.waiting)
        out_.events.push_back(PingFailed{at->first, request, reason});
    at->second.waiting.clear();
}

void Reduction::forget(OutboundAt at) {
    state_.timers.cancel(at->first);
    state_.pinged.erase(at->second.channel);
    state_.outbound.erase(at);
}

void Reduction::forget(InboundAt at) {
    auto const count = state_.inbound_count.find(at->second.peer);
    if (--count->second == 0) state_.inbound_count.erase(count);
    state_.inbound.erase(at);
}

}  // namespace

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::not_supported: return "protocol not supported";
        case Reason::timed_out: return "timed out";
        case Reason::closed: return "stream closed";
        case Reason::wrong_answer: return "wrong answer";
        case Reason::not_answering: return "an earlier ping is unanswered";
        case Reason::too_many: return "too many pings at once";
    }
    return "?";
}

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    std::visit(Reduction(state, env, out), action);
}

base::Instant next_deadline(State const& state) {
    return state.timers.next().value_or(base::Instant::never());
}

void describe(State const& state, base::Describer& describer) {
    base::DescribeScope const scope(describer, "ping");
    for (auto const& [peer, stream] : state.outbound) {
        base::DescribeScope const entry(describer, "outbound", std::to_string(peer.value));
        describer.field("phase", to_string(stream.phase));
        describer.field("channel", stream.channel);
        describer.field("opened_for", stream.opened_for);
        for (auto const request : stream.waiting) describer.field("waiting", request);
        describer.field("sent_at", stream.sent_at);
        describer.bytes("sent", stream.sent);
        describer.field("received", stream.received);
    }
    for (auto const& [channel, stream] : state.inbound) {
        base::DescribeScope const entry(describer, "inbound", std::to_string(channel.value));
        describer.field("peer", stream.peer);
        describer.field("partial_bytes", stream.partial_bytes);
    }
    describer.field("next_deadline", next_deadline(state));
}

}  // namespace libp2p::ping
