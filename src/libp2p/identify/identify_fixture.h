// What the tests of identify share: a node that knows itself, and the facts of one peer.
#pragma once

#include "libp2p/identify/identify.h"

#include "base/varint.h"
#include "crypto/keys.h"
#include "libp2p/ping/stream_pair.h"

namespace libp2p::identify::test {

using namespace std::chrono_literals;

inline constexpr PeerKey peer{1};
inline constexpr auto id_name = "/ipfs/id/1.0.0";
inline constexpr auto push_name = "/ipfs/id/push/1.0.0";
inline constexpr RequestId query_request{1};
inline constexpr RequestId push_request{2};

inline crypto::PublicKey key_of(std::uint8_t number) {
    return crypto::PrivateKey::ed25519_from_seed({number}).public_key();
}
inline Multiaddr address(std::string_view text) { return Multiaddr::from_text(text).value(); }

inline Self self_of(std::uint8_t number) {
    Self self;
    self.public_key = key_of(number).encode();
    self.listen_addresses = {address("/ip4/1.2.3." + std::to_string(number) + "/tcp/8302")};
    self.protocols = {id_name, push_name, "coda/rpcs/0.0.1"};
    self.agent = "minap2p/" + std::to_string(number);
    return self;
}
inline PeerConnected connected(PeerKey key, std::uint8_t number) {
    return {key, PeerId::of(key_of(number)), address("/ip4/5.6.7.8/tcp/1234"), Direction::inbound};
}

struct Node : libp2p::test::Node<State, Action, Out> {
    Node() { act(SelfChanged{self_of(9)}); }
};

inline stream::Opened outbound(std::uint64_t channel, RequestId request = query_request) {
    return {ChannelId{channel}, peer, Direction::outbound, request,
            request == push_request ? push_name : id_name};
}
inline stream::Opened inbound(std::uint64_t channel, char const* protocol) {
    return {ChannelId{channel}, peer, Direction::inbound, {}, protocol};
}
inline stream::Finished finished(std::uint64_t channel) { return {ChannelId{channel}}; }
inline stream::Closed closed(std::uint64_t channel, stream::CloseReason reason,
                             RequestId request = query_request) {
    return {ChannelId{channel}, peer, request, reason};
}

/// What peer 1 sends of itself.
inline base::ByteString message() { return encode(self_of(1), address("/ip4/4.4.4.4/tcp/4"), false); }

inline base::ByteString framed(base::ByteView body) {
    base::ByteString out;
    base::append_varint(out, body.size());
    base::append(out, body);
    return out;
}

inline Node reading() {
    Node node;
    node.act(connected(peer, 1));
    node.act(outbound(5));
    return node;
}
inline Node identified() {
    auto node = reading();
    node.data(5, message());
    node.act(finished(5));
    return node;
}

inline Self changed_self(int number) {
    auto self = self_of(9);
    self.agent = "changed " + std::to_string(number);
    return self;
}

}  // namespace libp2p::identify::test
