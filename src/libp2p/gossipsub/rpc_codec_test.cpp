// The RPC codec. Goal: the bytes of go-libp2p-pubsub both ways, and no RPC of a peer that is read as something else.
// Method: golden bytes made with the Go protobuf of go-libp2p-pubsub 0.19; counts at and beyond each bound.
#include "libp2p/gossipsub/test_node.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace libp2p::gossipsub {
namespace {

constexpr std::string_view mina_topic = "coda/consensus-messages/0.0.1";

base::ByteString hex(std::string_view text) { return *base::from_hex(text); }
std::string hex_of(base::SharedBytes const& frame) {
    return base::to_hex(frame.view().subspan(base::read_varint(frame.view()).varint->size));
}
base::ByteString bytes_of(std::string_view text) { return base::to_byte_string(base::as_bytes(text)); }

constexpr std::string_view go_subscriptions =
    "0a210801121d636f64612f636f6e73656e7375732d6d657373616765732f302e302e310a06080012027432";
constexpr std::string_view go_control =
    "1a2f1a1f0a1d636f64612f636f6e73656e7375732d6d657373616765732f302e302e3122060a027432183c22040a027432";
constexpr std::string_view go_ihave = "1a0f0a0d0a027432120261611203626262";
constexpr std::string_view go_iwant = "1a0b12090a0261610a03626262";
constexpr std::string_view go_publish = "120712016422027432";

TEST(RpcCodec, writes_subscriptions_as_go_does) {
    base::ByteString parts;
    append_subscription(parts, mina_topic, true);
    append_subscription(parts, "t2", false);
    EXPECT_EQ(hex_of(frame_rpc(parts, {})), go_subscriptions);
}

TEST(RpcCodec, writes_graft_and_prune_as_go_does) {
    base::ByteString control;
    append_graft(control, mina_topic);
    append_prune(control, "t2", 60);
    append_prune(control, "t2", std::nullopt);
    EXPECT_EQ(hex_of(frame_rpc({}, control)), go_control);
}

TEST(RpcCodec, writes_gossip_and_messages_as_go_does) {
    auto const aa = bytes_of("aa");
    auto const bbb = bytes_of("bbb");
    std::vector<base::ByteView> const ids{aa, bbb};
    base::ByteString ihave;
    EXPECT_EQ(append_ihave(ihave, "t2", ids, 0, control_bytes_max), 2u);
    EXPECT_EQ(hex_of(frame_rpc({}, ihave)), go_ihave);
    base::ByteString iwant;
    EXPECT_EQ(append_iwant(iwant, ids, 0, control_bytes_max), 2u);
    EXPECT_EQ(hex_of(frame_rpc({}, iwant)), go_iwant);
    MessagePart message;
    message.data = base::as_bytes("d");
    message.topic = base::as_bytes("t2");
    EXPECT_EQ(hex_of(frame_message(encode_message(message))), go_publish);
}

TEST(RpcCodec, reads_what_go_writes) {
    auto const bytes = hex(std::string(go_subscriptions) + std::string(go_control) + std::string(go_publish));
    auto const rpc = decode_rpc(bytes);
    ASSERT_TRUE(rpc);
    ASSERT_EQ(rpc->subscriptions.size(), 2u);
    EXPECT_EQ(rpc->subscriptions[0].topic, mina_topic);
    EXPECT_TRUE(rpc->subscriptions[0].subscribe);
    EXPECT_FALSE(rpc->subscriptions[1].subscribe);
    EXPECT_EQ(rpc->graft, std::vector<std::string_view>{mina_topic});
    ASSERT_EQ(rpc->prune.size(), 2u);
    EXPECT_EQ(rpc->prune[0].backoff_seconds, 60u);
    EXPECT_EQ(rpc->prune[1].backoff_seconds, 0u);
    ASSERT_EQ(rpc->messages.size(), 1u);
    EXPECT_EQ(base::as_text(*rpc->messages[0].data), "d");
    EXPECT_FALSE(rpc->messages[0].from);

    auto const gossip_bytes = hex(std::string(go_ihave) + std::string(go_iwant));
    auto const gossip = decode_rpc(gossip_bytes);  // two control fields: they add up
    ASSERT_TRUE(gossip);
    ASSERT_EQ(gossip->ihave.size(), 1u);
    EXPECT_EQ(gossip->ihave[0].ids.size(), 2u);
    EXPECT_EQ(base::as_text(gossip->iwant.at(1)), "bbb");
}

TEST(RpcCodec, skips_unknown_fields_of_newer_versions) {
    // A subscription with fields 3 and 4, as newer Go and Rust peers send it, and an RPC field 10.
    auto const bytes = hex("0a0a08011202743218012001" "5a0131");
    auto const rpc = decode_rpc(bytes);
    ASSERT_TRUE(rpc);
    EXPECT_EQ(rpc->subscriptions.at(0).topic, "t2");
}

TEST(RpcCodec, reads_an_empty_rpc) { EXPECT_TRUE(decode_rpc({})); }

TEST(RpcCodec, refuses_a_cut_rpc_at_every_byte_unless_a_field_ends_there) {
    auto const bytes = hex(go_publish);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_rpc(base::ByteView(bytes).first(size))) << size;
    }
}

TEST(RpcCodec, refuses_wrong_wire_types) {
    for (auto const* text : {"0801", "1001", "1801", "0a020a00", "12020801", "1a020801", "1a040a020801", "1a0412020801",
                             "1a041a020801", "1a0422020801", "1a0422021a00"}) {
        auto const bytes = hex(text);
        EXPECT_FALSE(decode_rpc(bytes)) << text;
    }
}

TEST(RpcCodec, refuses_a_message_field_that_comes_twice) {
    auto const bytes = hex("120a" "120164" "120165" "22027432");
    EXPECT_FALSE(decode_rpc(bytes));
}

TEST(RpcCodec, refuses_more_parts_than_the_bound) {
    base::ByteString rpc;
    for (std::size_t i = 0; i < rpc_parts_max; ++i) protobuf::append_bytes_field(rpc, 2, {});
    EXPECT_TRUE(decode_rpc(rpc));
    auto const one_more = test::subscription_rpc("t");
    base::append(rpc, one_more);
    EXPECT_FALSE(decode_rpc(rpc));
}

TEST(RpcCodec, stops_reading_ids_at_the_bound) {
    std::vector<base::ByteString> const ids(rpc_ids_max + 1, bytes_of("x"));
    auto const ihave_bytes = test::ihave_rpc("t", ids);
    auto const ihave = decode_rpc(ihave_bytes);
    ASSERT_TRUE(ihave);
    EXPECT_TRUE(ihave->is_ihave_cut);
    EXPECT_EQ(ihave->ihave.at(0).ids.size(), rpc_ids_max);
    auto const iwant_bytes = test::iwant_rpc(ids);
    auto const iwant = decode_rpc(iwant_bytes);
    ASSERT_TRUE(iwant);
    EXPECT_TRUE(iwant->is_iwant_cut);
    EXPECT_EQ(iwant->iwant.size(), rpc_ids_max);
}

TEST(RpcCodec, splits_ids_so_that_each_part_fits) {
    base::ByteString const id(32, 7);
    std::vector<base::ByteView> const ids(1'000, id);
    base::ByteString part;
    auto const first = append_ihave(part, mina_topic, ids, 0, control_bytes_max);
    EXPECT_GT(first, 450u);
    EXPECT_LE(first, 480u);
    EXPECT_LE(part.size(), control_bytes_max);
    base::ByteString rest;
    EXPECT_EQ(append_ihave(rest, mina_topic, ids, first + first, control_bytes_max), 1'000 - 2 * first);
}

// Method: parts drawn at random, their RPCs merged in front of one another (which protobuf allows), read and compared.
TEST(RpcCodec, reads_back_whatever_it_writes_in_one_rpc_or_merged) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("SEED=" + std::to_string(seed));
        auto rng = test::rng_number(seed);
        std::vector<std::string> grafts;
        std::vector<std::pair<std::string, std::uint64_t>> prunes;
        std::vector<std::pair<std::string, bool>> subscriptions;
        base::ByteString merged;
        for (auto rpcs = rng.below(4); rpcs > 0; --rpcs) {
            base::ByteString subscription_parts;
            base::ByteString control;
            for (auto parts = rng.below(6); parts > 0; --parts) {
                std::string const name(rng.below(300), static_cast<char>('a' + rng.below(26)));
                subscriptions.emplace_back(name, rng.below(2) == 1);
                append_subscription(subscription_parts, name, subscriptions.back().second);
                grafts.push_back(name);
                append_graft(control, name);
                prunes.emplace_back(name, 1 + (rng.next() >> rng.below(64)) / 2);
                append_prune(control, name, prunes.back().second);
            }
            auto const frame = frame_rpc(subscription_parts, control);
            base::append(merged, frame.view().subspan(base::read_varint(frame.view()).varint->size));
        }
        auto const rpc = decode_rpc(merged);
        ASSERT_TRUE(rpc);
        ASSERT_EQ(rpc->graft.size(), grafts.size());
        ASSERT_EQ(rpc->prune.size(), prunes.size());
        ASSERT_EQ(rpc->subscriptions.size(), subscriptions.size());
        for (std::size_t i = 0; i < grafts.size(); ++i) {
            EXPECT_EQ(rpc->graft[i], grafts[i]);
            EXPECT_EQ(rpc->prune[i].topic, prunes[i].first);
            EXPECT_EQ(rpc->prune[i].backoff_seconds, prunes[i].second);
            EXPECT_EQ(rpc->subscriptions[i].topic, subscriptions[i].first);
            EXPECT_EQ(rpc->subscriptions[i].subscribe, subscriptions[i].second);
        }
    }
}

}  // namespace
}  // namespace libp2p::gossipsub
