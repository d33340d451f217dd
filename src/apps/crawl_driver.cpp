#include "apps/crawl_driver.h"

#include "mina/p2p/component.h"
#include "runtime/entropy.h"

#include <csignal>

namespace apps {

namespace crawl = mina::crawl;

namespace {

libp2p::Config node_config(CrawlSetup const& setup) {
    auto config = mina::p2p::swarm_config(setup.network);
    config.identity = crypto::PrivateKey::ed25519_from_seed(runtime::random_seed());
    config.seed = runtime::random_seed();
    config.gossip_enabled = false;
    config.dial_from_listen_port = false;
    config.simultaneous_open = false;
    config.timeouts.dial = setup.dial_timeout;
    // Visits that have ended are still being closed, for a second at the longest.
    config.limits.connections_max = 4 * setup.parallel + 2 * setup.rate + 64;
    config.limits.pending_outbound_max = 2 * setup.parallel;
    config.kademlia.server = false;
    config.kademlia.upkeep = false;
    config.kademlia.queries_max = setup.parallel;
    return config;
}

crawl::Config crawl_config(CrawlSetup const& setup, libp2p::Config const& node, libp2p::PeerId const& self) {
    crawl::Config config;
    config.self = self;
    config.protocol = node.names.kademlia;
    config.silent_agents = node.finds_nodes_only_agents;
    config.private_addresses = node.private_addresses;
    config.parallel = setup.parallel;
    config.connects_a_second = setup.rate;
    config.peers_max = setup.peers_max;
    return config;
}

}  // namespace

CrawlDriver::CrawlDriver(CrawlSetup const& setup, OnEntry on_entry, OnSecond on_second)
    : on_entry_(std::move(on_entry)),
      on_second_(std::move(on_second)),
      seeds_(setup.seeds),
      rng_(runtime::random_seed()),
      swarm_(node_config(setup), trace_),
      host_(loop_, swarm_, {}, [this](libp2p::Event const& event) { on_event(event); }),
      state_(crawl_config(setup, swarm_.config(), swarm_.self())) {}

std::string CrawlDriver::run(std::vector<crawl::Entry> resumed, base::Duration time_max) {
    runtime::Signals const signals(loop_, [this](int number) { stop(number == SIGINT ? "SIGINT" : "SIGTERM"); });
    loop_.turn(base::Duration(0));
    started_ = loop_.now();
    loop_.after(time_max, [this] { stop("timeout"); });
    loop_.after(std::chrono::seconds(1), [this] { every_second(); });
    act(crawl::Begin{seeds_, std::move(resumed)});
    loop_.run();
    return ended_;
}

void CrawlDriver::stop(std::string why) {
    if (state_.is_finished) return;
    ended_ = std::move(why);
    act(crawl::Stop{});
}

void CrawlDriver::act(crawl::Action const& action) {
    if (state_.is_finished) return;
    crawl::Out out;
    crawl::reduce(state_, action, {loop_.now(), rng_, trace_}, out);
    for (auto const& effect : out.effects) std::visit([this](auto const& what) { apply(what); }, effect);
    for (auto const& event : out.events) {
        if (auto const* const done = std::get_if<crawl::PeerDone>(&event)) {
            on_entry_(done->entry);
        } else {
            if (ended_.empty()) ended_ = "finished";
            host_.shut_down([this] { loop_.stop(); });
        }
    }
    arm();
}

void CrawlDriver::apply(crawl::Connect const& connect) {
    auto const& first = connect.addresses.front();
    libp2p::command::Connect command{connect.peer.empty() ? first : first.with_peer_id(connect.peer)};
    command.others.assign(connect.addresses.begin() + 1, connect.addresses.end());
    command.is_hearsay = connect.is_hearsay;
    auto const key = std::pair(connect.peer, connect.peer.empty() ? first : libp2p::Multiaddr{});
    host_.ask(std::move(command), [this, visit = connect.visit, key](Host::Answer const& answer) {
        auto const failed = failures_.extract(key);
        if (answer) {
            auto const peer = std::get<libp2p::PeerId>(*answer);
            auto const at = connected_at_.find(peer);
            act(crawl::Connected{visit, peer, at != connected_at_.end() ? at->second : libp2p::Multiaddr{}});
        } else {
            act(crawl::ConnectFailed{visit, failed ? std::string(to_string(failed.mapped())) : answer.error()});
        }
    });
}

void CrawlDriver::apply(crawl::Ping const& ping) {
    host_.ask(libp2p::command::Ping{ping.peer}, [this, visit = ping.visit](Host::Answer const& answer) {
        crawl::Pinged pinged{visit, std::nullopt};
        if (answer) pinged.round_trip = std::get<libp2p::reply::RoundTrip>(*answer).time;
        act(pinged);
    });
}

void CrawlDriver::apply(crawl::Ask const& ask) {
    host_.ask(libp2p::command::AskClosest{ask.peer, ask.key}, [this, visit = ask.visit](Host::Answer const& answer) {
        if (answer) {
            act(crawl::Answered{visit, std::get<libp2p::reply::Peers>(*answer).peers});
        } else {
            act(crawl::AskFailed{visit, answer.error()});
        }
    });
}

void CrawlDriver::apply(crawl::HangUp const& hang_up) { host_.tell(libp2p::command::HangUp{hang_up.peer}); }

void CrawlDriver::on_event(libp2p::Event const& event) {
    namespace e = libp2p::event;
    if (auto const* const connected = std::get_if<e::Connected>(&event)) {
        connected_at_[connected->peer] = connected->address;
    } else if (auto const* const lost = std::get_if<e::Disconnected>(&event)) {
        connected_at_.erase(lost->peer);
        act(crawl::HungUp{lost->peer, std::string(to_string(lost->reason))});
    } else if (auto const* const identified = std::get_if<e::Identified>(&event)) {
        act(crawl::Identified{identified->peer, identified->agent, identified->protocols,
                              identified->listen_addresses});
    } else if (auto const* const failed = std::get_if<e::ConnectionFailed>(&event)) {
        // One that nobody asks for any more is of no use; there cannot be many others.
        if (failures_.size() > 4 * state_.config.parallel) failures_.clear();
        failures_[{failed->peer, failed->peer.empty() ? failed->address : libp2p::Multiaddr{}}] = failed->reason;
    }
}

void CrawlDriver::arm() {
    loop_.cancel(timer_);
    auto const at = crawl::next_deadline(state_);
    if (at == base::Instant::never() || state_.is_finished) return;
    timer_ = loop_.after(std::max(base::Duration(0), at - loop_.now()), [this] { act(crawl::Tick{}); });
}

void CrawlDriver::every_second() {
    if (state_.is_finished) return;
    on_second_();
    loop_.after(std::chrono::seconds(1), [this] { every_second(); });
}

}  // namespace apps
