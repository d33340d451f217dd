// For the tests and fuzz targets of this folder: a node under test, RPCs as a peer would write them, and the invariants
// of the state.
#pragma once

#include "libp2p/gossipsub/gossipsub.h"
#include "libp2p/gossipsub/message_signing.h"
#include "libp2p/gossipsub/rpc_codec.h"
#include "libp2p/wire/protobuf.h"

#include "base/check.h"
#include "base/varint.h"
#include "base/writer.h"

#include <algorithm>
#include <map>
#include <string>

namespace libp2p::gossipsub::test {

inline crypto::PrivateKey key_number(std::uint64_t number) {
    base::ByteArray<32> seed{};
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
    seed[31] = 0x77;
    return crypto::PrivateKey::ed25519_from_seed(seed);
}
inline PeerId id_number(std::uint64_t number) {
    static std::map<std::uint64_t, PeerId> made;  // a curve operation each
    auto const [at, is_new] = made.try_emplace(number);
    if (is_new) at->second = PeerId::of(key_number(number).public_key());
    return at->second;
}

inline base::Rng rng_number(std::uint64_t number) {
    base::Rng::Seed seed{};
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return base::Rng(seed);
}

/// The first invariant that does not hold; empty when all do.
inline std::string broken_invariant(State const& state, base::Instant now) {
    std::map<PeerKey, std::size_t> unknown;
    for (auto const& [name, topic] : state.topics) {
        bool const known = topic.is_subscribed || state.config.topics.contains(name);
        if (!topic.is_subscribed && topic.peers.empty() && topic.backoff.empty()) return "an empty topic is kept";
        if (!topic.is_subscribed && !topic.mesh.empty()) return "a mesh without subscription";
        if (topic.is_subscribed && !topic.fanout.empty()) return "a fan-out of a subscribed topic";
        if (topic.backoff.size() > backoffs_per_topic_max) return "too many backoffs";
        for (auto const& [id, until] : topic.backoff) {
            if (until > now + backoff_asked_max) return "a backoff beyond the cap";
        }
        for (auto const key : topic.peers) {
            auto const at = state.peers.find(key);
            if (at == state.peers.end()) return "an unknown peer in a topic";
            auto const& peer = at->second;
            if (!known) ++unknown[key];
            bool const meshless = peer.is_direct || peer.version == Version::floodsub;
            if (topic.flooded.contains(key) != (peer.is_added && meshless)) return "flooded peers";
            bool const linked = topic.mesh.contains(key) || topic.fanout.contains(key);
            if (linked && (!peer.is_added || meshless)) return "a mesh or fan-out member that cannot be one";
            if (topic.early_grafts.contains(key) && peer.is_added) return "an early GRAFT kept";
        }
        auto const in_topic = [&](PeerSet const& set) {
            return std::ranges::all_of(set, [&](PeerKey key) { return topic.peers.contains(key); });
        };
        if (!in_topic(topic.mesh) || !in_topic(topic.fanout) || !in_topic(topic.flooded)) return "a member outside";
        if (!in_topic(topic.early_grafts)) return "an early GRAFT from outside";
    }
    for (auto const& [key, peer] : state.peers) {
        if (peer.unknown_topics != unknown[key]) return "the count of unknown topics";
    }
    std::size_t bytes = 0;
    for (auto const& [key, pending] : state.pending) bytes += pending.frame.size();
    if (bytes != state.pending_bytes || bytes > state.config.pending_bytes_max) return "bytes pending";
    if (state.pending.size() > state.config.pending_max) return "messages pending";
    if (state.seen.size() > state.config.seen_max + 2 * state.pending.size()) return "messages seen";
    if (state.promises.size() > promises_max) return "promises";
    if (state.peers.size() > state.config.peers_max) return "peers";
    return {};
}

/// What a SendRpc holds.
struct Sent {
    PeerKey peer;
    bool droppable = false;
    base::SharedBytes bytes;  // keeps `rpc` alive
    std::size_t rpc_size = 0;
    Rpc rpc;
};

/// nullopt when an RPC of ours is not one: never.
inline std::optional<Sent> read_sent(SendRpc const& send) {
    auto const length = base::read_varint(send.bytes.view()).varint;
    if (!length || length->value != send.bytes.size() - length->size) return std::nullopt;
    auto rpc = decode_rpc(send.bytes.view().subspan(length->size));
    if (!rpc) return std::nullopt;
    return Sent{send.peer, send.droppable, send.bytes, static_cast<std::size_t>(length->value), std::move(*rpc)};
}

inline std::vector<Sent> sent_in(Out const& out) {
    std::vector<Sent> all;
    for (auto const& effect : out.effects) {
        auto sent = read_sent(std::get<SendRpc>(effect));
        base::check(sent.has_value(), "an RPC of ours can be read");
        all.push_back(std::move(*sent));
    }
    return all;
}

template <class Event>
std::vector<Event> events_in(Out const& out) {
    std::vector<Event> all;
    for (auto const& event : out.events) {
        if (auto const* one = std::get_if<Event>(&event)) all.push_back(*one);
    }
    return all;
}

inline std::vector<Misbehaviour> misbehaviours_in(Out const& out) {
    std::vector<Misbehaviour> all;
    for (auto const& one : events_in<Misbehaved>(out)) all.push_back(one.what);
    return all;
}

inline std::vector<PeerKey> grafted_in(Out const& out) {
    std::vector<PeerKey> peers;
    for (auto const& sent : sent_in(out)) peers.insert(peers.end(), sent.rpc.graft.size(), sent.peer);
    return peers;
}
struct SentPrune {
    PeerKey peer;
    std::uint64_t backoff_seconds = 0;
    bool operator==(SentPrune const&) const = default;
};
inline std::vector<SentPrune> pruned_in(Out const& out) {
    std::vector<SentPrune> all;
    for (auto const& sent : sent_in(out)) {
        for (auto const& part : sent.rpc.prune) all.push_back({sent.peer, part.backoff_seconds});
    }
    return all;
}
/// Who got a message.
inline std::vector<PeerKey> receivers_in(Out const& out) {
    std::vector<PeerKey> peers;
    for (auto const& sent : sent_in(out)) peers.insert(peers.end(), sent.rpc.messages.size(), sent.peer);
    std::ranges::sort(peers);
    return peers;
}

// RPCs of a peer, without their length prefix.

inline base::ByteString subscription_rpc(std::string_view topic, bool subscribe = true) {
    base::ByteString rpc;
    append_subscription(rpc, topic, subscribe);
    return rpc;
}
inline base::ByteString control_rpc(base::ByteView control) {
    base::ByteString rpc;
    protobuf::append_bytes_field(rpc, 3, control);
    return rpc;
}
inline base::ByteString graft_rpc(std::string_view topic) {
    base::ByteString control;
    append_graft(control, topic);
    return control_rpc(control);
}
inline base::ByteString prune_rpc(std::string_view topic, std::optional<std::uint64_t> backoff_seconds) {
    base::ByteString control;
    append_prune(control, topic, backoff_seconds);
    return control_rpc(control);
}
inline base::ByteString ihave_rpc(std::string_view topic, std::vector<base::ByteString> const& ids) {
    base::ByteString control;
    std::vector<base::ByteView> const views(ids.begin(), ids.end());
    append_ihave(control, topic, views, 0, SIZE_MAX / 2);
    return control_rpc(control);
}
inline base::ByteString iwant_rpc(std::vector<base::ByteString> const& ids) {
    base::ByteString control;
    std::vector<base::ByteView> const views(ids.begin(), ids.end());
    append_iwant(control, views, 0, SIZE_MAX / 2);
    return control_rpc(control);
}
inline base::ByteString message_rpc(base::ByteView message) {
    base::ByteString rpc;
    protobuf::append_bytes_field(rpc, 2, message);
    return rpc;
}
/// A Message signed by the author of this number.
inline base::ByteString message_by(std::uint64_t author, std::string_view topic, std::string_view data,
                                   std::uint64_t sequence_number, crypto::Suite const& suite) {
    Config config;
    config.key = key_number(author);
    config.suite = &suite;
    base::ByteString number;
    base::append_u64_be(number, sequence_number);
    return write_message(State(std::move(config)), topic, base::as_bytes(data), number);
}

/// A node whose suite does no curve arithmetic, and whose key is number 0.
inline Config test_config() {
    static auto const key = key_number(0);
    Config config;
    config.key = key;
    config.suite = &crypto::stand_in_suite();
    return config;
}

class Node {
public:
    explicit Node(Config config = test_config(), std::uint64_t seed = 1)
        : rng(rng_number(seed)), state(std::move(config)) {}

    Out apply(Action const& action) {
        Out out;
        reduce(state, action, base::Env{now, rng, trace}, out);
        auto const broken = broken_invariant(state, now);
        base::check(broken.empty(), broken.c_str());
        return out;
    }
    /// Lets time pass, with a Tick at each deadline.
    Out advance(base::Duration by) {
        Out all;
        auto const until = now + by;
        while (next_deadline(state) <= until) {
            now = std::max(now, next_deadline(state));
            auto out = apply(Tick{});
            all.effects.insert(all.effects.end(), out.effects.begin(), out.effects.end());
            all.events.insert(all.events.end(), out.events.begin(), out.events.end());
        }
        now = until;
        return all;
    }
    Out add(std::uint64_t peer, Direction direction = Direction::inbound, Version version = Version::v1_1) {
        return apply(PeerAdded{PeerKey{peer}, id_number(peer), version, direction});
    }
    Out receive(std::uint64_t peer, base::ByteString const& rpc) { return apply(RpcReceived{PeerKey{peer}, rpc}); }
    /// A peer of GossipSub 1.1 that is in the topic.
    Out add_in(std::uint64_t peer, std::string_view topic, Direction direction = Direction::inbound) {
        add(peer, direction);
        return receive(peer, subscription_rpc(topic));
    }
    Out subscribe(std::string topic) { return apply(Subscribe{std::move(topic)}); }
    Out publish(std::string topic, std::string_view data) {
        return apply(Publish{std::move(topic), base::SharedBytes::copy_of(base::as_bytes(data)), RequestId{1}});
    }
    Topic const& topic(std::string_view name) const { return state.topics.find(name)->second; }
    bool in_mesh(std::string_view name, std::uint64_t peer) const { return topic(name).mesh.contains(PeerKey{peer}); }

    base::Rng rng;
    base::NoTrace trace;
    base::Instant now{1'000'000'000};
    State state;
};

}  // namespace libp2p::gossipsub::test
