// Network: Kademlia machines, the connections between them, and their streams, in virtual time.
//
// A connection takes three round trips, after which both sides have identified the other; a stream is open at once and
// its first bytes arrive after one way, as with a lazy negotiation. Each pair of nodes has its own delay. A dial to a
// peer that nobody is fails after five seconds. A released connection ends once no stream is left on it.
#pragma once

#include "libp2p/kademlia/kademlia.h"
#include "sim/dht/dht.h"
#include "sim/dht/places.h"

#include <map>
#include <memory>
#include <optional>

namespace sim::dht {

using Number = std::uint64_t;  // of a peer; hosts have the first ones, and who is not there has others

struct Machine {
    Machine(libp2p::kademlia::Config const& config, base::Rng::Seed const& seed) : state(config), rng(seed) {}
    libp2p::kademlia::State state;
    base::Rng rng;
    base::Instant tick_at = base::Instant::never();
    std::uint32_t lookups = 0;  // ordered, and not yet answered
};

struct Host {
    libp2p::PeerId id;
    libp2p::kademlia::Key key{};
    Behaviour behaviour = Behaviour::honest;
    std::unique_ptr<Machine> machine;  // of an honest one
};

/// What the nodes did while they had a lookup under way, and what the others did.
struct Totals {
    std::uint64_t actions = 0;
    std::uint64_t dials = 0;           // by those with lookups
    std::uint64_t answers_bytes = 0;   // to those
    base::Duration cpu_asking{};
    base::Duration cpu_others{};
};

class Network {
public:
    explicit Network(Options const& options);
    Network(Network const&) = delete;
    Network& operator=(Network const&) = delete;

    std::vector<Host> const& hosts() const { return hosts_; }
    Machine& machine(Number host) { return *hosts_[host].machine; }
    bool is_honest(Number host) const { return hosts_[host].behaviour == Behaviour::honest; }
    Places const& honest() const { return honest_; }
    Places const& answering() const { return answering_; }  // all but the silent ones
    std::optional<Number> host_of(libp2p::PeerId const& id) const;
    static libp2p::Multiaddr address_of(Number peer);

    /// Every table is as it would be after long.
    void fill_tables();
    /// They connect now, if they are not connected.
    void connect(Number from, Number to);
    void act(Number host, libp2p::kademlia::Action const& action);
    /// An order that is answered by one event.
    void look_up(Number host, libp2p::kademlia::Action const& order);
    void run_until(base::Instant end);

    base::Instant now() const { return now_; }
    base::Rng& rng() { return rng_; }
    Totals const& totals() const { return totals_; }
    /// The events that end lookups, in their order; the caller takes them.
    struct Ended {
        Number host = 0;
        libp2p::kademlia::Event event;
    };
    std::vector<Ended> take_ended() { return std::exchange(ended_, {}); }

private:
    enum class Kind : std::uint8_t {
        tick,            // a: host
        connected,       // a: dialer, b: other
        connect_failed,  // a: dialer, b: peer
        release,         // a, b: hosts
        opened,          // a: stream
        not_opened,      // a: host, b: other, c: request
        data,            // a: stream, b: to which side
        finish,          // a: stream, b: to which side
        reset,           // a: stream
    };
    struct Happening {
        base::Instant at;
        std::uint64_t order = 0;
        Number a = 0;
        Number b = 0;
        std::uint64_t c = 0;
        Kind kind = Kind::tick;
        base::SharedBytes bytes;
    };
    struct Stream {
        Number hosts[2] = {};              // the opener first
        libp2p::RequestId request;
        bool is_known = false;             // to the other side
        bool finished[2] = {false, false};  // that side has
        bool arrived[2] = {false, false};   // and the other knows
    };
    struct Connection {
        std::vector<std::uint64_t> streams;
    };
    using Pair = std::pair<Number, Number>;

    static Pair pair_of(Number a, Number b) { return {std::min(a, b), std::max(a, b)}; }
    static bool later(Happening const& a, Happening const& b);
    base::Duration delay(Number a, Number b) const;
    libp2p::PeerId id_of(Number number) const;
    /// The way back.
    static Number number_of(libp2p::PeerId const& id);
    void make_hosts(Options const& options);
    void fabricate();
    void add_member(Number host, Number member);
    void fill_bucket(Number host, std::span<Places::Entry const> bucket);

    void push(base::Duration after, Kind kind, Number a, Number b = 0, std::uint64_t c = 0,
              base::SharedBytes bytes = {});
    void happen(Happening& what);
    void schedule_tick(Number host);
    void measure(Number host, libp2p::kademlia::Action const& action);
    void note(Number host, libp2p::kademlia::Event& event);

    void obey(Number host, libp2p::kademlia::Connect const& order);
    void obey(Number host, libp2p::kademlia::Release const& order);
    void obey(Number host, libp2p::stream::Open const& order);
    void obey(Number host, libp2p::stream::Write const& order);
    void obey(Number host, libp2p::stream::Finish const& order);
    void obey(Number host, libp2p::stream::Reset const& order);
    /// The stream, if it is there and the channel is the host's.
    Stream* stream_of(Number host, libp2p::ChannelId channel);
    void finish(std::uint64_t number, Stream& stream, std::size_t side);

    void on_release(Number a, Number b);
    void on_opened(std::uint64_t number);
    void introduce(std::uint64_t number, Stream& stream);
    void on_data(std::uint64_t number, std::size_t side, base::SharedBytes const& bytes);
    void lie(std::uint64_t number, Stream const& stream, base::SharedBytes const& bytes);
    void on_finish(std::uint64_t number, std::size_t side);
    void close(std::uint64_t number, libp2p::stream::CloseReason reason);

    std::uint64_t seed_;
    std::function<base::Duration()> cpu_clock_;
    base::Duration clock_cost_{};  // of a reading of the clock, as it shows itself
    base::Rng rng_;
    base::NoTrace trace_;
    base::Instant now_{1'000'000'000};
    std::vector<Host> hosts_;
    Places all_;
    Places honest_;
    Places answering_;
    Places colluding_;
    Places fabricated_;
    std::map<Pair, Connection> connections_;
    std::map<std::uint64_t, Stream> streams_;
    std::vector<Happening> queue_;  // a heap
    libp2p::kademlia::Out out_;
    std::vector<Ended> ended_;
    Totals totals_;
    std::uint64_t last_stream_ = 0;
    std::uint64_t last_order_ = 0;
};

/// A generator of its own for each number and purpose.
base::Rng::Seed seed_of(std::uint64_t number, std::uint8_t purpose);

}  // namespace sim::dht
