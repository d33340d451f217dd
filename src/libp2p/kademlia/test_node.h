// For tests: one machine that is fed with facts, and peers to feed it with.
#pragma once

#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/kademlia.h"

#include "base/check.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <string>

namespace libp2p::kademlia::test {

using namespace std::chrono_literals;

inline base::Rng seeded(std::uint64_t seed) {
    base::Rng::Seed bytes{};
    std::memcpy(bytes.data(), &seed, sizeof seed);
    return base::Rng(bytes);
}

/// A peer id without a key to it.
inline PeerId id_number(std::uint64_t number, std::uint64_t seed = 0) {
    base::ByteArray<34> multihash{0x12, 0x20};
    std::memcpy(multihash.data() + 2, &number, sizeof number);
    std::memcpy(multihash.data() + 10, &seed, sizeof seed);
    return *PeerId::from_bytes(multihash);
}

inline Multiaddr address(std::string_view text) { return *Multiaddr::from_text(text); }

/// A public address, of a /16 of its own for the first 40,000.
inline Multiaddr address_number(std::uint64_t number) {
    auto const high = 20 + number / 200 % 200;
    if (high == 100 || high == 127 || high == 169 || high == 172 || high == 192 || high == 198)
        return address_number(number + 40'000 / 2 + 200);
    return address("/ip4/" + std::to_string(high) + "." + std::to_string(number % 200) + ".1." +
                   std::to_string(1 + number / 40'000 % 200) + "/tcp/8302");
}

inline Config test_config() {
    Config config;
    config.self = id_number(1);
    config.upkeep = false;
    return config;
}

struct Node {
    explicit Node(Config const& config = test_config()) : state(config) {}

    State state;
    base::Instant now{1'000'000'000'000};
    base::Rng rng = seeded(1);
    base::NoTrace trace;
    Out out;

    /// The orders as text: "connect 7; open 2; write 5 FIND_NODE; finish 5; reset 5; release 2"
    std::string act(Action const& action) {
        out.clear();
        reduce(state, action, base::Env{now, rng, trace}, out);
        std::string text;
        for (auto const& effect : out.effects) {
            if (!text.empty()) text += "; ";
            text += std::visit([](auto const& order) { return text_of(order); }, effect);
        }
        return text;
    }
    std::string data(std::uint64_t channel, base::ByteView bytes) {
        std::unique_ptr<std::uint8_t[]> const copy(new std::uint8_t[bytes.size()]);
        if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
        return act(stream::Data{ChannelId{channel}, {copy.get(), bytes.size()}});
    }
    std::string tick_after(base::Duration time) {
        now = now + time;
        return act(Tick{});
    }
    /// A connected peer of this number, whose PeerKey has the same.
    std::string add(std::uint64_t number, Direction direction = Direction::outbound, bool finds_nodes_only = false,
                    bool is_server = true) {
        act(PeerConnected{PeerKey{number}, id_number(number), address_number(number), direction});
        return act(PeerIdentified{PeerKey{number}, is_server, finds_nodes_only, {address_number(number)}});
    }
    /// The stream of the only Open of the last action, now open.
    std::string open(std::uint64_t channel, std::size_t which = 0) {
        std::vector<stream::Open> opens;
        for (auto const& effect : out.effects) {
            if (auto const* order = std::get_if<stream::Open>(&effect)) opens.push_back(*order);
        }
        auto const order = opens.at(which);
        return act(
            stream::Opened{ChannelId{channel}, order.peer, Direction::outbound, order.request, state.config.protocol});
    }
    std::string open_inbound(std::uint64_t channel, std::uint64_t peer) {
        return act(stream::Opened{ChannelId{channel}, PeerKey{peer}, Direction::inbound, {}, state.config.protocol});
    }
    std::string close(std::uint64_t channel, std::uint64_t peer,
                      stream::CloseReason reason = stream::CloseReason::complete) {
        return act(stream::Closed{ChannelId{channel}, PeerKey{peer}, {}, reason});
    }
    void add_member(std::uint64_t number) {
        Member member{.id = id_number(number), .key = key_of(id_number(number)), .addresses = {address_number(number)}};
        member.last_useful = now;
        member.group = group_of(address_number(number));
        state.table.add(std::move(member), state.config);
    }

    template <class Of>
    std::vector<Of> events() const {
        std::vector<Of> result;
        for (auto const& event : out.events) {
            if (auto const* found = std::get_if<Of>(&event)) result.push_back(*found);
        }
        return result;
    }
    template <class Of>
    Of only() const {
        auto const found = events<Of>();
        base::check(found.size() == 1, "test: one event of the type");
        return found.front();
    }
    base::ByteString written(std::size_t which = 0) const {
        std::vector<base::ByteString> writes;
        for (auto const& effect : out.effects) {
            if (auto const* order = std::get_if<stream::Write>(&effect))
                writes.push_back(base::to_byte_string(order->bytes.view()));
        }
        return writes.at(which);
    }

private:
    static std::string text_of(Connect const& order) {
        std::uint64_t number = 0;
        std::memcpy(&number, order.peer.id.bytes().data() + 2, sizeof number);
        return "connect " + std::to_string(number);
    }
    static std::string text_of(Release const& order) { return "release " + std::to_string(order.peer.value); }
    static std::string text_of(stream::Open const& order) { return "open " + std::to_string(order.peer.value); }
    static std::string text_of(stream::Finish const& order) { return "finish " + std::to_string(order.channel.value); }
    static std::string text_of(stream::Reset const& order) { return "reset " + std::to_string(order.channel.value); }
    static std::string text_of(stream::Write const& order) {
        auto const bytes = order.bytes.view();
        auto const prefix = bytes.size() > 128 ? std::size_t{2} : std::size_t{1};
        auto const message = decode(bytes.subspan(prefix));
        return "write " + std::to_string(order.channel.value) + " " +
               std::string(message ? to_string(message->type) : "?");
    }
};

inline base::ByteString framed(Message message) { return encode(message); }
inline base::ByteString request_of(MessageType type, base::ByteView key) {
    Message message;
    message.type = type;
    message.key = key;
    return encode(message);
}
/// An answer to FIND_NODE that tells of these.
inline base::ByteString answer_with(std::vector<std::uint64_t> const& numbers,
                                    MessageType type = MessageType::find_node) {
    Message message;
    message.type = type;
    for (auto const number : numbers) message.closer.push_back({id_number(number), {address_number(number)}});
    return encode(message);
}
/// The body of a framed message.
inline base::ByteView body(base::ByteView framed) { return framed.subspan(framed.size() > 128 ? 2 : 1); }

}  // namespace libp2p::kademlia::test
