// MessageFormats. Goal: messages of the network's format pass, others do not, and the format is learnt from blocks of
// different peers. Method: random messages of each format, from the schema, given as if peers had sent them.
#include "mina/p2p/message_formats.h"

#include "base/rng.h"
#include "mina/schema/random.h"

#include <gtest/gtest.h>

namespace mina::p2p {
namespace {

using messages::Format;

base::ByteString random_gossip(Format format, messages::GossipKind kind, std::uint8_t seed) {
    base::Rng rng({seed, 'f'});
    auto const* const root = schema::find_root(messages::schema_of(format), "gossip");
    for (;;) {
        auto const value = schema::random_value(*root->type, {}, [&] { return rng.next(); });
        if (value.front() == static_cast<std::uint8_t>(kind) && value.size() > 5'000) return messages::framed(value);
    }
}

libp2p::PeerId peer(std::uint8_t number) {
    return libp2p::PeerId::of(crypto::PrivateKey::ed25519_from_seed({number}).public_key());
}

TEST(MessageFormats, accepts_what_is_of_the_format_and_nothing_else) {
    MessageFormats formats({Format::mesa});
    EXPECT_TRUE(formats.is_settled());
    auto const block = random_gossip(Format::mesa, messages::GossipKind::block, 1);
    EXPECT_EQ(formats.check(block, peer(1)), messages::GossipKind::block);
    auto const other = random_gossip(Format::mesa_array_inputs, messages::GossipKind::block, 2);
    EXPECT_FALSE(formats.check(other, peer(1)));
    EXPECT_FALSE(formats.check(base::as_bytes("no message"), peer(1)));
    EXPECT_FALSE(formats.check({}, peer(1)));
}

TEST(MessageFormats, refuses_a_length_that_is_not_that_of_the_message) {
    MessageFormats formats({Format::berkeley});
    auto block = random_gossip(Format::berkeley, messages::GossipKind::block, 3);
    block[0] ^= 1;
    auto const refused = formats.check(block, peer(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), (binprot::Error{0, binprot::Reason::bad_frame_length}));
}

TEST(MessageFormats, refuses_a_field_element_that_no_node_can_decode) {
    MessageFormats formats({Format::berkeley});
    auto block = random_gossip(Format::berkeley, messages::GossipKind::block, 4);
    // The first field of a block is the hash of its predecessor, behind the length and the tag.
    std::fill_n(block.begin() + 9, 32, std::uint8_t{0xff});
    auto const refused = formats.check(block, peer(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), (binprot::Error{9, binprot::Reason::field_not_reduced}));
}

TEST(MessageFormats, settles_on_the_format_that_three_peers_sent_blocks_of) {
    MessageFormats formats({Format::mesa, Format::mesa_array_inputs});
    EXPECT_FALSE(formats.is_settled());
    for (std::uint8_t i = 0; i < MessageFormats::voters_wanted; ++i) {
        EXPECT_EQ(formats.current(), Format::mesa);
        auto const block = random_gossip(Format::mesa_array_inputs, messages::GossipKind::block, i);
        EXPECT_EQ(formats.check(block, peer(i)), messages::GossipKind::block);
    }
    EXPECT_TRUE(formats.is_settled());
    EXPECT_EQ(formats.current(), Format::mesa_array_inputs);
    EXPECT_FALSE(formats.check(random_gossip(Format::mesa, messages::GossipKind::block, 9), peer(9)));
}

TEST(MessageFormats, gives_a_peer_one_vote) {
    MessageFormats formats({Format::mesa, Format::mesa_array_inputs});
    for (std::uint8_t i = 0; i < 10; ++i) {
        formats.check(random_gossip(Format::mesa_array_inputs, messages::GossipKind::block, i), peer(1));
    }
    EXPECT_FALSE(formats.is_settled());
}

TEST(MessageFormats, passes_any_of_its_formats_until_it_has_settled) {
    MessageFormats formats({Format::mesa, Format::mesa_array_inputs});
    EXPECT_TRUE(formats.check(random_gossip(Format::mesa, messages::GossipKind::block, 1), peer(1)));
    EXPECT_TRUE(formats.check(random_gossip(Format::mesa_array_inputs, messages::GossipKind::block, 2), peer(2)));
    EXPECT_TRUE(formats.check(random_gossip(Format::mesa_array_inputs, messages::GossipKind::snark_work, 3), peer(3)));
    EXPECT_FALSE(formats.is_settled());
}

TEST(MessageFormats, checks_nothing_without_a_format) { EXPECT_FALSE(MessageFormats({}).are_checked()); }

}  // namespace
}  // namespace mina::p2p
