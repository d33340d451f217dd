// Crowd: many small nodes in this process, each with an identity of its own, that dial one address.
#pragma once

#include "apps/control.h"
#include "libp2p/swarm/swarm.h"

#include <memory>
#include <vector>

namespace peer {

class Crowd {
public:
    Crowd(runtime::EventLoop& loop, libp2p::Config like) : loop_(loop), like_(std::move(like)) {}

    /// n connections to identify done, at most `inflight` at once; each is closed when it is done, unless `keep`.
    void connect(libp2p::Multiaddr const& to, std::uint64_t n, std::uint64_t inflight, bool keep,
                 apps::Control::Finish finish);
    std::uint64_t drop();

private:
    struct Member;
    struct Run;
    std::shared_ptr<Member> make_member();
    void start_more(std::shared_ptr<Run> const& run);
    void ended(std::shared_ptr<Run> const& run, std::shared_ptr<Member> const& member, bool ok);

    runtime::EventLoop& loop_;
    libp2p::Config like_;
    base::NoTrace trace_;
    std::vector<std::shared_ptr<Member>> kept_;
};

}  // namespace peer
