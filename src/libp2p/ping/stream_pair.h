// For the tests of protocol machines: one machine with its orders as text, and two machines joined by streams that
// fragment and coalesce at random.
#pragma once

#include "libp2p/wire/stream.h"

#include "base/env.h"

#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

namespace libp2p::test {

inline base::Rng seeded(std::uint64_t seed) {
    base::Rng::Seed bytes{};
    std::memcpy(bytes.data(), &seed, sizeof seed);
    return base::Rng(bytes);
}

template <class Order>
std::string order_text(Order const& order) {
    if constexpr (std::is_same_v<Order, stream::Open>) {
        return "open " + std::to_string(order.peer.value) + " " + order.protocols.front();
    } else if constexpr (std::is_same_v<Order, stream::Write>) {
        return "write " + std::to_string(order.channel.value) + " " + std::to_string(order.bytes.size());
    } else if constexpr (std::is_same_v<Order, stream::Finish>) {
        return "finish " + std::to_string(order.channel.value);
    } else if constexpr (std::is_same_v<Order, stream::TellWritable>) {
        return "tell writable " + std::to_string(order.channel.value);
    } else if constexpr (std::is_same_v<Order, stream::Hold>) {
        return (order.is_held ? "hold " : "release ") + std::to_string(order.channel.value);
    } else {
        return "reset " + std::to_string(order.channel.value);
    }
}

/// "open 1 /p, write 2 32, finish 2"
template <class Effect>
std::string orders_text(std::vector<Effect> const& effects) {
    std::string text;
    for (auto const& effect : effects) {
        if (!text.empty()) text += ", ";
        text += std::visit([](auto const& order) { return order_text(order); }, effect);
    }
    return text;
}

/// One machine. act() returns its orders as text; `out` keeps the orders and events of the last action.
template <class State, class Action, class Out>
struct Node {
    State state;
    base::Instant now{1'000'000'000};
    base::Rng rng = seeded(1);
    base::NoTrace trace;
    Out out;

    std::string act(Action const& action) {
        out.clear();
        reduce(state, action, base::Env{now, rng, trace}, out);
        return orders_text(out.effects);
    }
    /// Bytes in a buffer of their own, so that reading past them or later is seen.
    std::string data(std::uint64_t channel, base::ByteView bytes) {
        std::unique_ptr<std::uint8_t[]> const copy(new std::uint8_t[bytes.size()]);
        if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
        return act(stream::Data{ChannelId{channel}, {copy.get(), bytes.size()}});
    }
    /// The event of the last action, if it was the only one and of this type.
    template <class Event>
    Event const* only() const {
        return out.events.size() == 1 ? std::get_if<Event>(&out.events.front()) : nullptr;
    }
    base::ByteView written(std::size_t effect = 0) const {
        return std::get<stream::Write>(out.effects.at(effect)).bytes.view();
    }
};

/// Two machines, each a peer of the other: `sides[1]` is PeerKey 1 to `sides[0]`, and `sides[0]` PeerKey 2 to `sides[1]`.
template <class State, class Action, class Out>
class StreamPair {
public:
    using Side = Node<State, Action, Out>;
    using Event = typename decltype(Out::events)::value_type;

    explicit StreamPair(std::uint64_t seed) : rng_(seeded(seed)) {}

    Side sides[2];
    std::vector<Event> events[2];
    std::size_t queue_bytes_peak = 0;  // of any stream's side
    std::size_t chunk_bytes_max = 4096;

    void act(int side, Action const& action) {
        sides[side].act(action);
        carry_out(side);
    }
    /// Delivers until nothing is on the way; false when that takes more than `steps_max` deliveries.
    bool run(std::size_t steps_max = 1'000'000) {
        for (std::size_t step = 0; step < steps_max; ++step) {
            std::vector<std::size_t> busy;
            for (std::size_t i = 0; i < streams_.size(); ++i) {
                if (has_work(streams_[i])) busy.push_back(i);
            }
            if (busy.empty()) return true;
            for (auto& side : sides) side.now = side.now + base::Duration(1000 + rng_.below(1000));
            deliver(busy[rng_.below(busy.size())]);
        }
        return false;
    }
    std::size_t streams_opened() const { return streams_.size(); }

private:
    struct Half {  // what one side has written
        base::ByteString queue;
        bool finished = false;
        bool finish_delivered = false;
        bool owes_writable = false;
    };
    struct Stream {
        int opener = 0;
        RequestId request;
        std::string protocol;
        bool opened[2] = {false, false};
        Half halves[2];
        bool closed = false;
    };
    static constexpr std::size_t low_water_bytes = 100'000;

    static ChannelId id_of(std::size_t stream) { return ChannelId{stream + 1}; }
    static PeerKey other(int side) { return PeerKey{static_cast<std::uint64_t>(side) + 1}; }

    bool has_work(Stream const& stream) const {
        if (stream.closed) return false;
        if (!stream.opened[0] || !stream.opened[1]) return true;
        for (auto const& half : stream.halves) {
            if (!half.queue.empty() || half.finished != half.finish_delivered || half.owes_writable)
                return true;
        }
        return false;
    }

    void deliver(std::size_t index) {
        for (int const side : {streams_[index].opener, 1 - streams_[index].opener}) {
            auto& stream = streams_[index];
            if (stream.opened[side]) continue;
            stream.opened[side] = true;
            auto const direction = side == stream.opener ? Direction::outbound : Direction::inbound;
            auto const request = side == stream.opener ? stream.request : RequestId{};
            act(side, stream::Opened{id_of(index), other(side), direction, request, stream.protocol});
            return;
        }
        auto const writer = static_cast<int>(rng_.below(2));
        auto& half = streams_[index].halves[writer];
        if (!half.queue.empty()) return deliver_bytes(index, writer);
        if (half.owes_writable) {
            half.owes_writable = false;
            if (!half.finished) act(writer, stream::Writable{id_of(index)});
        } else if (half.finished && !half.finish_delivered) {
            half.finish_delivered = true;
            act(1 - writer, stream::Finished{id_of(index)});
        }
        close_if_complete(index);
    }

    void deliver_bytes(std::size_t index, int writer) {
        auto& half = streams_[index].halves[writer];
        auto const limit = std::min(half.queue.size(), 1 + rng_.below(2) * (chunk_bytes_max - 1));
        auto const size = static_cast<std::ptrdiff_t>(1 + rng_.below(limit));
        base::ByteString const chunk(half.queue.begin(), half.queue.begin() + size);
        half.queue.erase(half.queue.begin(), half.queue.begin() + size);
        sides[1 - writer].data(index + 1, chunk);
        carry_out(1 - writer);
        auto& after = streams_[index].halves[writer];
        if (after.owes_writable && after.queue.size() <= low_water_bytes && !after.finished) {
            after.owes_writable = false;
            act(writer, stream::Writable{id_of(index)});
        }
    }

    void close_if_complete(std::size_t index) {
        auto& stream = streams_[index];
        if (!stream.halves[0].finish_delivered || !stream.halves[1].finish_delivered || stream.closed) return;
        close(index, stream::CloseReason::complete);
    }
    void close(std::size_t index, stream::CloseReason reason) {
        streams_[index].closed = true;
        for (int side = 0; side < 2; ++side) {
            auto const request = side == streams_[index].opener ? streams_[index].request : RequestId{};
            act(side, stream::Closed{id_of(index), other(side), request, reason});
        }
    }

    void carry_out(int side) {
        for (auto const& event : sides[side].out.events) events[side].push_back(event);
        auto const effects = std::move(sides[side].out.effects);
        sides[side].out.clear();
        for (auto const& effect : effects) {
            std::visit([&](auto const& order) { obey(side, order); }, effect);
        }
    }
    void obey(int side, stream::Open const& open) {
        Stream stream;
        stream.opener = side;
        stream.request = open.request;
        stream.protocol = open.protocols.front();
        streams_.push_back(std::move(stream));
    }
    void obey(int side, stream::Write const& write) {
        auto& stream = streams_.at(write.channel.value - 1);
        auto& half = stream.halves[side];
        if (stream.closed || half.finished) return;
        base::append(half.queue, write.bytes.view());
        half.owes_writable = true;
        queue_bytes_peak = std::max(queue_bytes_peak, half.queue.size());
    }
    void obey(int side, stream::Finish const& finish) {
        streams_.at(finish.channel.value - 1).halves[side].finished = true;
    }
    void obey(int, stream::Reset const& reset) {
        if (!streams_.at(reset.channel.value - 1).closed)
            close(reset.channel.value - 1, stream::CloseReason::reset);
    }

    base::Rng rng_;
    std::vector<Stream> streams_;
};

}  // namespace libp2p::test
