// The answer to get_some_initial_peers. Goal: what we write is what Mina reads, and nothing that a peer writes hurts.
#include "mina/p2p/initial_peers.h"

#include "mina/messages/messages.h"

#include <gtest/gtest.h>

namespace mina::p2p {
namespace {

using libp2p::kademlia::PeerAddresses;

PeerAddresses peer(std::uint8_t number, std::vector<std::string> const& addresses) {
    PeerAddresses made{libp2p::PeerId::of(crypto::PublicKey::ed25519({number})), {}};
    for (auto const& text : addresses) made.addresses.push_back(*libp2p::Multiaddr::from_text(text));
    return made;
}

bool is_answer(base::ByteView bytes) {
    auto const format = messages::Format::berkeley;
    auto const* const root = schema::find_root(messages::schema_of(format), "get_some_initial_peers.response");
    return messages::validate(*messages::codec_of(format, *root), bytes).has_value();
}

TEST(InitialPeers, come_back_with_their_first_address_of_ip_and_tcp) {
    std::vector const told{peer(1, {"/dns4/seed.example/tcp/1", "/ip4/10.0.0.1/tcp/8302"}),
                           peer(2, {"/dns4/seed.example/tcp/1"}), peer(3, {"/ip6/2001:db8::1/tcp/65535"})};
    auto const bytes = encode_initial_peers(told);
    EXPECT_TRUE(is_answer(bytes));
    auto const read = decode_initial_peers(bytes);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ((*read)[0].id, told[0].id);
    EXPECT_EQ((*read)[0].addresses[0].text(), "/ip4/10.0.0.1/tcp/8302");
    EXPECT_EQ((*read)[1].addresses[0].text(), "/ip6/2001:db8::1/tcp/65535");
}

TEST(InitialPeers, are_bounded_when_written) {
    std::vector<PeerAddresses> many;
    for (int i = 0; i < 150; ++i) many.push_back(peer(static_cast<std::uint8_t>(i), {"/ip4/10.0.0.1/tcp/8302"}));
    auto const bytes = encode_initial_peers(many);
    EXPECT_TRUE(is_answer(bytes));
    EXPECT_LT(bytes.size(), 32U * 1024);
    EXPECT_EQ(decode_initial_peers(bytes)->size(), initial_peers_max);
}

TEST(InitialPeers, pass_over_who_cannot_be_dialed) {
    // Each: host, port, id.
    base::ByteString bytes{4};
    auto const text = [&](std::string const& of) {
        bytes.push_back(static_cast<std::uint8_t>(of.size()));
        base::append(bytes, base::as_bytes(of));
    };
    auto const id = peer(1, {}).id.text();
    for (auto const* host : {"not.an.ip", "10.0.0.1", "10.0.0.1", "10.0.0.2"}) {
        text(host);
        bytes.push_back(host[7] == '2' ? 80 : 0);
        text(id);
    }
    auto const read = decode_initial_peers(bytes);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ((*read)[0].addresses[0].text(), "/ip4/10.0.0.2/tcp/80");
}

TEST(InitialPeers, that_are_no_list_are_an_error) {
    EXPECT_FALSE(decode_initial_peers({}));
    EXPECT_FALSE(decode_initial_peers(base::ByteString{0xfe, 0xff, 0xff}));
    EXPECT_FALSE(decode_initial_peers(base::ByteString{1, 0, 0}));
    EXPECT_FALSE(decode_initial_peers(base::ByteString{0, 0}));
}

}  // namespace
}  // namespace mina::p2p
