// Runtime::Driver: the links of a node, and the steps of its core. For this folder's own use.
#pragma once

#include "runtime/acceptor.h"
#include "runtime/link.h"
#include "runtime/resolver.h"
#include "runtime/runtime.h"

#include <deque>
#include <unordered_map>

namespace runtime {

class Runtime::Driver final : public Participant {
public:
    Driver(EventLoop& loop, libp2p::Core& core, Application& application,
           std::vector<Listener> listeners, Options options);
    ~Driver() override;

    void post(libp2p::Command command);
    std::vector<libp2p::SocketAddress> const& listening() const { return listening_; }
    Counters const& counters();
    std::size_t links() const { return links_.size(); }

    base::Instant deadline() const override;
    void finish_turn() override;
    bool busy() const override { return closing_links_ > 0; }

private:
    // driver.cpp: steps and effects
    void step(libp2p::Input const& input);
    void apply(libp2p::Dial const& dial);
    void apply(libp2p::Transmit const& transmit);
    void apply(libp2p::SetReading const& order);
    void apply(libp2p::Close const& close);
    void apply(libp2p::Resolve const& resolve);
    void apply(libp2p::Store const& store);
    void apply(libp2p::Deliver const& deliver);
    void apply(libp2p::Reply const& reply);
    void take_inbox();
    void tell_settled();
    void tell_written();

    // driver_links.cpp: sockets
    void accepted(Fd socket, libp2p::SocketAddress const& local,
                  libp2p::SocketAddress const& remote);
    void begin_dial(Link& link, bool from_listen_port);
    void on_ready(Link& link, Ready ready);
    void on_connected(Link& link);
    void receive(Link& link);
    void discard(Link& link);
    void lose(Link& link, int error);
    void queue_to_flush(Link& link);
    void flush_all();
    void flush_one(Link& link);
    void finish_closing(Link& link);
    void end_overdue_closings();
    void watch(Link& link);
    void forget(Link& link);
    Link* find(libp2p::LinkId id);
    Link* find_live(libp2p::LinkId id);

    EventLoop& loop_;
    libp2p::Core& core_;
    Application& application_;
    Options const options_;
    Acceptor acceptor_;
    Resolver resolver_;
    std::vector<libp2p::SocketAddress> listening_;
    Counters counters_;

    std::unordered_map<libp2p::LinkId, Link> links_;
    std::uint64_t next_accepted_ = 1;  // odd numbers
    std::size_t closing_links_ = 0;
    struct Closing {
        base::Instant end;
        libp2p::LinkId link;
    };
    std::deque<Closing> closings_;  // in the order of their ends: all take as long

    // What is to be done by the end of this turn. Each has a twin, so that work made meanwhile
    // waits for the next.
    std::vector<libp2p::Input> inbox_;
    std::vector<libp2p::Input> inbox_batch_;
    std::vector<libp2p::LinkId> settled_;
    std::vector<libp2p::LinkId> settled_batch_;
    std::vector<libp2p::LinkId> to_flush_;
    std::vector<libp2p::LinkId> flush_batch_;
    bool stepping_ = false;
};

}  // namespace runtime
