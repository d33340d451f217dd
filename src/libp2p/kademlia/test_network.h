// For tests: many machines on a network in memory, in virtual time. Connections are made by Connect, streams carry
// bytes both ways after a delay, and hostile nodes answer as they are told to.
#pragma once

#include "libp2p/kademlia/test_node.h"

#include <functional>
#include <queue>

namespace libp2p::kademlia::test {

enum class Behaviour : std::uint8_t { honest, silent, fabricating, colluding, absent };

class Network {
public:
    struct Host {
        explicit Host(Config const& config, std::uint64_t seed) : state(config), rng(seeded(seed)) {}
        State state;
        base::Rng rng;
        Behaviour behaviour = Behaviour::honest;
        std::vector<Event> events;
        base::Instant ticks_at = base::Instant::never();
        std::uint64_t connects = 0;
        std::uint64_t releases = 0;
    };

    explicit Network(std::size_t size, std::uint64_t seed, Config const& config = test_config()) : rng_(seeded(seed)) {
        for (std::size_t i = 0; i < size; ++i) {
            auto own = config;
            own.self = id_number(i + 1, seed);
            hosts.push_back(std::make_unique<Host>(own, seed * 1000 + i));
            index_.emplace(own.self, i);
        }
        for (std::size_t i = 0; i < size; ++i) act(i, OwnAddresses{{address_number(i)}});
    }

    Network(Network const&) = delete;
    Network& operator=(Network const&) = delete;

    std::vector<std::unique_ptr<Host>> hosts;
    base::Instant now{1'000'000'000};
    std::function<std::vector<PeerAddresses>(Network&, std::size_t host, base::ByteView key)> lie;
    std::uint64_t actions = 0;

    PeerId const& id(std::size_t host) const { return hosts[host]->state.config.self; }

    void act(std::size_t host, Action const& action) {
        auto& of = *hosts[host];
        Out out;
        ++actions;
        reduce(of.state, action, base::Env{now, of.rng, trace_}, out);
        for (auto& event : out.events) of.events.push_back(std::move(event));
        for (auto& effect : out.effects) {
            std::visit([&](auto& order) { obey(host, order); }, effect);
        }
        schedule_tick(host);
    }

    /// Every machine knows whom it would know after long: of each bucket, k at random.
    void fill_tables() {
        for (std::size_t i = 0; i < hosts.size(); ++i) {
            auto order = std::vector<std::size_t>(hosts.size());
            for (std::size_t j = 0; j < order.size(); ++j) order[j] = j;
            rng_.shuffle(order);
            auto& state = hosts[i]->state;
            for (auto const j : order) {
                if (j == i || hosts[j]->behaviour == Behaviour::absent) continue;
                Member member{.id = id(j), .key = key_of(id(j)), .addresses = {address_number(j)}};
                member.last_useful = now;
                member.group = group_of(address_number(j));
                state.table.add(std::move(member), state.config);
            }
        }
    }

    void connect(std::size_t from, std::size_t to) {
        if (from == to || connected_.contains(pair_of(from, to))) return;
        connected_.insert(pair_of(from, to));
        for (auto const outbound : {true, false}) {
            auto const host = outbound ? from : to;
            auto const other = outbound ? to : from;
            act(host, PeerConnected{key(other), id(other), address_number(other),
                                    outbound ? Direction::outbound : Direction::inbound});
            act(host, PeerIdentified{key(other), true, finds_nodes_only.contains(other), {address_number(other)}});
        }
    }

    void disconnect(std::size_t a, std::size_t b) {
        if (connected_.erase(pair_of(a, b)) == 0) return;
        std::erase_if(streams_, [&](auto const& entry) {
            return pair_of(entry.second.hosts[0], entry.second.hosts[1]) == pair_of(a, b);
        });
        act(a, PeerDisconnected{key(b)});
        act(b, PeerDisconnected{key(a)});
    }

    /// Until the time is over, or nothing happens any more.
    void run(base::Duration time) {
        auto const until = now + time;
        while (!queue_.empty() && queue_.top().at <= until) {
            auto const happening = queue_.top();
            queue_.pop();
            now = happening.at;
            happening.what();
        }
        now = until;
    }

    template <class Of>
    std::vector<Of> take(std::size_t host) {
        std::vector<Of> result;
        std::erase_if(hosts[host]->events, [&](Event& event) {
            auto* const found = std::get_if<Of>(&event);
            if (found != nullptr) result.push_back(std::move(*found));
            return found != nullptr;
        });
        return result;
    }

    std::set<std::size_t> finds_nodes_only;

private:
    struct Stream {
        std::size_t hosts[2];  // the opener first
        RequestId request;
        bool finished[2] = {false, false};
    };
    struct Happening {
        base::Instant at;
        std::uint64_t number = 0;
        std::function<void()> what;
        bool operator<(Happening const& other) const {
            return std::pair(at, number) > std::pair(other.at, other.number);
        }
    };
    using Pair = std::pair<std::size_t, std::size_t>;
    /// Null once it is closed.
    Stream* stream_of(std::uint64_t number) {
        auto const found = streams_.find(number);
        return found == streams_.end() ? nullptr : &found->second;
    }

    static PeerKey key(std::size_t host) { return PeerKey{host + 1}; }
    static ChannelId channel(std::uint64_t stream, int side) {
        return ChannelId{2 * stream + static_cast<std::uint64_t>(side)};
    }
    static Pair pair_of(std::size_t a, std::size_t b) { return {std::min(a, b), std::max(a, b)}; }
    base::Duration delay() { return rng_.between(std::chrono::milliseconds(10), std::chrono::milliseconds(60)); }

    void later(base::Duration after, std::function<void()> what) {
        queue_.push({now + after, ++last_happening_, std::move(what)});
    }
    void schedule_tick(std::size_t host) {
        auto const next = next_deadline(hosts[host]->state);
        if (next == base::Instant::never() || next >= hosts[host]->ticks_at) return;
        hosts[host]->ticks_at = next;
        later(std::max(base::Duration{}, next - now), [this, host, next] {
            if (hosts[host]->ticks_at != next) return;
            hosts[host]->ticks_at = base::Instant::never();
            act(host, Tick{});
        });
    }

    void obey(std::size_t host, Connect const& order) {
        ++hosts[host]->connects;
        auto const found = index_.find(order.peer.id);
        auto const is_there = found != index_.end() && hosts[found->second]->behaviour != Behaviour::absent;
        auto const to = is_there ? found->second : 0;
        if (is_there) {
            later(delay() * 4, [this, host, to] { connect(host, to); });
        } else {
            later(std::chrono::seconds(5), [this, host, peer = order.peer.id] { act(host, ConnectFailed{peer}); });
        }
    }
    void obey(std::size_t host, Release const& order) {
        ++hosts[host]->releases;
        later({}, [this, host, other = order.peer.value - 1] { disconnect(host, other); });
    }
    std::size_t host_of(std::uint64_t stream, int side) { return stream_of(stream)->hosts[side]; }
    void obey(std::size_t host, stream::Open const& order) {
        auto const number = ++last_stream_;
        auto const other = static_cast<std::size_t>(order.peer.value - 1);
        streams_[number] = Stream{{host, other}, order.request};
        later(delay(), [this, number] {
            if (stream_of(number) == nullptr) return;
            auto const opener = host_of(number, 0);
            auto const to = host_of(number, 1);
            auto const request = stream_of(number)->request;
            auto const protocol = hosts[opener]->state.config.protocol;
            act(to, stream::Opened{channel(number, 1), key(opener), Direction::inbound, {}, protocol});
            act(opener, stream::Opened{channel(number, 0), key(to), Direction::outbound, request, protocol});
        });
    }
    void obey(std::size_t host, stream::Write const& order) {
        auto const number = order.channel.value / 2;
        auto const side = static_cast<int>(order.channel.value % 2);
        auto const* const stream = stream_of(number);
        if (stream == nullptr || stream->hosts[side] != host) return;
        later(delay(), [this, number, side, bytes = order.bytes] { deliver(number, 1 - side, bytes.view()); });
    }
    void deliver(std::uint64_t number, int to, base::ByteView bytes) {
        if (stream_of(number) == nullptr) return;
        auto const host = host_of(number, to);
        auto const behaviour = hosts[host]->behaviour;
        if (to == 0 || behaviour == Behaviour::honest) {
            act(host, stream::Data{channel(number, to), bytes});
            return;
        }
        if (behaviour == Behaviour::silent) return;
        LengthPrefixed reader(request_bytes_max);
        reader.feed(bytes);
        auto const request = reader.next();
        auto const decoded = request && *request ? decode(**request) : base::Result<Message, MessageError>{};
        if (!decoded) return;
        Message answer;
        answer.type = decoded->type;
        answer.closer = lie(*this, host, decoded->key);
        later(delay(), [this, number, framed = encode(answer)] { deliver(number, 0, framed); });
    }
    void obey(std::size_t host, stream::Finish const& order) {
        auto const number = order.channel.value / 2;
        auto const side = static_cast<int>(order.channel.value % 2);
        auto* const stream = stream_of(number);
        if (stream == nullptr || stream->finished[side] || stream->hosts[side] != host) return;
        stream->finished[side] = true;
        later(delay(), [this, number, side] {
            if (stream_of(number) == nullptr) return;
            act(host_of(number, 1 - side), stream::Finished{channel(number, 1 - side)});
            auto const* const ended = stream_of(number);
            if (ended != nullptr && ended->finished[0] && ended->finished[1])
                close(number, stream::CloseReason::complete);
        });
    }
    void obey(std::size_t, stream::Reset const& order) {
        later({}, [this, number = order.channel.value / 2] { close(number, stream::CloseReason::reset); });
    }
    void close(std::uint64_t number, stream::CloseReason reason) {
        if (stream_of(number) == nullptr) return;
        auto const stream = *stream_of(number);
        streams_.erase(number);
        for (int side = 0; side < 2; ++side) {
            auto const request = side == 0 ? stream.request : RequestId{};
            act(stream.hosts[side],
                stream::Closed{channel(number, side), key(stream.hosts[1 - side]), request, reason});
        }
    }

    base::Rng rng_;
    base::NoTrace trace_;
    std::map<PeerId, std::size_t> index_;
    std::set<Pair> connected_;
    std::map<std::uint64_t, Stream> streams_;
    std::priority_queue<Happening> queue_;
    std::uint64_t last_stream_ = 0;
    std::uint64_t last_happening_ = 0;
};

}  // namespace libp2p::kademlia::test
