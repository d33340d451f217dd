#include "libp2p/perf/perf_reduction.h"

#include "base/writer.h"

namespace libp2p::perf {
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

}  // namespace

void Reduction::operator()(Start const& start) {
    if (state_.transfers.size() == state_.config.transfers_max) {
        out_.events.push_back(Failed{start.peer, start.request, Reason::too_many});
        return;
    }
    ++state_.last_transfer.value;
    auto& transfer = state_.transfers[state_.last_transfer];
    transfer.peer = start.peer;
    transfer.request = start.request;
    transfer.up.left = start.up_bytes;
    transfer.down_bytes = start.down_bytes;
    transfer.progressed = env_.now;
    state_.timers.set({Timer::Kind::transfer, state_.last_transfer.value},
                      env_.now + state_.config.open_timeout);
    order(stream::Open{start.peer, {state_.config.protocol}, start.request});
}

void Reduction::on_opened_outbound(stream::Opened const& opened) {
    auto const at = opening_of(opened.peer, opened.request);
    if (at == state_.transfers.end()) {
        order(stream::Reset{opened.channel});  // of a transfer that has failed meanwhile
        return;
    }
    auto& transfer = at->second;
    transfer.channel = opened.channel;
    transfer.phase = Phase::uploading;
    transfer.started = env_.now;
    transfer.progressed = env_.now;
    state_.channels[opened.channel] = at->first;
    state_.timers.set({Timer::Kind::transfer, at->first.value}, env_.now + state_.config.stall_time);
    // spec: perf#protocol "how many bytes we want the server to send us as a single big-endian uint64 number"
    base::ByteString asked;
    base::append_u64_be(asked, transfer.down_bytes);
    order(stream::Write{opened.channel, base::SharedBytes::take(std::move(asked))});
    upload(at, queue_bytes_max);
}

void Reduction::upload(TransferAt at, std::uint64_t bytes) {
    auto& transfer = at->second;
    transfer.up.write(transfer.channel, bytes, block(), out_.effects);
    if (transfer.up.left > 0) return;
    transfer.phase = Phase::draining;
    order(stream::Finish{transfer.channel});
}

void Reduction::on_queue_sent(TransferAt at) {
    auto& transfer = at->second;
    transfer.progressed = env_.now;
    switch (transfer.phase) {
        case Phase::uploading: upload(at, block_bytes); break;
        case Phase::draining: start_downloading(transfer); break;
        case Phase::opening:
        case Phase::downloading: break;
    }
}

void Reduction::start_downloading(Transfer& transfer) {
    transfer.phase = Phase::downloading;
    transfer.uploaded = env_.now;
}

void Reduction::on_answer(TransferAt at, base::ByteView bytes) {
    auto& transfer = at->second;
    transfer.progressed = env_.now;
    if (bytes.size() > transfer.down_bytes - transfer.received) {
        order(stream::Reset{transfer.channel});
        fail(at, Reason::answer_too_long);
        return;
    }
    transfer.received += bytes.size();
    if (transfer.phase == Phase::draining) start_downloading(transfer);
}

void Reduction::on_answer_ended(TransferAt at) {
    auto& transfer = at->second;
    if (transfer.phase == Phase::uploading || transfer.received != transfer.down_bytes) {
        order(stream::Reset{transfer.channel});
        fail(at, Reason::answer_too_short);
        return;
    }
    if (transfer.phase == Phase::draining) start_downloading(transfer);
    out_.events.push_back(Done{transfer.peer, transfer.request, transfer.uploaded - transfer.started,
                               env_.now - transfer.uploaded, env_.now - transfer.started, transfer.up.written,
                               transfer.received});
    forget(at);
}

void Reduction::on_transfer_closed(TransferAt at, stream::CloseReason reason) { fail(at, reason_of(reason)); }

void Reduction::on_transfer_deadline(TransferAt at) {
    auto& transfer = at->second;
    if (transfer.phase != Phase::opening) {
        auto const stalled_at = transfer.progressed + state_.config.stall_time;
        if (stalled_at > env_.now) {
            state_.timers.set({Timer::Kind::transfer, at->first.value}, stalled_at);
            return;
        }
        order(stream::Reset{transfer.channel});
    }
    fail(at, Reason::timed_out);
}

void Reduction::fail(TransferAt at, Reason reason) {
    out_.events.push_back(Failed{at->second.peer, at->second.request, reason});
    forget(at);
}

void Reduction::forget(TransferAt at) {
    state_.timers.cancel({Timer::Kind::transfer, at->first.value});
    state_.channels.erase(at->second.channel);
    state_.transfers.erase(at);
}

}  // namespace libp2p::perf
