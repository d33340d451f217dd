#include "libp2p/perf/perf_reduction.h"

#include <algorithm>
#include <string>

namespace libp2p::perf {

base::SharedBytes const& Reduction::block() {
    if (state_.block.empty()) state_.block = make_block();
    return state_.block;
}

Reduction::TransferAt Reduction::transfer_of(ChannelId channel) {
    auto const found = state_.channels.find(channel);
    return found == state_.channels.end() ? state_.transfers.end() : state_.transfers.find(found->second);
}

/// The oldest transfer that awaits this opening.
Reduction::TransferAt Reduction::opening_of(PeerKey peer, RequestId request) {
    return std::ranges::find_if(state_.transfers, [&](auto const& entry) {
        auto const& transfer = entry.second;
        return transfer.phase == Phase::opening && transfer.peer == peer && transfer.request == request;
    });
}

void Reduction::operator()(stream::Opened const& opened) {
    if (state_.served.contains(opened.channel) || state_.channels.contains(opened.channel)) return;
    if (opened.direction == Direction::inbound) {
        on_opened_inbound(opened);
    } else {
        on_opened_outbound(opened);
    }
}

void Reduction::operator()(stream::Data const& data) {
    if (auto const served = state_.served.find(data.channel); served != state_.served.end()) {
        on_upload(served, data.bytes);
    } else if (auto const transfer = transfer_of(data.channel); transfer != state_.transfers.end()) {
        on_answer(transfer, data.bytes);
    }
}

void Reduction::operator()(stream::Finished const& finished) {
    if (auto const served = state_.served.find(finished.channel); served != state_.served.end()) {
        on_upload_ended(served);
    } else if (auto const transfer = transfer_of(finished.channel); transfer != state_.transfers.end()) {
        on_answer_ended(transfer);
    }
}

void Reduction::operator()(stream::Writable const& writable) {
    if (auto const served = state_.served.find(writable.channel); served != state_.served.end()) {
        on_answer_sent(served);
    } else if (auto const transfer = transfer_of(writable.channel); transfer != state_.transfers.end()) {
        on_queue_sent(transfer);
    }
}

void Reduction::operator()(stream::Closed const& closed) {
    if (auto const served = state_.served.find(closed.channel); served != state_.served.end()) {
        forget(served);
        return;
    }
    auto transfer = transfer_of(closed.channel);
    // An opening that fails does not end in good order: that is a stream of a transfer already forgotten.
    if (transfer == state_.transfers.end() && closed.reason == stream::CloseReason::complete) return;
    if (transfer == state_.transfers.end()) transfer = opening_of(closed.peer, closed.request);
    if (transfer != state_.transfers.end()) on_transfer_closed(transfer, closed.reason);
}

void Reduction::operator()(Tick const&) {
    while (auto const timer = state_.timers.pop_due(env_.now)) {
        switch (timer->kind) {
            case Timer::Kind::transfer:
                on_transfer_deadline(state_.transfers.find(TransferId{timer->id}));
                break;
            case Timer::Kind::served: on_served_deadline(state_.served.find(ChannelId{timer->id})); break;
        }
    }
}

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::not_supported: return "protocol not supported";
        case Reason::timed_out: return "timed out";
        case Reason::closed: return "stream closed";
        case Reason::answer_too_short: return "answer too short";
        case Reason::answer_too_long: return "answer too long";
        case Reason::too_many: return "too many transfers at once";
    }
    return "?";
}

void reduce(State& state, Action const& action, base::Env const& env, Out& out) {
    std::visit(Reduction(state, env, out), action);
}

base::Instant next_deadline(State const& state) {
    return state.timers.next().value_or(base::Instant::never());
}

std::optional<Progress> progress(State const& state, RequestId request) {
    std::optional<Progress> sum;
    for (auto const& [id, transfer] : state.transfers) {
        if (transfer.request != request) continue;
        if (!sum) sum = Progress{.started = base::Instant::never()};
        sum->started = std::min(sum->started, transfer.started);
        sum->written_bytes += transfer.up.written;
        sum->received_bytes += transfer.received;
    }
    return sum;
}

void describe(State const& state, base::Describer& describer) {
    base::DescribeScope const scope(describer, "perf");
    for (auto const& [id, transfer] : state.transfers) {
        base::DescribeScope const entry(describer, "transfer", std::to_string(id.value));
        describer.field("peer", transfer.peer);
        describer.field("request", transfer.request);
        describer.field("phase", to_string(transfer.phase));
        describer.field("channel", transfer.channel);
        describer.field("up_left", transfer.up.left);
        describer.field("up_written", transfer.up.written);
        describer.field("down_bytes", transfer.down_bytes);
        describer.field("received", transfer.received);
        describer.field("started", transfer.started);
        describer.field("progressed", transfer.progressed);
    }
    for (auto const& [channel, served] : state.served) {
        base::DescribeScope const entry(describer, "served", std::to_string(channel.value));
        describer.field("peer", served.peer);
        describer.bytes("asked", served.asked);
        describer.field("asked_bytes", served.asked_bytes);
        describer.field("received", served.received);
        describer.field("answering", served.answering);
        describer.field("down_left", served.down.left);
        describer.field("progressed", served.progressed);
    }
    describer.field("next_deadline", next_deadline(state));
}

}  // namespace libp2p::perf
