// The reducer's inside, shared by its parts.
#pragma once

#include "mina/messages/rpc_message.h"
#include "mina/rpc/rpc.h"

namespace mina::rpc {

class Reduction {
public:
    Reduction(State& state, base::Env const& env, Out& out) : state_(state), env_(env), out_(out) {}

    void operator()(PeerSeen const& seen);
    void operator()(PeerReady const& ready);
    void operator()(PeerGone const& gone);
    void operator()(Ask const& ask);
    void operator()(Cancel const& cancel);
    void operator()(Pause const& pause);
    void operator()(Answer const& answer);
    void operator()(stream::Opened const& opened);
    void operator()(stream::Data const& data);
    void operator()(stream::Finished const& finished);
    void operator()(stream::Writable const& writable);
    void operator()(stream::Closed const& closed);
    void operator()(Tick const&);

private:
    using StreamAt = std::map<ChannelId, Stream>::iterator;
    /// How an ask stands that waits: with which version it may go, or why it may not.
    struct Choice {
        std::optional<std::int64_t> version;
        std::optional<Reason> failure;
    };

    void order(Effect effect) { out_.effects.push_back(std::move(effect)); }
    void report(Event event) { out_.events.push_back(std::move(event)); }
    Peer& peer_at(PeerKey key);
    Peer& peer_or_new(PeerKey key);
    void erase_peer(PeerKey key);

    // rpc_streams.cpp
    void on_opened_inbound(stream::Opened const& opened);
    void on_opened_outbound(stream::Opened const& opened);
    void on_open_failed(PeerKey key, stream::CloseReason reason);
    void start(stream::Opened const& opened);
    void shut(ChannelId channel, Dialect dialect);
    void end(StreamAt at, Reason reason);
    void end_for(StreamAt at, Fault fault);
    void forget(StreamAt at, Reason reason);
    void arm(ChannelId channel, Stream const& stream);
    /// For when a deadline has come up, and those that were there stand, or are later.
    void arm_by(ChannelId channel, base::Instant at);
    base::Instant deadline_of(Stream const& stream) const;
    void on_stream_deadline(StreamAt at);
    std::optional<Fault> fault_of_time(Stream const& stream) const;
    bool is_idle(Stream const& stream) const;
    bool is_answered(Stream const& stream) const;
    bool make_room_for_inbound(Peer const& peer);

    // rpc_reading.cpp
    void on_frame(StreamAt at, Frame const& frame);
    void on_handshake(StreamAt at, Handshake const& handshake);
    void on_whole(StreamAt at, Whole const& whole);
    void on_heartbeat(StreamAt at);

    // rpc_asking.cpp
    std::optional<Reason> refusal_of(Peer const& peer, Ask const& ask, std::optional<std::uint32_t> cost) const;
    Choice choose(Peer const& peer, WaitingAsk const& ask) const;
    void ask_menu(Peer& peer);
    void pump(PeerKey key);
    StreamAt free_stream(Peer const& peer, Method method);
    void send(StreamAt at, WaitingAsk const& ask, std::int64_t version);
    void open_streams(PeerKey key, Peer& peer, std::size_t wanted);
    void expire_waiting(PeerKey key, Peer& peer);
    void arm_peer(PeerKey key, Peer& peer);
    void fail(PeerKey key, RequestId request, Reason reason);
    void fail_waiting(PeerKey key, Peer& peer, Reason reason);
    void lose_menu(PeerKey key, Peer& peer);
    void on_answer_head(StreamAt at, AnswerHead const& head);
    void on_answer_part(StreamAt at, AnswerPart const& part);
    void on_answer_end(StreamAt at);
    void on_error_answer(StreamAt at, messages::RpcResponse const& response);
    bool take_menu(StreamAt at);
    void on_ask_done(StreamAt at);
    StreamAt stream_of(RequestId request, std::map<std::int64_t, SentAsk>::iterator& ask);
    void hold_or_release(StreamAt at);
    void on_overdue_asks(StreamAt at);

    // rpc_answering.cpp
    void on_query(StreamAt at, messages::RpcQuery const& query);
    void on_known_query(StreamAt at, messages::RpcQuery const& query, Method method);
    void answer_menu(StreamAt at, std::int64_t id);
    void answer_error(StreamAt at, base::SharedBytes frame);
    void answer_none(StreamAt at, Question const& question);
    void refuse(StreamAt at, std::int64_t id, std::optional<Method> method, base::SharedBytes error);
    void answer_payload(StreamAt at, Question const& question, std::vector<base::SharedBytes> pieces);
    bool serves(Method method, std::int64_t version) const;
    void on_question_deadline(QuestionId id);
    Question take_question(std::map<QuestionId, Question>::iterator at);

    // rpc_writing.cpp
    void enqueue(StreamAt at, OutgoingFrame frame);
    void write(StreamAt at);
    void write_next(ChannelId channel, Stream& stream, Peer& peer);
    void write_heartbeat(ChannelId channel, Stream& stream);
    bool is_between_frames(Stream const& stream) const;
    void close_if_done(StreamAt at);

    // rpc_accounts.cpp
    Account& account_of(PeerKey key);
    Budget& budget_in(Account& account, Method method);
    Budget& budget_out(PeerKey key, Method method);
    std::optional<Fault> charge(PeerKey key, Peer const& peer, Method method, std::uint32_t cost);
    void use_host(Peer& peer, HostId host);
    void fault(PeerKey key, Fault what);

    State& state_;
    base::Env const& env_;
    Out& out_;
};

}  // namespace mina::rpc
