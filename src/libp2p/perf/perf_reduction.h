// The reducer's inside, shared by its parts.
#pragma once

#include "libp2p/perf/perf.h"

namespace libp2p::perf {

class Reduction {
public:
    Reduction(State& state, base::Env const& env, Out& out) : state_(state), env_(env), out_(out) {}

    void operator()(Start const& start);
    void operator()(stream::Opened const& opened);
    void operator()(stream::Data const& data);
    void operator()(stream::Finished const& finished);
    void operator()(stream::Writable const& writable);
    void operator()(stream::Closed const& closed);
    void operator()(Tick const&);

private:
    using TransferAt = std::map<TransferId, Transfer>::iterator;
    using ServedAt = std::map<ChannelId, Served>::iterator;

    void order(Effect effect) { out_.effects.push_back(std::move(effect)); }
    base::SharedBytes const& block();
    TransferAt transfer_of(ChannelId channel);
    TransferAt opening_of(PeerKey peer, RequestId request);

    // perf_client.cpp
    void on_opened_outbound(stream::Opened const& opened);
    void on_answer(TransferAt at, base::ByteView bytes);
    void on_answer_ended(TransferAt at);
    void on_queue_sent(TransferAt at);
    void on_transfer_closed(TransferAt at, stream::CloseReason reason);
    void on_transfer_deadline(TransferAt at);
    void upload(TransferAt at, std::uint64_t bytes);
    void start_downloading(Transfer& transfer);
    void fail(TransferAt at, Reason reason);
    void forget(TransferAt at);

    // perf_server.cpp
    void on_opened_inbound(stream::Opened const& opened);
    void on_upload(ServedAt at, base::ByteView bytes);
    void on_upload_ended(ServedAt at);
    void on_answer_sent(ServedAt at);
    void on_served_deadline(ServedAt at);
    void answer(ServedAt at, std::uint64_t bytes);
    void refuse(ServedAt at);
    void forget(ServedAt at);

    State& state_;
    base::Env const& env_;
    Out& out_;
};

}  // namespace libp2p::perf
