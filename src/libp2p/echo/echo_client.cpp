#include "libp2p/echo/echo_reduction.h"

#include <algorithm>

namespace libp2p::echo {
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

std::uint64_t warm_up_rounds(std::uint64_t rounds) { return std::min(warm_up_rounds_max, rounds); }

/// Of sorted times: the one below which the share of them lies, as the test peers compute it.
base::Duration percentile(std::vector<std::int64_t> const& times, std::uint64_t percent) {
    return base::Duration(times[std::min(times.size() - 1, times.size() * percent / 100)]);
}

/// One message per stream, whose end is the end of the message.
bool ends_with_message(Kind kind) { return kind == Kind::echo || kind == Kind::rate_of_streams; }

}  // namespace

void Reduction::operator()(Echo const& echo) {
    start({.kind = Kind::echo,
           .peer = echo.peer,
           .protocol = echo.protocol,
           .request = echo.request,
           .bytes = echo.bytes,
           .to_open = 1});
}

void Reduction::operator()(RoundTrips const& trips) {
    auto const& config = state_.config;
    auto const is_valid = trips.bytes > 0 && trips.bytes <= config.message_bytes_max && trips.rounds > 0 &&
                          trips.rounds <= config.rounds_max;
    if (!is_valid) return refuse(trips.peer, trips.request, Reason::invalid_request);
    auto const messages = warm_up_rounds(trips.rounds) + trips.rounds;
    start({.kind = Kind::round_trips,
           .peer = trips.peer,
           .protocol = trips.protocol,
           .request = trips.request,
           .bytes = trips.bytes,
           .quota = messages,
           .to_open = 1,
           .to_answer = messages,
           .requests = trips.rounds});
}

void Reduction::operator()(Rate const& rate) {
    auto const& config = state_.config;
    auto const streams = std::max<std::uint64_t>(1, rate.streams);
    auto const outstanding = std::max<std::uint64_t>(1, rate.outstanding);
    auto const share = rate.new_stream_each ? 1 : rate.requests / streams;
    auto const is_valid = rate.requests > 0 && rate.requests <= config.requests_max && share > 0 &&
                          rate.bytes <= config.message_bytes_max &&
                          (rate.new_stream_each || rate.bytes > 0) &&
                          (rate.new_stream_each ? outstanding : streams) <= config.streams_max;
    if (!is_valid) return refuse(rate.peer, rate.request, Reason::invalid_request);
    auto const messages = rate.new_stream_each ? rate.requests : share * streams;
    start({.kind = rate.new_stream_each ? Kind::rate_of_streams : Kind::rate,
           .peer = rate.peer,
           .protocol = rate.protocol,
           .request = rate.request,
           .bytes = rate.bytes,
           .quota = share,
           .window = rate.new_stream_each
                         ? 1
                         : std::clamp<std::uint64_t>(outstanding / streams, 1, config.window_max),
           .streams_at_a_time = rate.new_stream_each ? outstanding : streams,
           .to_open = rate.new_stream_each ? rate.requests : streams,
           .to_answer = messages,
           .requests = messages});
}

void Reduction::start(Run run) {
    if (state_.runs.size() == state_.config.runs_max) return refuse(run.peer, run.request, Reason::too_many);
    if (state_.pattern.empty()) state_.pattern = make_pattern();
    run.started = env_.now;
    run.progressed = env_.now;
    ++state_.last_run.value;
    auto& stored = state_.runs[state_.last_run] = std::move(run);
    state_.timers.set(state_.last_run, env_.now + state_.config.stall_time);
    open_streams(stored);
}

/// As many as may be open at a time, of those still to be opened.
void Reduction::open_streams(Run& run) {
    while (run.to_open > 0 && run.opening + run.open < run.streams_at_a_time) {
        --run.to_open;
        ++run.opening;
        order(stream::Open{run.peer, {run.protocol}, run.request});
    }
}

void Reduction::on_opened_outbound(stream::Opened const& opened) {
    auto const at = opening_of(opened.peer, opened.request);
    if (at == state_.runs.end()) {
        order(stream::Reset{opened.channel});  // of a run that has failed meanwhile
        return;
    }
    auto& run = at->second;
    --run.opening;
    ++run.open;
    run.progressed = env_.now;
    if (run.kind == Kind::echo) run.started = env_.now;
    run.channels.insert(opened.channel);
    auto const channel =
        state_.channels.emplace(opened.channel, Channel{.run = at->first, .since = env_.now}).first;
    write_messages(channel, run);
}

/// Writes what the window and the queue allow, message by message, as an application would.
void Reduction::write_messages(ChannelAt at, Run const& run) {
    auto& channel = at->second;
    auto const allowed = run.bytes * std::min(run.quota, channel.answered + run.window);
    while (channel.sent < allowed && channel.queue_room > 0) {
        auto const rest_of_message = run.bytes - channel.sent % run.bytes;
        auto const size = std::min({rest_of_message, channel.queue_room, std::uint64_t{slice_bytes_max}});
        auto bytes = pattern_at(state_.pattern, channel.sent, static_cast<std::size_t>(size));
        order(stream::Write{at->first, std::move(bytes)});
        channel.sent += size;
        channel.queue_room -= size;
    }
    if (ends_with_message(run.kind) && channel.sent == total_bytes(run)) finish(at);
}

void Reduction::finish(ChannelAt at) {
    if (at->second.finished) return;
    at->second.finished = true;
    order(stream::Finish{at->first});
}

void Reduction::on_answer(ChannelAt at, base::ByteView bytes) {
    auto& channel = at->second;
    auto const run = run_of(at);
    auto const is_too_much = bytes.size() > channel.sent - channel.received;
    if (run->second.kind == Kind::echo) {
        if (is_too_much || !is_pattern(state_.pattern, channel.received, bytes)) {
            reset_channels(run->second);
            end_echo(run, false);
            return;
        }
    } else if (is_too_much) {
        fail(run, Reason::wrong_size);
        return;
    }
    channel.received += bytes.size();
    // What has come back is no longer in the queue.
    auto const on_the_way = channel.sent - channel.received;
    if (on_the_way < queue_bytes_max)
        channel.queue_room = std::max(channel.queue_room, queue_bytes_max - on_the_way);
    run->second.progressed = env_.now;
    count_answers(at, run->second);
    if (run->second.kind == Kind::echo || channel.answered < run->second.quota) {
        write_messages(at, run->second);
    } else if (!ends_with_message(run->second.kind)) {
        complete_channel(at, run);
    }
}

void Reduction::count_answers(ChannelAt at, Run& run) {
    auto& channel = at->second;
    if (ends_with_message(run.kind)) return;  // their answers end with the stream
    auto const answered = channel.received / run.bytes;
    run.to_answer -= answered - channel.answered;
    for (; channel.answered < answered; ++channel.answered) {
        if (run.kind == Kind::round_trips) note_round_trip(channel, run);
    }
}

void Reduction::note_round_trip(Channel& channel, Run& run) {
    auto const warm_up = warm_up_rounds(run.requests);
    if (channel.answered >= warm_up) run.times.push_back((env_.now - channel.since).count());
    if (channel.answered + 1 == warm_up) run.started = env_.now;
    channel.since = env_.now;
}

void Reduction::on_answer_ended(ChannelAt at) {
    auto const& channel = at->second;
    if (channel.done) return;
    auto const run = run_of(at);
    auto const is_whole = channel.finished && channel.received == total_bytes(run->second);
    switch (run->second.kind) {
        case Kind::echo:
            if (!channel.finished) reset_channels(run->second);
            end_echo(run, is_whole);
            break;
        case Kind::rate_of_streams:
            if (!is_whole) return fail(run, Reason::wrong_size);
            --run->second.to_answer;
            run->second.progressed = env_.now;
            complete_channel(at, run);
            break;
        case Kind::round_trips:
        case Kind::rate: fail(run, Reason::closed); break;
    }
}

/// All of a stream is answered. It stays known until it is closed, so that its end is not taken for another's.
void Reduction::complete_channel(ChannelAt at, RunAt run) {
    finish(at);
    at->second.done = true;
    --run->second.open;
    if (run->second.to_answer == 0) return complete(run, result_of(run->second));
    open_streams(run->second);
}

void Reduction::on_queue_sent(ChannelAt at) {
    auto& channel = at->second;
    if (channel.done) return;
    channel.queue_room = std::max(channel.queue_room, refill_bytes);
    auto& run = run_of(at)->second;
    run.progressed = env_.now;
    if (!channel.finished) write_messages(at, run);
}

void Reduction::on_channel_closed(ChannelAt at, stream::CloseReason reason) {
    auto const run = run_of(at);
    auto const was_done = at->second.done;
    run->second.channels.erase(at->first);
    state_.channels.erase(at);
    if (!was_done) fail(run, reason_of(reason));
}

void Reduction::on_open_failed(stream::Closed const& closed) {
    // An opening that fails does not end in good order: that is a stream of a run already forgotten.
    if (closed.reason == stream::CloseReason::complete) return;
    auto const at = opening_of(closed.peer, closed.request);
    if (at != state_.runs.end()) fail(at, reason_of(closed.reason));
}

void Reduction::on_deadline(RunAt at) {
    auto const stalled_at = at->second.progressed + state_.config.stall_time;
    if (stalled_at <= env_.now) return fail(at, Reason::timed_out);
    state_.timers.set(at->first, stalled_at);
}

Event Reduction::result_of(Run& run) const {
    if (run.kind != Kind::round_trips)
        return RateMeasured{run.peer, run.request, run.requests, env_.now - run.started};
    std::ranges::sort(run.times);
    return RoundTripsDone{run.peer, run.request, percentile(run.times, 50), percentile(run.times, 99),
                          env_.now - run.started};
}

void Reduction::end_echo(RunAt at, bool same) {
    auto const& run = at->second;
    complete(at, Echoed{run.peer, run.request, same, env_.now - run.started});
}

void Reduction::complete(RunAt at, Event event) {
    out_.events.push_back(std::move(event));
    forget(at);
}

void Reduction::refuse(PeerKey peer, RequestId request, Reason reason) {
    out_.events.push_back(EchoFailed{peer, request, reason});
}

void Reduction::fail(RunAt at, Reason reason) {
    reset_channels(at->second);
    refuse(at->second.peer, at->second.request, reason);
    forget(at);
}

void Reduction::reset_channels(Run const& run) {
    for (auto const channel : run.channels) {
        if (!state_.channels.at(channel).done) order(stream::Reset{channel});
    }
}

void Reduction::forget(RunAt at) {
    for (auto const channel : at->second.channels) state_.channels.erase(channel);
    state_.timers.cancel(at->first);
    state_.runs.erase(at);
}

}  // namespace libp2p::echo
