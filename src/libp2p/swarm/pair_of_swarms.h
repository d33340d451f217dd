// Test support: two swarms joined in memory, flight by flight, with virtual time.
#pragma once

#include "libp2p/swarm/swarm.h"

#include <optional>
#include <vector>

namespace libp2p {

inline Config pair_config(std::uint8_t number) {
    Config config;
    config.identity = crypto::PrivateKey::ed25519_from_seed({number});
    config.seed = {number};
    config.private_network = pnet::Key{7};
    config.names.echo = {"/echo/1.0.0"};
    config.names.serve_perf = true;
    config.dial_from_listen_port = false;
    return config;
}

/// `dialer` connects to `listener` over one link. Bytes are carried in flights: all that one side has sent, at once.
class PairOfSwarms {
public:
    explicit PairOfSwarms(Config dialer = pair_config(1), Config listener = pair_config(2))
        : ends_{End{.swarm = std::make_unique<Swarm>(std::move(dialer), trace_)},
                End{.swarm = std::make_unique<Swarm>(std::move(listener), trace_)}} {
        step(0, Start{});
        step(1, Start{{{IpAddress::v4(10, 0, 0, 2), 1000}}});
    }

    Swarm& dialer() { return *ends_[0].swarm; }
    Swarm& listener() { return *ends_[1].swarm; }
    PeerId const& listener_id() { return listener().self(); }

    /// Orders the dial; TCP is up at once on both sides.
    void connect() {
        auto const address = Multiaddr::tcp_at({IpAddress::v4(10, 0, 0, 2), 1000});
        order(0, command::Connect{address.with_peer_id(listener_id()), false});
    }
    void order(int end, CommandBody body) { step(end, Command{RequestId{++last_request_}, std::move(body)}); }

    /// Carries what `from` has sent to the other end. False when there was nothing.
    bool fly(int from) {
        auto bytes = std::exchange(ends_[from].sent, std::move(spare_));
        auto const any = !bytes.empty();
        if (any) {
            step(1 - from, Received{ends_[1 - from].link, bytes});
            step(from, Written{ends_[from].link, bytes.size()});
        }
        bytes.clear();
        spare_ = std::move(bytes);
        return any;
    }
    /// Carries flights both ways until nobody has more to say.
    void settle() {
        for (bool moved = true; moved;) {
            moved = fly(0);
            moved = fly(1) || moved;
        }
    }
    /// What `end` has sent and nobody has carried yet.
    std::size_t waiting_bytes(int end) const { return ends_[end].sent.size(); }
    void pass(base::Duration time) {
        now_ = now_ + time;
        for (int end : {0, 1}) step(end, Tick{});
    }
    void step(int end, Input const& input) {
        for (auto const& effect : ends_[end].swarm->step(now_, input)) take(end, effect);
        ends_[end].swarm->check_invariants();
    }

    std::vector<Event> events[2];
    std::vector<Reply> replies[2];
    std::vector<StoreOrder> stored[2];
    bool closed[2] = {false, false};

private:
    struct End {
        std::unique_ptr<Swarm> swarm;
        LinkId link{};
        base::ByteString sent{};
    };

    void take(int end, Effect const& effect) {
        if (auto const* transmit = std::get_if<Transmit>(&effect)) {
            base::append(ends_[end].sent, transmit->bytes.view());
        } else if (auto const* dial = std::get_if<Dial>(&effect)) {
            ends_[0].link = dial->link;
            ends_[1].link = LinkId{1};
            pending_dial_ = true;
        } else if (auto const* delivery = std::get_if<Deliver>(&effect)) {
            events[end].push_back(delivery->event);
        } else if (auto const* reply = std::get_if<Reply>(&effect)) {
            replies[end].push_back(*reply);
        } else if (auto const* store = std::get_if<Store>(&effect)) {
            stored[end].push_back(store->order);
        } else if (std::holds_alternative<Close>(effect)) {
            closed[end] = true;
        }
    }

public:
    /// Brings TCP up, after connect().
    void link_up() {
        if (!std::exchange(pending_dial_, false)) return;
        step(1, Accepted{ends_[1].link, {IpAddress::v4(10, 0, 0, 2), 1000}, {IpAddress::v4(10, 0, 0, 1), 5000}});
        step(0, Dialed{ends_[0].link, {IpAddress::v4(10, 0, 0, 1), 5000}});
    }
    void cut() {
        step(0, Closed{ends_[0].link, LinkError::reset});
        step(1, Closed{ends_[1].link, LinkError::reset});
    }

private:
    base::NoTrace trace_;
    base::Instant now_{1'000'000'000};
    End ends_[2];
    base::ByteString spare_;
    bool pending_dial_ = false;
    std::uint64_t last_request_ = 0;
};

}  // namespace libp2p
