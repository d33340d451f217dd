// Message signatures and ids. Goal: what go-libp2p-pubsub signs verifies here and the other way round, and nothing else
// does. Method: vectors made with go-libp2p 0.51 and its protobuf (seed 00 01 … 1f), and each field changed in turn.
#include "libp2p/gossipsub/test_node.h"

#include "base/text.h"
#include "libp2p/gossipsub/rust_ids.h"

#include <gtest/gtest.h>

namespace libp2p::gossipsub {
namespace {

constexpr std::string_view topic = "coda/consensus-messages/0.0.1";
constexpr std::string_view author_text = "12D3KooWA4Xop1JaT3MHxwYMkCepYsv4iPVopMXwCz5iHYdBfeSB";
constexpr std::string_view go_message =
    "0a2600240801122003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8120568656c6c6f1a08000000000000"
    "0102221d636f64612f636f6e73656e7375732d6d657373616765732f302e302e312a40d585c9135f617adc707cbc3a9882609228800c19c7"
    "a29303d37a727c0d5d7755826a4dcca2f7d48473c457e9fe8d2d7895f1de581173b7814200cc7e8e9e6603";
/// The same with fields 9 and 10, which Go does not know and signs all the same.
constexpr std::string_view go_message_with_unknown_fields =
    "0a2600240801122003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8120568656c6c6f1a08000000000000"
    "0102221d636f64612f636f6e73656e7375732d6d657373616765732f302e302e312a40118cc4e16071233728558d9b4ed7b0f749074ff4eb"
    "24fe592b204d256c48c1cd53b57e7761df0d987dc6934798c135b99b80a4a56b1de7894fef1b67871a2e0b480752026869";

crypto::PrivateKey go_key() {
    base::ByteArray<32> seed{};
    for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
    return crypto::PrivateKey::ed25519_from_seed(seed);
}

Config config_with(std::optional<crypto::PrivateKey> key, SigningPolicy policy = SigningPolicy::strict_sign) {
    Config config;
    config.key = std::move(key);
    config.signing = policy;
    return config;
}

/// What the policy and the signature say of a Message; "ok" when nothing.
std::string judge(base::ByteString const& message, SigningPolicy policy = SigningPolicy::strict_sign) {
    auto const rpc_bytes = test::message_rpc(message);
    auto const rpc = decode_rpc(rpc_bytes);
    if (!rpc) return "malformed";
    auto const config = config_with(std::nullopt, policy);
    PeerId author;
    if (auto const fault = check_fields(config, rpc->messages.at(0), author)) return std::string(to_string(*fault));
    if (policy == SigningPolicy::strict_no_sign) return "ok";
    auto const fault = check_signature(config, rpc->messages.at(0), author);
    return fault ? std::string(to_string(*fault)) : "ok";
}

struct Fields {
    std::optional<base::ByteString> value[7];  // by number
};
Fields fields_of(base::ByteView message) {
    Fields fields;
    protobuf::Reader reader(message);
    while (auto const* field = reader.next()) fields.value[field->number] = base::to_byte_string(field->bytes);
    return fields;
}
base::ByteString encode(Fields const& fields, std::vector<std::uint32_t> const& order = {1, 2, 3, 4, 5, 6}) {
    base::ByteString out;
    for (auto const number : order) {
        if (fields.value[number]) protobuf::append_bytes_field(out, number, *fields.value[number]);
    }
    return out;
}
Fields go_fields() { return fields_of(*base::from_hex(go_message)); }

TEST(MessageSigning, verifies_what_go_signed) { EXPECT_EQ(judge(*base::from_hex(go_message)), "ok"); }

TEST(MessageSigning, signs_as_go_does) {
    State const state(config_with(go_key()));
    EXPECT_EQ(state.self.text(), author_text);
    base::ByteString number;
    base::append_u64_be(number, 0x102);
    EXPECT_EQ(base::to_hex(write_message(state, topic, base::as_bytes("hello"), number)), go_message);
}

// spec: pubsub#message-signing "This includes any fields that are not recognized"
TEST(MessageSigning, covers_unknown_fields_as_go_does) {
    auto const message = *base::from_hex(go_message_with_unknown_fields);
    EXPECT_EQ(judge(message), "ok");
    auto added = *base::from_hex(go_message);
    protobuf::append_varint_field(added, 9, 7);
    EXPECT_EQ(judge(added), "bad signature");
}

TEST(MessageSigning, verifies_whatever_the_order_of_fields_on_the_wire) {
    EXPECT_EQ(judge(encode(go_fields(), {5, 4, 3, 2, 1})), "ok");
    base::ByteString front;  // the unknown fields first, the known ones in another order
    protobuf::append_varint_field(front, 9, 7);
    protobuf::append_bytes_field(front, 10, base::as_bytes("hi"));
    auto fields = go_fields();
    auto const whole = *base::from_hex(go_message_with_unknown_fields);
    auto const rpc_bytes = test::message_rpc(whole);
    fields.value[5] = base::to_byte_string(*decode_rpc(rpc_bytes)->messages.at(0).signature);
    base::append(front, encode(fields, {5, 4, 3, 2, 1}));
    EXPECT_EQ(judge(front), "ok");
}

TEST(MessageSigning, refuses_any_changed_field) {
    for (std::uint32_t number = 1; number <= 5; ++number) {
        auto fields = go_fields();
        fields.value[number]->back() ^= 1;
        EXPECT_EQ(judge(encode(fields)), "bad signature") << number;
    }
}

TEST(MessageSigning, refuses_missing_fields) {
    auto const without = [](std::uint32_t number) {
        auto fields = go_fields();
        fields.value[number].reset();
        return judge(encode(fields));
    };
    EXPECT_EQ(without(1), "missing signature");
    EXPECT_EQ(without(3), "bad sequence number");
    EXPECT_EQ(without(5), "missing signature");
    EXPECT_EQ(without(2), "bad signature");
}

TEST(MessageSigning, refuses_a_sequence_number_of_other_than_8_bytes) {
    for (std::size_t size : {0u, 7u, 9u}) {
        auto fields = go_fields();
        fields.value[3] = base::ByteString(size, 1);
        EXPECT_EQ(judge(encode(fields)), "bad sequence number") << size;
    }
}

TEST(MessageSigning, refuses_an_author_that_is_no_peer_id) {
    auto fields = go_fields();
    fields.value[1] = base::ByteString{1, 2, 3};
    EXPECT_EQ(judge(encode(fields)), "unverifiable signature");
}

TEST(MessageSigning, refuses_an_oversized_key_or_signature_before_any_work) {
    auto fields = go_fields();
    fields.value[2] = base::ByteString(2'000, 'x');
    fields.value[6] = base::ByteString(crypto::encoded_key_bytes_max + 1, 0);
    EXPECT_EQ(judge(encode(fields)), "padded message");
    fields = go_fields();
    fields.value[6] = base::ByteString(100, 0xff);
    EXPECT_EQ(judge(encode(fields)), "unverifiable signature");
    fields = go_fields();
    fields.value[5] = base::ByteString(crypto::signature_bytes_max + 1, 0);
    EXPECT_EQ(judge(encode(fields)), "unverifiable signature");
}

// Nobody above counts more than the data, and unknown fields are kept and forwarded.
TEST(MessageSigning, refuses_a_message_that_is_mostly_something_else_than_data) {
    auto message = *base::from_hex(go_message);
    auto const overhead = message.size() - 5;  // "hello"
    constexpr std::size_t header = 4;          // of field 100
    protobuf::append_bytes_field(message, 100, base::ByteString(message_overhead_bytes_max - overhead - header, 0));
    EXPECT_EQ(judge(message), "bad signature");
    protobuf::append_varint_field(message, 9, 7);
    EXPECT_EQ(judge(message), "padded message");
    EXPECT_EQ(judge(message, SigningPolicy::strict_no_sign), "padded message");
}

// Go verifies them, or some of them, and relays. spec: RFC 8032 leaves it open
TEST(MessageSigning, tells_what_other_implementations_may_take_for_signed_from_forgeries) {
    auto const with_point = [](std::string_view hex, std::uint32_t number) {
        auto fields = go_fields();
        auto const point = *base::from_hex(hex);
        auto& value = *fields.value[number];
        // A signature begins with its point; an author ends with its key.
        std::ranges::copy(point, number == 5 ? value.begin() : value.end() - 32);
        return judge(encode(fields));
    };
    std::string const zeros(60, '0');
    std::string const ones(60, 'f');
    for (auto const& point :
         {"00" + zeros + "00", "01" + zeros + "00", "01" + zeros + "80",  // order 4, the identity, and with a sign
          "ec" + ones + "7f", "ed" + ones + "7f", "ee" + ones + "ff", "ff" + ones + "7f",
          std::string("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
          std::string("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}) {
        EXPECT_EQ(with_point(point, 5), "unverifiable signature") << point;
        EXPECT_EQ(with_point(point, 1), "unverifiable signature") << point;
    }
    for (auto const& point : {"02" + zeros + "00", "eb" + ones + "7f", "ec" + ones + "7e"}) {
        EXPECT_EQ(with_point(point, 5), "bad signature") << point;
        EXPECT_EQ(with_point(point, 1), "bad signature") << point;
    }
}

// js-libp2p #3569: a key that does not hash to the author lets anyone write in anyone's name.
TEST(MessageSigning, adv_js_3569_refuses_a_key_of_another_than_the_author) {
    State const forger(config_with(test::key_number(5)));
    base::ByteString number;
    base::append_u64_be(number, 1);
    MessagePart forged;
    auto const author = *PeerId::from_text(author_text);
    forged.from = author.bytes();
    forged.data = base::as_bytes("forged");
    forged.sequence_number = number;
    forged.topic = base::as_bytes(topic);
    auto signed_bytes = base::to_byte_string(base::as_bytes("libp2p-pubsub:"));
    base::append(signed_bytes, encode_message(forged));
    auto const signature = crypto::sign(test::key_number(5), signed_bytes);
    auto const key = test::key_number(5).public_key().encode();
    forged.signature = signature;
    forged.key = key;
    EXPECT_EQ(judge(encode_message(forged)), "bad signature");
    // The same signature and key in its own name is fine.
    auto const own = write_message(forger, topic, base::as_bytes("mine"), number);
    auto fields = fields_of(own);
    fields.value[6] = key;
    EXPECT_EQ(judge(encode(fields)), "ok");
}

TEST(MessageSigning, signs_with_secp256k1_whose_id_holds_the_key) {
    auto const key = crypto::PrivateKey::secp256k1_from_secret(base::ByteArray<32>{1, 2, 3});
    ASSERT_TRUE(key);
    State const state(config_with(*key));
    base::ByteString number;
    base::append_u64_be(number, 1);
    auto const message = write_message(state, topic, base::as_bytes("x"), number);
    EXPECT_EQ(judge(message), "ok");
    EXPECT_FALSE(fields_of(message).value[6]);
}

TEST(MessageSigning, strict_no_sign_writes_and_accepts_only_data_and_topic) {
    State const state(config_with(std::nullopt, SigningPolicy::strict_no_sign));
    auto const message = write_message(state, topic, base::as_bytes("x"), {});
    EXPECT_EQ(judge(message, SigningPolicy::strict_no_sign), "ok");
    EXPECT_EQ(judge(message), "missing signature");
    for (std::uint32_t number : {1u, 3u, 5u, 6u}) {
        Fields fields = fields_of(message);
        fields.value[number] = base::ByteString{};  // present, though empty
        EXPECT_EQ(judge(encode(fields), SigningPolicy::strict_no_sign), "unexpected signature") << number;
    }
}

TEST(MessageId, is_author_and_sequence_number_by_default) {
    auto const id = origin_id({base::as_bytes("from"), base::as_bytes("12345678"), base::as_bytes("data"), "t"});
    EXPECT_EQ(base::as_text(id), "from12345678");
}

// mina: vectors made with Python's hashlib.blake2b.
TEST(MessageId, is_the_hash_of_the_data_keyed_with_the_topic) {
    auto const id = [](std::string_view name) {
        return base::to_hex(topic_keyed_hash_id({{}, {}, base::as_bytes("hello"), name}));
    };
    EXPECT_EQ(id(topic), "ef98fe9a93d65c00ed2e5bda42432c571cf012df81896db576728d490ce5baa3");
    EXPECT_EQ(id(std::string(64, 't')), "2aa785feaf4d72107f49ea095498142c7c77e1e332947c25b855f010889eb402");
    EXPECT_EQ(id(std::string(65, 't')), "35fb26b53a70b0db6970d51826d22e7ed009a45490fa0d198f3664e7ecd2f724");
}

TEST(RustIds, name_the_author_and_the_sequence_number) {
    auto const origin = origin_of_rust_id(base::as_bytes(std::string(author_text) + "258"));
    ASSERT_TRUE(origin);
    auto const author = *PeerId::from_text(author_text);
    base::ByteString number;
    base::append_u64_be(number, 258);
    EXPECT_EQ(*origin, origin_id({author.bytes(), number, {}, {}}));
}

TEST(RustIds, are_told_from_all_others) {
    auto const is_one = [](std::string const& text) { return origin_of_rust_id(base::as_bytes(text)).has_value(); };
    std::string const author(author_text);
    EXPECT_TRUE(is_one(author + "18446744073709551615"));
    EXPECT_FALSE(is_one(author + "18446744073709551616"));
    EXPECT_FALSE(is_one(author + "000000000000000000001"));
    EXPECT_FALSE(is_one(author));
    EXPECT_FALSE(is_one(author + "-1"));
    EXPECT_FALSE(is_one(author + "1 "));
    EXPECT_FALSE(is_one("12D3KooW" + std::string(44, '0') + "1"));  // no base58
    EXPECT_FALSE(is_one(std::string(32, 'h')));
    EXPECT_FALSE(is_one(""));
}

}  // namespace
}  // namespace libp2p::gossipsub
