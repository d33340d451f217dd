// Goal: the Identify message is written as peers read it, and read whatever peers write.
// Method: bytes written by hand from the schema; a message of every size; every limit from both sides.
#include "libp2p/identify/identify_message.h"

#include "base/text.h"
#include "base/varint.h"
#include "crypto/keys.h"
#include "libp2p/wire/protobuf.h"

#include <gtest/gtest.h>

namespace libp2p::identify {
namespace {

crypto::PublicKey key_of(std::uint8_t number) {
    return crypto::PrivateKey::ed25519_from_seed({number}).public_key();
}
Multiaddr address(std::string_view text) { return Multiaddr::from_text(text).value(); }

Self example() {
    Self self;
    self.public_key = key_of(1).encode();
    self.listen_addresses = {address("/ip4/127.0.0.1/tcp/8302"), address("/ip4/1.2.3.4/tcp/8302")};
    self.protocols = {"/ipfs/id/1.0.0", "coda/rpcs/0.0.1"};
    self.agent = "minap2p";
    return self;
}

base::ByteView without_length(base::ByteView message) {
    auto const length = base::read_varint(message);
    EXPECT_TRUE(length.varint.has_value());
    EXPECT_EQ(length.varint->value, message.size() - length.varint->size);
    return message.subspan(length.varint->size);
}

/// What a reader makes of one message.
base::Result<Info, Reason> read(base::ByteView message, PeerId const& sender) {
    Draft draft;
    TRY_VOID(add_message(draft, message, sender));
    return merge({}, std::move(draft));
}

// spec: identify#the-identify-message
TEST(IdentifyMessage, is_written_field_by_field_in_ascending_order) {
    base::ByteString expected;
    auto const field = [&](std::uint8_t tag, base::ByteView bytes) {
        expected.push_back(tag);
        expected.push_back(static_cast<std::uint8_t>(bytes.size()));
        base::append(expected, bytes);
    };
    field(0x0a, key_of(1).encode());
    field(0x12, base::from_hex("040102030406206e").value());  // /ip4/1.2.3.4/tcp/8302
    field(0x1a, base::as_bytes("/ipfs/id/1.0.0"));
    field(0x1a, base::as_bytes("coda/rpcs/0.0.1"));
    field(0x22, base::from_hex("0405060708060929").value());  // /ip4/5.6.7.8/tcp/2345
    field(0x2a, base::as_bytes("ipfs/0.1.0"));
    field(0x32, base::as_bytes("minap2p"));
    auto const message = encode(example(), address("/ip4/5.6.7.8/tcp/2345"), false);
    EXPECT_EQ(base::to_hex(without_length(message)), base::to_hex(expected));
}

TEST(IdentifyMessage, names_loopback_addresses_on_a_loopback_link_only) {
    auto const id = PeerId::of(key_of(1));
    auto const far =
        read(without_length(encode(example(), address("/ip4/5.6.7.8/tcp/1"), false)), id).value();
    EXPECT_EQ(far.listen_addresses, std::vector{address("/ip4/1.2.3.4/tcp/8302")});
    auto const near =
        read(without_length(encode(example(), address("/ip4/127.0.0.1/tcp/1"), true)), id).value();
    EXPECT_EQ(near.listen_addresses, example().listen_addresses);
}

TEST(IdentifyMessage, tells_loopback_from_other_addresses) {
    for (auto const* const text :
         {"/ip4/127.0.0.1/tcp/1", "/ip4/127.9.9.9/udp/1/quic-v1", "/ip6/::1/tcp/1"}) {
        EXPECT_TRUE(is_loopback(address(text))) << text;
    }
    for (auto const* const text : {"/ip4/10.0.0.1/tcp/1", "/ip6/::2/tcp/1", "/dns4/localhost/tcp/1"}) {
        EXPECT_FALSE(is_loopback(address(text))) << text;
    }
    EXPECT_FALSE(is_loopback(Multiaddr()));
}

// rust-libp2p reads no more than 4,096 bytes.
TEST(IdentifyMessage, drops_what_does_not_fit_addresses_first) {
    auto const id = PeerId::of(key_of(1));
    auto self = example();
    for (std::uint8_t i = 0; i < 200; ++i) {
        self.listen_addresses.push_back(Multiaddr::tcp_at({IpAddress::v4(9, 9, 9, i), 1000}));
        self.listen_addresses.push_back(Multiaddr::tcp_at({IpAddress::v4(8, 8, 8, i), 1000}));
    }
    auto const many_addresses = encode(self, address("/ip4/5.6.7.8/tcp/1"), false);
    EXPECT_LE(many_addresses.size(), sent_bytes_max);
    EXPECT_GT(many_addresses.size(), sent_bytes_max - 20);
    EXPECT_EQ(many_addresses, encode(self, address("/ip4/5.6.7.8/tcp/1"), false));
    auto info = read(without_length(many_addresses), id).value();
    EXPECT_EQ(info.protocols, self.protocols);
    EXPECT_EQ(info.listen_addresses.front(), self.listen_addresses[1]);

    self.protocols.clear();
    for (int i = 1000; i < 2000; ++i) self.protocols.push_back("/some/protocol/" + std::to_string(i));
    auto const many_protocols = encode(self, address("/ip4/5.6.7.8/tcp/1"), false);
    EXPECT_LE(many_protocols.size(), sent_bytes_max);
    EXPECT_GT(many_protocols.size(), sent_bytes_max - 40);
    info = read(without_length(many_protocols), id).value();
    EXPECT_EQ(info.agent, "minap2p");
    EXPECT_EQ(info.protocols.front(), "/some/protocol/1000");
    EXPECT_GT(info.protocols.size(), 150U);
}

TEST(IdentifyMessage, keeps_to_its_bound_at_any_length_of_the_agent) {
    auto self = example();
    for (std::size_t size = 0; size < 5000; size += 7) {
        self.agent.assign(size, 'a');
        EXPECT_LE(encode(self, Multiaddr(), true).size(), sent_bytes_max);
    }
}

TEST(IdentifyMessage, tolerates_unknown_fields_and_unparsable_addresses) {
    base::ByteString message;
    protobuf::append_varint_field(message, 99, 5);
    protobuf::append_bytes_field(message, 100, base::as_bytes("later"));
    protobuf::append_varint_field(message, 2, 7);  // a known number of another type
    protobuf::append_bytes_field(message, 2, base::as_bytes("not an address"));
    protobuf::append_bytes_field(message, 2, address("/ip4/1.2.3.4/tcp/5").bytes());
    protobuf::append_bytes_field(message, 2, address("/ip4/1.2.3.4/tcp/5").bytes());
    protobuf::append_bytes_field(message, 4, base::as_bytes("\x04\x01"));
    protobuf::append_bytes_field(message, 3, base::as_bytes(std::string_view("\xff\0odd", 5)));
    auto const info = read(message, PeerId::of(key_of(1))).value();
    EXPECT_EQ(info.listen_addresses, std::vector{address("/ip4/1.2.3.4/tcp/5")});
    EXPECT_EQ(info.protocols, std::vector{std::string("\xff\0odd", 5)});
    EXPECT_TRUE(info.observed.empty());
}

// CVE-2023-40583: a signed peer record of another peer, valid by itself, must plant nothing.
TEST(IdentifyMessage, adv_5_reads_no_signed_peer_record) {
    base::ByteString message;
    protobuf::append_bytes_field(message, 6, base::as_bytes("a"));
    protobuf::append_bytes_field(message, 8, base::ByteString(500, 0x0a));
    Info expected;
    expected.agent = "a";
    EXPECT_EQ(read(message, PeerId::of(key_of(1))).value(), expected);
}

TEST(IdentifyMessage, refuses_another_peers_key) {
    base::ByteString message;
    protobuf::append_bytes_field(message, 1, key_of(2).encode());
    EXPECT_EQ(read(message, PeerId::of(key_of(1))).error(), Reason::key_mismatch);
    EXPECT_TRUE(read(message, PeerId::of(key_of(2))).has_value());
    base::ByteString garbage;
    protobuf::append_bytes_field(garbage, 1, base::as_bytes("no key"));
    EXPECT_EQ(read(garbage, PeerId::of(key_of(1))).error(), Reason::key_mismatch);
}

TEST(IdentifyMessage, refuses_what_is_not_protobuf) {
    auto const id = PeerId::of(key_of(1));
    EXPECT_EQ(read(base::as_bytes("\x0b"), id).error(), Reason::malformed);  // a group
    EXPECT_EQ(read(base::as_bytes("\x32\x7f\x61"), id).error(),
              Reason::malformed);  // longer than the message
    EXPECT_TRUE(read({}, id).has_value());
}

TEST(IdentifyMessage, cuts_and_cleans_texts) {
    base::ByteString message;
    protobuf::append_bytes_field(message, 6, base::as_bytes("a\x1b[2Jb\n\xc3\xa9"));
    protobuf::append_bytes_field(message, 5, base::as_bytes(std::string(1000, 'v')));
    auto const info = read(message, PeerId::of(key_of(1))).value();
    EXPECT_EQ(info.agent, "a?[2Jb???");
    EXPECT_EQ(info.protocol_version, std::string(256, 'v'));
}

TEST(IdentifyMessage, keeps_a_bounded_number_of_addresses) {
    base::ByteString message;
    for (std::uint8_t i = 0; i < 200; ++i) {
        protobuf::append_bytes_field(message, 2, Multiaddr::tcp_at({IpAddress::v4(1, 2, 3, i), 5}).bytes());
    }
    EXPECT_EQ(read(message, PeerId::of(key_of(1))).value().listen_addresses.size(), addresses_max);

    // Bad ones and duplicates are looked at a bounded number of times.
    base::ByteString hidden;
    for (std::size_t i = 0; i < addresses_examined_max; ++i) protobuf::append_bytes_field(hidden, 2, {});
    protobuf::append_bytes_field(hidden, 2, address("/ip4/1.2.3.4/tcp/5").bytes());
    EXPECT_TRUE(read(hidden, PeerId::of(key_of(1))).value().listen_addresses.empty());
}

TEST(IdentifyMessage, refuses_more_protocols_than_1024) {
    base::ByteString message;
    for (int i = 0; i < 1024; ++i) protobuf::append_bytes_field(message, 3, base::as_bytes("p"));
    EXPECT_EQ(read(message, PeerId::of(key_of(1))).value().protocols, std::vector<std::string>{"p"});
    protobuf::append_bytes_field(message, 3, base::as_bytes("p"));
    EXPECT_EQ(read(message, PeerId::of(key_of(1))).error(), Reason::too_many_protocols);
}

// spec: identify#identifypush "missing fields should be ignored"
TEST(IdentifyMessage, merging_replaces_only_what_was_said) {
    Info known;
    known.agent = "old";
    known.protocol_version = "v";
    known.protocols = {"a", "b"};
    known.listen_addresses = {address("/ip4/1.2.3.4/tcp/5")};
    known.observed = address("/ip4/9.9.9.9/tcp/9");
    EXPECT_EQ(merge(known, {}), known);
    Draft draft;
    draft.protocols = {"z", "c", "c"};
    draft.agent = "new";
    auto expected = known;
    expected.protocols = {"c", "z"};
    expected.agent = "new";
    EXPECT_EQ(merge(known, std::move(draft)), expected);
}

}  // namespace
}  // namespace libp2p::identify
