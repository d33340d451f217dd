#include "libp2p/echo/echo_reduction.h"

#include <algorithm>
#include <string>

namespace libp2p::echo {

/// The oldest run that awaits this opening.
Reduction::RunAt Reduction::opening_of(PeerKey peer, RequestId request) {
    return std::ranges::find_if(state_.runs, [&](auto const& entry) {
        auto const& run = entry.second;
        return run.opening > 0 && run.peer == peer && run.request == request;
    });
}

void Reduction::operator()(stream::Opened const& opened) {
    if (state_.echoed.contains(opened.channel) || state_.channels.contains(opened.channel)) return;
    if (opened.direction == Direction::inbound) {
        on_opened_inbound(opened);
    } else {
        on_opened_outbound(opened);
    }
}

void Reduction::on_opened_inbound(stream::Opened const& opened) {
    if (state_.echoed.size() == state_.config.echoed_max) {
        order(stream::Reset{opened.channel});
        return;
    }
    state_.echoed.insert(opened.channel);
}

void Reduction::operator()(stream::Data const& data) {
    if (data.bytes.empty()) return;
    if (state_.echoed.contains(data.channel)) {
        order(stream::Write{data.channel, base::SharedBytes::copy_of(data.bytes)});
    } else if (auto const at = state_.channels.find(data.channel); at != state_.channels.end()) {
        on_answer(at, data.bytes);
    }
}

void Reduction::operator()(stream::Finished const& finished) {
    if (state_.echoed.erase(finished.channel) != 0) {
        order(stream::Finish{finished.channel});
    } else if (auto const at = state_.channels.find(finished.channel); at != state_.channels.end()) {
        on_answer_ended(at);
    }
}

void Reduction::operator()(stream::Writable const& writable) {
    if (auto const at = state_.channels.find(writable.channel); at != state_.channels.end())
        on_queue_sent(at);
}

void Reduction::operator()(stream::Closed const& closed) {
    if (state_.echoed.erase(closed.channel) != 0) return;
    if (auto const at = state_.channels.find(closed.channel); at != state_.channels.end()) {
        on_channel_closed(at, closed.reason);
    } else {
        on_open_failed(closed);
    }
}

void Reduction::operator()(Tick const&) {
    while (auto const run = state_.timers.pop_due(env_.now)) on_deadline(state_.runs.find(*run));
}

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::not_supported: return "protocol not supported";
        case Reason::timed_out: return "timed out";
        case Reason::closed: return "stream closed";
        case Reason::wrong_size: return "answer of another size";
        case Reason::invalid_request: return "numbers out of range";
        case Reason::too_many: return "too many runs at once";
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
    base::DescribeScope const scope(describer, "echo");
    for (auto const& [id, run] : state.runs) {
        base::DescribeScope const entry(describer, "run", std::to_string(id.value));
        describer.field("kind", to_string(run.kind));
        describer.field("peer", run.peer);
        describer.bytes("protocol", base::as_bytes(run.protocol));
        describer.field("request", run.request);
        describer.field("bytes", run.bytes);
        describer.field("to_open", run.to_open);
        describer.field("opening", run.opening);
        describer.field("to_answer", run.to_answer);
        describer.field("started", run.started);
        describer.field("progressed", run.progressed);
    }
    for (auto const& [id, channel] : state.channels) {
        base::DescribeScope const entry(describer, "channel", std::to_string(id.value));
        describer.field("run", channel.run);
        describer.field("sent", channel.sent);
        describer.field("received", channel.received);
        describer.field("queue_room", channel.queue_room);
        describer.field("finished", channel.finished);
        describer.field("done", channel.done);
    }
    for (auto const id : state.echoed) describer.field("echoed", id);
    describer.field("next_deadline", next_deadline(state));
}

}  // namespace libp2p::echo
