// Goal: what we write is what others read, to the byte where they differ; what they write is read leniently, within
// bounds; nothing else is taken for a message.
// Method: bytes as they were seen on the wire of other implementations; spoilt and oversized messages.
#include "libp2p/kademlia/test_node.h"

#include "base/text.h"
#include "libp2p/wire/protobuf.h"

#include <gtest/gtest.h>

namespace libp2p::kademlia {
namespace {

using namespace test;

base::ByteString peer_field(base::ByteView id, std::vector<base::ByteString> const& addresses) {
    base::ByteString peer;
    protobuf::append_bytes_field(peer, 1, id);
    for (auto const& bytes : addresses) protobuf::append_bytes_field(peer, 2, bytes);
    return peer;
}

base::ByteString bytes_of(Multiaddr const& at) { return base::to_byte_string(at.bytes()); }

TEST(KademliaMessage, a_request_has_the_bytes_of_minas_rust_node) {
    auto const id = *PeerId::from_text("12D3KooWNXARF5S7qTRZZuoTZwSda7XA7fBh4oz1vZadHnaFv1nL");
    auto const request = request_of(MessageType::find_node, id.bytes());
    base::ByteString expected{0x2c, 0x08, 0x04, 0x50, 0x0a, 0x12, 0x26, 0x00, 0x24, 0x08, 0x01, 0x12, 0x20};
    ASSERT_EQ(request.size(), 45U);
    EXPECT_TRUE(base::equal(base::ByteView(request).first(expected.size()), expected));
    EXPECT_TRUE(base::equal(base::ByteView(request).last(32), id.bytes().last(32)));
    EXPECT_TRUE(is_short_peer_id(id.bytes()));
}

TEST(KademliaMessage, requests_to_finders_take_fifty_bytes_at_most) {
    EXPECT_LE(request_of(MessageType::find_node, id_number(1).bytes()).size(), 50U);
    EXPECT_TRUE(is_short_peer_id(id_number(1).bytes()));
    for (std::size_t const size : {0U, 16U, 32U, 33U, 35U, 39U, 40U})
        EXPECT_FALSE(is_short_peer_id(base::ByteString(size, 0x12)));
    base::ByteString wrong_length(38, 1);
    wrong_length[0] = 0;
    EXPECT_FALSE(is_short_peer_id(wrong_length));
}

TEST(KademliaMessage, reads_an_answer_without_key_and_with_level_ten) {
    base::ByteString message{0x08, 0x04, 0x50, 0x0a};
    auto peer = peer_field(id_number(2).bytes(), {bytes_of(address_number(2))});
    peer.insert(peer.end(), {0x18, 0x01});  // connection = CONNECTED
    protobuf::append_bytes_field(message, 8, peer);
    auto const read = decode(message);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->type, MessageType::find_node);
    EXPECT_TRUE(read->key.empty());
    ASSERT_EQ(read->closer.size(), 1U);
    EXPECT_EQ(read->closer[0], (PeerAddresses{id_number(2), {address_number(2)}}));
}

TEST(KademliaMessage, every_type_survives_the_way) {
    auto const key = base::to_byte_string(id_number(9).bytes());
    for (auto const type : {MessageType::put_value, MessageType::get_value, MessageType::add_provider,
                            MessageType::get_providers, MessageType::find_node, MessageType::ping}) {
        Message message;
        message.type = type;
        message.key = key;
        message.record = Record{key, base::as_bytes("value")};
        message.closer = {{id_number(1), {address_number(1), address_number(2)}}, {id_number(2), {}}};
        message.providers = {{id_number(3), {address_number(3)}}};
        auto const written = encode(message);
        auto const read = decode(body(written));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->type, type);
        EXPECT_TRUE(base::equal(read->key, key));
        EXPECT_TRUE(base::equal(read->record->key, key));
        EXPECT_EQ(base::as_text(read->record->value), "value");
        EXPECT_EQ(read->closer, message.closer);
        EXPECT_EQ(read->providers, message.providers);
    }
}

TEST(KademliaMessage, what_is_not_written_is_zero) {
    auto const read = decode({});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->type, MessageType::put_value);
}

TEST(KademliaMessage, skips_what_it_cannot_read_of_peers) {
    base::ByteString message{0x08, 0x04};
    auto const good = bytes_of(address_number(1));
    protobuf::append_bytes_field(message, 8, peer_field(base::ByteString{0x12, 0x20, 1}, {good}));
    protobuf::append_bytes_field(message, 8, peer_field(id_number(1).bytes(), {{0xff, 0xff}, {}, good}));
    protobuf::append_bytes_field(message, 8, peer_field({}, {}));
    protobuf::append_bytes_field(message, 8, {});
    protobuf::append_varint_field(message, 99, 5);
    auto const read = decode(message);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->closer.size(), 1U);
    EXPECT_EQ(read->closer[0], (PeerAddresses{id_number(1), {address_number(1)}}));
}

TEST(KademliaMessage, reads_a_bounded_part_of_much) {
    base::ByteString message{0x08, 0x04};
    std::vector<base::ByteString> addresses;
    for (std::uint64_t i = 0; i < 100; ++i) addresses.push_back(bytes_of(address_number(i)));
    for (std::uint64_t i = 0; i < 200; ++i) {
        protobuf::append_bytes_field(
            message, 8, peer_field(id_number(i).bytes(), i == 0 ? addresses : std::vector<base::ByteString>{}));
        protobuf::append_bytes_field(message, 9, peer_field(id_number(i).bytes(), {}));
    }
    auto const read = decode(message);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->closer.size(), closer_in_max);
    EXPECT_EQ(read->providers.size(), providers_in_max);
    EXPECT_EQ(read->closer[0].addresses.size(), peer_addresses_max);
}

TEST(KademliaMessage, skips_an_address_that_is_too_long) {
    auto const name =
        "/dns4/" + std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(20, 'c') + "/tcp/1";
    auto const read =
        decode(body(encode({.type = MessageType::find_node, .closer = {{id_number(1), {address(name)}}}})));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->closer[0].addresses.empty());
}

TEST(KademliaMessage, refuses_what_is_malformed) {
    EXPECT_EQ(decode(base::ByteString{0x08}).error(), MessageError::malformed);
    EXPECT_EQ(decode(base::ByteString{0x08, 0x06}).error(), MessageError::unknown_type);
    EXPECT_EQ(decode(base::ByteString{0x12, 0x05, 1}).error(), MessageError::malformed);
    EXPECT_EQ(decode(base::ByteString{0x10, 0x05}).error(), MessageError::malformed);  // the key as a number
    EXPECT_EQ(decode(base::ByteString{0x42, 0x01, 0x0a}).error(), MessageError::malformed);  // half a peer
    EXPECT_EQ(decode(base::ByteString{0x1a, 0x02, 0x08, 0x01}).error(),
              MessageError::malformed);  // a record's key as a number
    base::ByteString long_key{0x08, 0x04};
    protobuf::append_bytes_field(long_key, 2, base::ByteString(key_bytes_max + 1, 1));
    EXPECT_EQ(decode(long_key).error(), MessageError::key_too_long);
}

TEST(KademliaMessage, writes_no_more_than_rust_libp2p_reads) {
    Message message;
    message.type = MessageType::get_providers;
    for (std::uint64_t i = 0; i < 60; ++i) {
        PeerAddresses peer{id_number(i), {}};
        for (std::uint64_t j = 0; j < 40; ++j)
            peer.addresses.push_back(address("/dns4/" + std::string(50, 'a') + "/tcp/" + std::to_string(j + 1)));
        message.providers.push_back(peer);
        message.closer.push_back(peer);
    }
    auto const written = encode(message);
    EXPECT_LE(written.size(), message_bytes_out_max + 3);
    EXPECT_GT(written.size(), 12'000U);
    auto const read = decode(base::ByteView(written).subspan(2));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->providers.size(), peers_out_max);  // and of the closer ones, as many as fit
    EXPECT_LT(read->closer.size(), peers_out_max);
    EXPECT_GT(read->providers[0].addresses.size(), 5U);
}

}  // namespace
}  // namespace libp2p::kademlia
