// Node::Impl: a core on an event loop, with what is under way. Events and the ends of orders wait in one queue, in
// their order, until the turn that brought them is over; so the application is called from the top of the stack, and
// what it throws passes through nothing of ours. What a throw has left over is delivered before the loop turns again:
// one turn's worth, and what the application's own orders come to, is all that ever waits.
//
//   node.cpp        the class of the public header: each function goes to the one here of the same name
//   node_impl.cpp   life: turns, deliveries, the end         orders.cpp  peers and gossip
//   calls.cpp       calls and answers                        events.cpp  what the core tells
//   setup.h  queries.h  gossip_value.h  convert.h            messages.cpp  <minap2p/messages.h>
#pragma once

#include "node/convert.h"
#include "node/queries.h"
#include "node/setup.h"
#include "runtime/runtime.h"

#include <minap2p/node.h>

#include <deque>
#include <map>

namespace mina::p2p {

class Node::Impl final : public runtime::Application, public runtime::Participant {
public:
    Impl(Setup setup, OnEvent on_event);
    ~Impl() override;
    Impl(Impl const&) = delete;
    Impl& operator=(Impl const&) = delete;

    // node_impl.cpp
    void turn(base::Duration wait_max);
    void stop() const noexcept;
    bool has_stopped() const { return has_stopped_; }
    int poll_fd();
    Status status() const;
    std::vector<PeerInfo> peers() const;
    messages::Format format() const;

    // orders.cpp
    void connect(std::string const& address, OnConnect on_done, ConnectOptions const& options);
    void disconnect(PeerId const& peer, OnDone on_done);
    void put_rule(std::string const& subject, libp2p::RuleKind kind, std::optional<std::chrono::seconds> time,
                  std::string const& reason, OnDone on_done);
    void drop_rule(std::string const& subject, libp2p::RuleKind kind, OnDone on_done);
    void broadcast(messages::GossipKind kind, Bytes const& value, OnBroadcast on_done, BroadcastOptions const& options);
    void give_verdict(MessageId message, Verdict verdict);

    // calls.cpp
    CallId call(PeerId const& peer, Method method, Query query, OnAnswer on_answer, CallOptions const& options);
    void cancel(CallId call);
    void pause(CallId call, bool is_paused);
    void answer(QuestionId question, libp2p::AnswerBody with);
    /// That queries are written in.
    messages::Format call_format() const { return component_->rpc().config.format; }

    // Application
    void on_event(libp2p::Event const& event) override;
    void on_reply(libp2p::Reply const& reply) override;
    // Participant
    base::Instant deadline() const override;
    void finish_turn() override {}

private:
    using Answer = base::Result<libp2p::ReplyValue, std::string>;
    using OnReply = std::function<void(Answer const&)>;
    using Deliverable = std::variant<Event, std::function<void()>>;

    /// A call of ours that is under way.
    struct Call {
        OnAnswer on_answer;  // empty: the answer is told as events
        std::vector<std::uint8_t> collected;
        std::size_t bytes_max = 0;
        std::optional<CallFailure> failure;  // of our own making, told in place of the core's
    };

    // node_impl.cpp
    void tell(Event event) { deliverables_.emplace_back(std::move(event)); }
    void later(std::function<void()> what);
    void deliver();
    void begin_stopping();
    void part(base::Instant until);
    void finish_stopping();
    void tell_store_warnings();

    // orders.cpp
    libp2p::RequestId next_request() { return {++last_request_}; }
    void order(libp2p::CommandBody body);
    /// `on_reply` is called within the reply: it only queues.
    void ask(libp2p::CommandBody body, OnReply on_reply);
    void order_done(libp2p::CommandBody body, OnDone on_done);
    void publish(std::string topic, base::SharedBytes message, OnBroadcast on_done, base::Instant until);

    // events.cpp
    void on(libp2p::event::MessageReceived const& message);
    void on(libp2p::event::MessageRefused const& message);
    void on(libp2p::event::Connected const& fact);
    void on(libp2p::event::Disconnected const& fact);
    void on(libp2p::event::ConnectionFailed const& fact);
    void on(libp2p::event::Identified const& fact);
    void on(libp2p::event::Banned const& fact);
    void on(libp2p::event::Misbehaved const& fact);
    void on(libp2p::event::AnswerBegun const& fact);
    void on(libp2p::event::AnswerPart const& fact);
    void on(libp2p::event::QuestionReceived const& fact);
    void on(libp2p::event::QuestionDropped const& fact);
    void on(libp2p::event::MenuReceived const& fact);
    void on(libp2p::event::Warning const& fact) { tell(event::Warning{fact.text}); }
    void on(auto const&) {}  // of the component's own affairs

    // calls.cpp
    void end_call(CallId id, std::optional<CallError> error);
    void on_call_reply(CallId id, Answer const& answer);

    OnEvent on_event_;
    runtime::EventLoop loop_;
    base::NoTrace trace_;
    std::unique_ptr<runtime::PeerStore> store_;
    std::unique_ptr<P2pComponent> component_;
    std::unique_ptr<runtime::Runtime> runtime_;  // none once the node has stopped
    runtime::Fd wake_;                           // an eventfd: stop() writes it
    std::deque<Deliverable> deliverables_;
    std::size_t overdue_ = 0;  // of them, the first: their turn is over, and something has thrown
    std::map<libp2p::RequestId, OnReply> waiting_;
    std::map<libp2p::RequestId, Call> calls_;
    std::uint64_t last_request_ = 0;
    bool is_turning_ = false;
    bool is_stopping_ = false;
    bool is_saying_goodbye_ = false;
    bool is_parted_ = false;   // it is time, whoever is still there
    bool has_stopped_ = false;
};

}  // namespace mina::p2p
