// Resolver: looks up names for a core, without ever waiting. Numeric addresses and /etc/hosts
// answer too.
//
// Limits: 5 s a lookup (then it has failed), 64 addresses or texts an answer, 256 lookups at a time
// (one more fails at once). The channel to the servers is made anew whenever a lookup begins and
// none is under way: so an idle node holds no sockets for it, and a changed /etc/resolv.conf is
// seen.
#pragma once

#include "libp2p/swarm/core.h"
#include "runtime/event_loop.h"

#include <functional>
#include <memory>

namespace runtime {

class Resolver {
public:
    static constexpr base::Duration lookup_time_max = std::chrono::seconds(5);
    static constexpr std::size_t lookups_max = 256;
    static constexpr std::size_t answers_max = 64;

    using OnResolved = std::move_only_function<void(libp2p::Resolved)>;

    /// `servers`: "IP:PORT,…" in place of those of /etc/resolv.conf; empty means those.
    /// `on_resolved` may be called within resolve(), is called exactly once for each unless the
    /// resolver goes first, and must not itself call resolve().
    Resolver(EventLoop& loop, std::string servers, OnResolved on_resolved);
    ~Resolver();
    Resolver(Resolver const&) = delete;
    Resolver& operator=(Resolver const&) = delete;

    void resolve(libp2p::Resolve const& order);

private:
    class Channel;

    EventLoop& loop_;
    std::string servers_;
    OnResolved on_resolved_;
    std::unique_ptr<Channel> channel_;
};

}  // namespace runtime
