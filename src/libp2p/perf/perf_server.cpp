#include "libp2p/perf/perf_reduction.h"

#include "base/reader.h"

#include <algorithm>

namespace libp2p::perf {

void Reduction::on_opened_inbound(stream::Opened const& opened) {
    if (state_.served.size() == state_.config.served_max) {
        order(stream::Reset{opened.channel});
        return;
    }
    auto& served = state_.served[opened.channel];
    served.peer = opened.peer;
    served.progressed = env_.now;
    state_.timers.set({Timer::Kind::served, opened.channel.value}, env_.now + state_.config.stall_time);
}

void Reduction::on_upload(ServedAt at, base::ByteView bytes) {
    auto& served = at->second;
    served.progressed = env_.now;
    auto const taken = std::min(bytes.size(), served.asked.size() - served.asked_bytes);
    std::ranges::copy(bytes.first(taken),
                      served.asked.begin() + static_cast<std::ptrdiff_t>(served.asked_bytes));
    served.asked_bytes += taken;
    served.received += bytes.size() - taken;
    state_.served_received += bytes.size() - taken;
}

void Reduction::on_upload_ended(ServedAt at) {
    auto& served = at->second;
    if (served.asked_bytes < served.asked.size()) return refuse(at);
    served.progressed = env_.now;
    served.answering = true;
    // spec: perf#protocol "Zero is a valid number, so is the max uint64 value"
    served.down.left = base::Reader(served.asked).u64_be();
    answer(at, queue_bytes_max);
}

void Reduction::on_answer_sent(ServedAt at) {
    at->second.progressed = env_.now;
    if (at->second.answering) answer(at, block_bytes);
}

void Reduction::answer(ServedAt at, std::uint64_t bytes) {
    auto const before = at->second.down.written;
    at->second.down.write(at->first, bytes, block(), out_.effects);
    state_.served_sent += at->second.down.written - before;
    if (at->second.down.left > 0) return;
    order(stream::Finish{at->first});
    forget(at);
}

void Reduction::on_served_deadline(ServedAt at) {
    auto const stalled_at = at->second.progressed + state_.config.stall_time;
    if (stalled_at <= env_.now) return refuse(at);
    state_.timers.set({Timer::Kind::served, at->first.value}, stalled_at);
}

void Reduction::refuse(ServedAt at) {
    order(stream::Reset{at->first});
    forget(at);
}

void Reduction::forget(ServedAt at) {
    state_.timers.cancel({Timer::Kind::served, at->first.value});
    state_.served.erase(at);
}

}  // namespace libp2p::perf
