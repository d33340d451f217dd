// RPC messages. Goal: the envelopes of Mina's nodes are read, and written again byte for byte; damaged ones are
// refused. Method: messages as nodes send them, cut at every byte.
#include "mina/messages/rpc_message.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace mina::messages {
namespace {

base::ByteString hex(std::string_view digits) { return *base::from_hex(digits); }

TEST(RpcMessage, reads_and_writes_a_query) {
    auto const bytes = hex("010c6765745f626573745f74697002100100");
    auto const message = read_rpc_message(bytes);
    ASSERT_TRUE(message);
    auto const* const query = std::get_if<RpcQuery>(&*message);
    ASSERT_NE(query, nullptr);
    EXPECT_EQ(query->tag, "get_best_tip");
    EXPECT_EQ(query->version, 2);
    EXPECT_EQ(query->id, 16);
    EXPECT_EQ(query->data.size(), 1U);
    EXPECT_EQ(encode_rpc_message(*message), bytes);
}

TEST(RpcMessage, reads_and_writes_an_answer_and_an_error) {
    auto const answer = hex("0238000141");
    auto const message = read_rpc_message(answer);
    ASSERT_TRUE(message);
    EXPECT_EQ(std::get<RpcResponse>(*message).id, 0x38);
    EXPECT_EQ(encode_rpc_message(*message), answer);

    auto const error_bytes = hex("0207010507");
    auto const error = read_rpc_message(error_bytes);
    ASSERT_TRUE(error);
    EXPECT_EQ(std::get<RpcResponse>(*error).error->kind, RpcErrorKind::unknown_query_id);
    EXPECT_EQ(std::get<RpcResponse>(*error).error->query_id, 7);
    EXPECT_EQ(encode_rpc_message(*error), error_bytes);
}

TEST(RpcMessage, reads_the_version_of_an_unimplemented_rpc_in_both_dialects) {
    for (auto const* const bytes : {"020101040161f11d869402", "02010104016102"}) {
        auto const encoded = hex(bytes);
        auto const message = read_rpc_message(encoded);
        ASSERT_TRUE(message) << bytes;
        auto const& error = *std::get<RpcResponse>(*message).error;
        EXPECT_EQ(error.tag, "a");
        EXPECT_EQ(error.version, 2);
    }
}

TEST(RpcMessage, a_heartbeat_is_one_zero) {
    EXPECT_TRUE(std::holds_alternative<RpcHeartbeat>(*read_rpc_message(hex("00"))));
    EXPECT_EQ(encode_rpc_message(RpcHeartbeat{}), hex("00"));
}

TEST(RpcMessage, refuses_what_is_cut_short_or_too_long_or_unknown) {
    auto const query = hex("010c6765745f626573745f74697002100100");
    for (std::size_t size = 0; size < query.size(); ++size) {
        EXPECT_FALSE(read_rpc_message(base::ByteView(query).first(size))) << size;
    }
    auto longer = query;
    longer.push_back(0);
    EXPECT_EQ(read_rpc_message(longer).error(), (binprot::Error{query.size(), binprot::Reason::trailing_bytes}));
    EXPECT_EQ(read_rpc_message(hex("03")).error(), (binprot::Error{0, binprot::Reason::unknown_variant}));
    EXPECT_FALSE(read_rpc_message(hex("01fcffffffffffffff7f")));
}

}  // namespace
}  // namespace mina::messages
