// What happens: orders, connections, streams, lies.
#include "sim/dht/network.h"

#include "base/check.h"
#include "libp2p/kademlia/message.h"

#include <algorithm>

namespace sim::dht {

namespace kademlia = libp2p::kademlia;
namespace stream = libp2p::stream;

namespace {

constexpr base::Duration dial_timeout = std::chrono::seconds(5);
constexpr base::Duration release_patience = std::chrono::seconds(1);
constexpr int connecting_ways = 6;  // TCP, private network and Noise, the muxer and Identify: three round trips

libp2p::PeerKey key(Number host) { return libp2p::PeerKey{host + 1}; }
libp2p::ChannelId channel(std::uint64_t stream, std::size_t side) { return libp2p::ChannelId{2 * stream + side}; }

bool ends_lookup(kademlia::Event const& event) {
    return std::holds_alternative<kademlia::Found>(event) || std::holds_alternative<kademlia::Closest>(event) ||
           std::holds_alternative<kademlia::QueryFailed>(event);
}

}  // namespace

// ---- Time -----------------------------------------------------------------------------------------------------------

bool Network::later(Happening const& a, Happening const& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }

void Network::push(base::Duration after, Kind kind, Number a, Number b, std::uint64_t c, base::SharedBytes bytes) {
    queue_.push_back({now_ + after, ++last_order_, a, b, c, kind, std::move(bytes)});
    std::ranges::push_heap(queue_, later);
}

void Network::run_until(base::Instant end) {
    while (!queue_.empty() && queue_.front().at <= end) {
        std::ranges::pop_heap(queue_, later);
        auto what = std::move(queue_.back());
        queue_.pop_back();
        now_ = what.at;
        happen(what);
    }
    now_ = end;
}

void Network::happen(Happening& what) {
    switch (what.kind) {
        case Kind::tick:
            if (machine(what.a).tick_at != what.at) return;
            machine(what.a).tick_at = base::Instant::never();
            return act(what.a, kademlia::Tick{});
        case Kind::connected: return connect(what.a, what.b);
        case Kind::connect_failed: return act(what.a, kademlia::ConnectFailed{id_of(what.b)});
        case Kind::release: return on_release(what.a, what.b);
        case Kind::opened: return on_opened(what.a);
        case Kind::not_opened:
            return act(what.a, stream::Closed{{}, key(what.b), {what.c}, stream::CloseReason::connection_lost});
        case Kind::data: return on_data(what.a, static_cast<std::size_t>(what.b), what.bytes);
        case Kind::finish: return on_finish(what.a, static_cast<std::size_t>(what.b));
        case Kind::reset: return close(what.a, stream::CloseReason::reset);
    }
}

void Network::schedule_tick(Number host) {
    auto& machine = *hosts_[host].machine;
    auto const next = kademlia::next_deadline(machine.state);
    if (next == base::Instant::never() || next >= machine.tick_at) return;
    machine.tick_at = std::max(next, now_);
    push(machine.tick_at - now_, Kind::tick, host);
}

// ---- Machines -------------------------------------------------------------------------------------------------------

void Network::act(Number host, kademlia::Action const& action) {
    if (!is_honest(host)) return;
    ++totals_.actions;
    measure(host, action);
    for (auto& event : out_.events) note(host, event);
    for (auto const& effect : out_.effects) {
        std::visit([&](auto const& order) { obey(host, order); }, effect);
    }
    out_.clear();
    schedule_tick(host);
}

void Network::measure(Number host, kademlia::Action const& action) {
    auto& machine = *hosts_[host].machine;
    base::Env const env{now_, machine.rng, trace_};
    if (!cpu_clock_) return kademlia::reduce(machine.state, action, env, out_);
    auto const before = cpu_clock_();
    kademlia::reduce(machine.state, action, env, out_);
    auto const spent = std::max(base::Duration(0), cpu_clock_() - before - clock_cost_);
    (machine.lookups > 0 ? totals_.cpu_asking : totals_.cpu_others) += spent;
}

void Network::look_up(Number host, kademlia::Action const& order) {
    ++machine(host).lookups;
    act(host, order);
}

void Network::note(Number host, kademlia::Event& event) {
    if (!ends_lookup(event)) return;
    --machine(host).lookups;
    ended_.push_back({host, std::move(event)});
}

// ---- Connections ----------------------------------------------------------------------------------------------------

void Network::obey(Number host, kademlia::Connect const& order) {
    if (machine(host).lookups > 0) ++totals_.dials;
    if (auto const to = host_of(order.peer.id)) {
        push(delay(host, *to) * connecting_ways, Kind::connected, host, *to);
    } else {
        push(dial_timeout, Kind::connect_failed, host, number_of(order.peer.id));
    }
}

void Network::connect(Number from, Number to) {
    if (from == to || !connections_.try_emplace(pair_of(from, to)).second) return;
    for (auto const& [host, other, direction] : {std::tuple(from, to, libp2p::Direction::outbound),
                                                 std::tuple(to, from, libp2p::Direction::inbound)}) {
        auto const address = address_of(other);
        act(host, kademlia::PeerConnected{key(other), hosts_[other].id, address, direction});
        act(host, kademlia::PeerIdentified{key(other), true, false, {address}});
    }
}

void Network::obey(Number host, kademlia::Release const& order) {
    push({}, Kind::release, host, order.peer.value - 1);
}

void Network::on_release(Number a, Number b) {
    auto const found = connections_.find(pair_of(a, b));
    if (found == connections_.end()) return;
    if (!found->second.streams.empty()) return push(release_patience, Kind::release, a, b);
    connections_.erase(found);
    act(a, kademlia::PeerDisconnected{key(b)});
    act(b, kademlia::PeerDisconnected{key(a)});
}

// ---- Streams --------------------------------------------------------------------------------------------------------

Network::Stream* Network::stream_of(Number host, libp2p::ChannelId channel) {
    auto const found = streams_.find(channel.value / 2);
    if (found == streams_.end() || found->second.hosts[channel.value % 2] != host) return nullptr;
    return &found->second;
}

void Network::obey(Number host, stream::Open const& order) {
    auto const other = order.peer.value - 1;
    auto const connection = connections_.find(pair_of(host, other));
    if (connection == connections_.end()) return push({}, Kind::not_opened, host, other, order.request.value);
    auto const number = ++last_stream_;
    auto& made = streams_[number];
    made.hosts[0] = host;
    made.hosts[1] = other;
    made.request = order.request;
    connection->second.streams.push_back(number);
    push({}, Kind::opened, number);
}

void Network::on_opened(std::uint64_t number) {
    auto const found = streams_.find(number);
    if (found == streams_.end()) return;
    auto const& [opener, other] = found->second.hosts;
    auto const protocol = machine(opener).state.config.protocol;
    auto const request = found->second.request;
    act(opener, stream::Opened{channel(number, 0), key(other), libp2p::Direction::outbound, request, protocol});
}

void Network::obey(Number host, stream::Write const& order) {
    auto const* const stream = stream_of(host, order.channel);
    if (stream == nullptr) return;
    push(delay(stream->hosts[0], stream->hosts[1]), Kind::data, order.channel.value / 2, 1 - order.channel.value % 2, 0,
         order.bytes);
}

void Network::obey(Number host, stream::Finish const& order) {
    if (auto* const stream = stream_of(host, order.channel)) {
        finish(order.channel.value / 2, *stream, static_cast<std::size_t>(order.channel.value % 2));
    }
}

void Network::obey(Number host, stream::Reset const& order) {
    if (stream_of(host, order.channel) != nullptr) push({}, Kind::reset, order.channel.value / 2);
}

void Network::finish(std::uint64_t number, Stream& stream, std::size_t side) {
    if (std::exchange(stream.finished[side], true)) return;
    push(delay(stream.hosts[0], stream.hosts[1]), Kind::finish, number, 1 - side);
}

/// The first that arrives at the other side opens the stream there.
void Network::introduce(std::uint64_t number, Stream& stream) {
    if (std::exchange(stream.is_known, true) || !is_honest(stream.hosts[1])) return;
    auto const [opener, other] = stream.hosts;
    auto const protocol = machine(other).state.config.protocol;
    act(other, stream::Opened{channel(number, 1), key(opener), libp2p::Direction::inbound, {}, protocol});
}

void Network::on_data(std::uint64_t number, std::size_t side, base::SharedBytes const& bytes) {
    auto const found = streams_.find(number);
    if (found == streams_.end()) return;
    auto& stream = found->second;
    auto const to = stream.hosts[side];
    if (side == 1) introduce(number, stream);
    if (!is_honest(to)) return lie(number, stream, bytes);
    if (side == 0 && machine(to).lookups > 0) totals_.answers_bytes += bytes.size();
    act(to, stream::Data{channel(number, side), bytes.view()});
}

/// What a hostile node answers.
void Network::lie(std::uint64_t number, Stream const& stream, base::SharedBytes const& bytes) {
    auto const liar = stream.hosts[1];
    auto const behaviour = hosts_[liar].behaviour;
    if (behaviour == Behaviour::silent) return;
    libp2p::LengthPrefixed reader(kademlia::request_bytes_max);
    reader.feed(bytes.view());
    auto const request = reader.next();
    if (!request || !*request) return;
    auto const decoded = kademlia::decode(**request);
    if (!decoded) return;
    auto const& told = behaviour == Behaviour::fabricating ? fabricated_ : colluding_;
    kademlia::Message answer;
    answer.type = decoded->type;
    for (auto const each : told.closest(kademlia::key_of(decoded->key), kademlia::peers_out_max)) {
        answer.closer.push_back({id_of(each), {address_of(each)}});
    }
    push(delay(liar, stream.hosts[0]), Kind::data, number, 0, 0, base::SharedBytes::take(kademlia::encode(answer)));
}

void Network::on_finish(std::uint64_t number, std::size_t side) {
    auto found = streams_.find(number);
    if (found == streams_.end()) return;
    auto& stream = found->second;
    stream.arrived[1 - side] = true;
    if (side == 1) introduce(number, stream);
    if (is_honest(stream.hosts[side])) {
        act(stream.hosts[side], stream::Finished{channel(number, side)});
    } else {
        finish(number, stream, side);
    }
    if (stream.arrived[0] && stream.arrived[1]) close(number, stream::CloseReason::complete);
}

void Network::close(std::uint64_t number, stream::CloseReason reason) {
    auto const found = streams_.find(number);
    if (found == streams_.end()) return;
    auto const ended = found->second;
    streams_.erase(found);
    auto const connection = connections_.find(pair_of(ended.hosts[0], ended.hosts[1]));
    base::check(connection != connections_.end(), "sim: a stream without a connection");
    std::erase(connection->second.streams, number);
    act(ended.hosts[0], stream::Closed{channel(number, 0), key(ended.hosts[1]), ended.request, reason});
    if (ended.is_known) act(ended.hosts[1], stream::Closed{channel(number, 1), key(ended.hosts[0]), {}, reason});
}

}  // namespace sim::dht
