// runtime: drives a libp2p::Core with sockets, timers and DNS; everything a program needs of Linux.
//
//   listener.h  bound sockets           event_loop.h  epoll, timers, an application's descriptors
//   signals.h   SIGINT and SIGTERM      resolver.h    DNS without waiting
//   entropy.h   seeds                   clock.h       the two clocks
//   files.h     reading, atomic writing key_file.h    identity keys
//   process.h   memory and CPU time
//
// Use:
//   EventLoop loop;
//   Runtime node(loop, core, application, std::move(listeners));
//   Signals signals(loop, [&](int) { node.post({id, command::Shutdown{}}); });
//   node.post({id, command::Connect{...}});
//   loop.run();
//
// A turn of the loop:
//   ready links            recv, at most once each     -> step(Received)
//   commands, DNS answers, a deadline that has come    -> step(...)
//   links with something to write, one sendmsg each
//   what the kernel took                               -> step(Written)
//
// Rules. One thread. A step is never made within a step: what an application orders in a callback
// waits in a queue. Every link is served once a turn, so that none starves another. No input about
// a link follows the core's Close of it. Bytes are received into one buffer of the loop, and sent
// straight from the core's shared bytes.
//
// Limits: 64 connections accepted a turn and listener; 256 KiB read a turn and link; 64 slices
// written a turn and link. Out of descriptors: connections are accepted and closed with a spare
// one, then accepting rests for 100 ms. What is queued to be sent is bounded by the core's send
// credit, which only Written gives back.
#pragma once

#include "libp2p/swarm/core.h"
#include "runtime/event_loop.h"
#include "runtime/listener.h"

#include <memory>
#include <vector>

namespace runtime {

/// Hears what the core tells. Called after the step, in the order of the effects; may post() and
/// use the loop.
class Application {
public:
    virtual ~Application() = default;
    virtual void on_event(libp2p::Event const& event) = 0;
    virtual void on_reply(libp2p::Reply const& reply) = 0;
};

/// Keeps what a node remembers over restarts (peer_store/peer_store.h). It never makes the loop wait.
class Keeper {
public:
    virtual ~Keeper() = default;
    /// Once, before the first order.
    virtual libp2p::Stored load(base::Instant now) = 0;
    virtual void apply(libp2p::StoreOrder order) = 0;
};

struct Options {
    std::string dns_servers;  // "IP:PORT,…" in place of those of /etc/resolv.conf
    int socket_buffer_bytes =
        0;  // of each socket, both ways; 0: the kernel's, which grow as needed
    Keeper* keeper = nullptr;  // outlives the runtime; null: nothing is remembered
};

/// Sums since the start, for metrics.
struct Counters {
    std::uint64_t steps = 0;
    std::uint64_t accepted = 0;
    std::uint64_t turned_away = 0;  // for want of descriptors
    std::uint64_t dialed = 0;  // with success
    std::uint64_t dial_failures = 0;
    std::uint64_t receives = 0;  // system calls that brought bytes
    std::uint64_t received_bytes = 0;
    std::uint64_t sends = 0;  // system calls that took bytes
    std::uint64_t sent_bytes = 0;
};

class Runtime {
public:
    /// Start is the first input, in the loop's next turn. All references must outlive this object.
    Runtime(EventLoop& loop, libp2p::Core& core, Application& application,
            std::vector<Listener> listeners, Options options = {});
    /// Closes all links at once. To part politely, post command::Shutdown and stop the loop when it
    /// is answered.
    ~Runtime();
    Runtime(Runtime const&) = delete;
    Runtime& operator=(Runtime const&) = delete;

    /// Queues an order for the core: it gets it in this turn, or in the next when called back by
    /// the core. The queue has no bound of its own: an application does not outrun itself.
    void post(libp2p::Command command);

    std::vector<libp2p::SocketAddress> const& listening() const;
    Counters const& counters() const;
    /// Links that exist, with those that are being closed.
    std::size_t links() const;

private:
    class Driver;
    std::unique_ptr<Driver> driver_;
};

}  // namespace runtime
