// CrawlDriver: the crawl's machine above a swarm on an event loop. The node is nobody's: a new identity, it listens
// nowhere, says nothing of itself in the DHT, takes part in no gossip; what it keeps in memory ends with it.
#pragma once

#include "apps/host.h"
#include "libp2p/swarm/swarm.h"
#include "mina/crawl/crawl.h"
#include "mina/networks/networks.h"
#include "runtime/signals.h"

namespace apps {

struct CrawlSetup {
    mina::Network network;
    std::vector<libp2p::Multiaddr> seeds;
    std::size_t rate = 50;
    std::size_t parallel = 32;
    std::size_t peers_max = 100'000;
    base::Duration dial_timeout = std::chrono::seconds(5);
};

class CrawlDriver {
public:
    using OnEntry = std::function<void(mina::crawl::Entry const&)>;
    using OnSecond = std::function<void()>;

    /// `on_entry` is called once for each peer, `on_second` every second.
    CrawlDriver(CrawlSetup const& setup, OnEntry on_entry, OnSecond on_second);

    /// Returns how it ended: "finished", "timeout", "SIGINT", "SIGTERM", or as stop() says.
    std::string run(std::vector<mina::crawl::Entry> resumed, base::Duration time_max);
    /// Nobody else is visited.
    void stop(std::string why);

    mina::crawl::Counters const& counters() const { return state_.counters; }
    std::size_t visits() const { return state_.visits.size(); }
    std::size_t waiting() const { return state_.queue.size(); }
    base::Duration running() const { return loop_.now() - started_; }

private:
    void act(mina::crawl::Action const& action);
    void apply(mina::crawl::Connect const& connect);
    void apply(mina::crawl::Ping const& ping);
    void apply(mina::crawl::Ask const& ask);
    void apply(mina::crawl::HangUp const& hang_up);
    void on_event(libp2p::Event const& event);
    void arm();
    void every_second();

    OnEntry on_entry_;
    OnSecond on_second_;
    std::vector<libp2p::Multiaddr> seeds_;
    runtime::EventLoop loop_;
    base::NoTrace trace_;
    base::Rng rng_;
    libp2p::Swarm swarm_;
    Host host_;
    mina::crawl::State state_;
    base::Instant started_;
    std::string ended_;
    runtime::EventLoop::TimerId timer_;
    /// Of dials that have failed, until their request is answered. By peer, or by address when there is no id.
    std::map<std::pair<libp2p::PeerId, libp2p::Multiaddr>, libp2p::DisconnectReason> failures_;
    std::map<libp2p::PeerId, libp2p::Multiaddr> connected_at_;
};

}  // namespace apps
