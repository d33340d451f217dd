// The reducer's inside, shared by its parts.
#pragma once

#include "libp2p/echo/echo.h"

#include <optional>

namespace libp2p::echo {

class Reduction {
public:
    Reduction(State& state, base::Env const& env, Out& out) : state_(state), env_(env), out_(out) {}

    void operator()(Echo const& echo);
    void operator()(RoundTrips const& trips);
    void operator()(Rate const& rate);
    void operator()(stream::Opened const& opened);
    void operator()(stream::Data const& data);
    void operator()(stream::Finished const& finished);
    void operator()(stream::Writable const& writable);
    void operator()(stream::Closed const& closed);
    void operator()(Tick const&);

private:
    using RunAt = std::map<RunId, Run>::iterator;
    using ChannelAt = std::map<ChannelId, Channel>::iterator;

    void order(Effect effect) { out_.effects.push_back(std::move(effect)); }
    RunAt run_of(ChannelAt at) { return state_.runs.find(at->second.run); }
    RunAt opening_of(PeerKey peer, RequestId request);
    std::uint64_t total_bytes(Run const& run) const { return run.bytes * run.quota; }

    // echo_reducer.cpp
    void on_opened_inbound(stream::Opened const& opened);

    // echo_client.cpp
    void on_opened_outbound(stream::Opened const& opened);
    void on_answer(ChannelAt at, base::ByteView bytes);
    void on_answer_ended(ChannelAt at);
    void on_queue_sent(ChannelAt at);
    void on_channel_closed(ChannelAt at, stream::CloseReason reason);
    void on_open_failed(stream::Closed const& closed);
    void on_deadline(RunAt at);
    void start(Run run);
    void open_streams(Run& run);
    void write_messages(ChannelAt at, Run const& run);
    void count_answers(ChannelAt at, Run& run);
    void note_round_trip(Channel& channel, Run& run);
    void finish(ChannelAt at);
    void complete_channel(ChannelAt at, RunAt run);
    void complete(RunAt at, Event event);
    void refuse(PeerKey peer, RequestId request, Reason reason);
    void end_echo(RunAt at, bool same);
    void fail(RunAt at, Reason reason);
    void reset_channels(Run const& run);
    void forget(RunAt at);
    Event result_of(Run& run) const;

    State& state_;
    base::Env const& env_;
    Out& out_;
};

}  // namespace libp2p::echo
