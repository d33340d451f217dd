#include "crowd.h"

#include "runtime/entropy.h"
#include "runtime/process.h"

namespace peer {

using apps::Json;

struct Crowd::Member {
    Member(runtime::EventLoop& loop, libp2p::Config config, base::Trace& trace)
        : swarm(std::move(config), trace),
          host(loop, swarm, {}, [this](libp2p::Event const& event) { hear(event); }) {}

    void hear(libp2p::Event const& event) {
        if (!on_end) return;
        auto const identified = std::holds_alternative<libp2p::event::Identified>(event);
        auto const lost = std::holds_alternative<libp2p::event::Disconnected>(event) ||
                          std::holds_alternative<libp2p::event::ConnectionFailed>(event);
        if (!identified && !lost) return;
        auto end = std::move(on_end);
        on_end = nullptr;
        end(identified);
    }

    libp2p::Swarm swarm;
    std::move_only_function<void(bool)> on_end;
    apps::Host host;
};

struct Crowd::Run {
    libp2p::Multiaddr to;
    std::vector<std::shared_ptr<Member>> waiting;
    std::uint64_t n = 0;
    std::uint64_t running = 0;
    std::uint64_t inflight = 0;
    std::uint64_t failures = 0;
    bool keep = false;
    base::Instant started;
    double cpu_at_start = 0;
    apps::Control::Finish finish;
};

std::shared_ptr<Crowd::Member> Crowd::make_member() {
    auto config = like_;
    config.identity = crypto::PrivateKey::ed25519_from_seed(runtime::random_seed());
    config.seed = runtime::random_seed();
    config.dial_from_listen_port = false;
    config.gossip_enabled = false;
    config.names.kademlia.clear();
    return std::make_shared<Member>(loop_, std::move(config), trace_);
}

void Crowd::connect(libp2p::Multiaddr const& to, std::uint64_t n, std::uint64_t inflight, bool keep,
                    apps::Control::Finish finish) {
    auto run = std::make_shared<Run>();
    run->to = to;
    run->n = n;
    run->inflight = std::max<std::uint64_t>(1, inflight);
    run->keep = keep;
    for (std::uint64_t i = 0; i < n; ++i) run->waiting.push_back(make_member());
    run->started = loop_.now();
    run->cpu_at_start = runtime::cpu_seconds();
    run->finish = std::move(finish);
    start_more(run);
}

void Crowd::start_more(std::shared_ptr<Run> const& run) {
    while (run->running < run->inflight && !run->waiting.empty()) {
        auto member = std::move(run->waiting.back());
        run->waiting.pop_back();
        ++run->running;
        member->on_end = [this, run, member](bool ok) { ended(run, member, ok); };
        member->host.tell(libp2p::command::Connect{run->to});
    }
    if (run->running > 0 || !run->waiting.empty()) return;
    auto const seconds = apps::milliseconds(loop_.now() - run->started) / 1e3;
    auto const done = static_cast<double>(run->n - run->failures);
    run->finish(Json{{"seconds", seconds},
                     {"cpu_seconds", runtime::cpu_seconds() - run->cpu_at_start},
                     {"conns_per_s", done / seconds},
                     {"connected", run->n - run->failures},
                     {"failures", run->failures}});
}

void Crowd::ended(std::shared_ptr<Run> const& run, std::shared_ptr<Member> const& member, bool ok) {
    --run->running;
    if (!ok) ++run->failures;
    if (ok && run->keep) {
        kept_.push_back(member);
    } else {
        // Not here: the member is speaking.
        loop_.after(base::Duration(0), [gone = member] {});
    }
    start_more(run);
}

std::uint64_t Crowd::drop() {
    auto const count = kept_.size();
    kept_.clear();
    return count;
}

}  // namespace peer
