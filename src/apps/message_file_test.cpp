// Messages in files. Goal: a message is found to be what it is, a damaged one is not, and RPC messages survive JSON.
// Method: random messages of the schema, given as the commands get them.
#include "apps/failure.h"
#include "apps/message_summary.h"
#include "apps/rpc_json.h"
#include "base/rng.h"
#include "mina/schema/random.h"

#include <gtest/gtest.h>

namespace apps {
namespace {

using mina::messages::Format;

base::ByteString random_message(Format format, std::string_view name, std::uint8_t seed, std::size_t bytes_min = 0) {
    base::Rng rng({seed});
    auto const* const root = mina::schema::find_root(mina::messages::schema_of(format), name);
    for (;;) {
        auto value = mina::schema::random_value(*root->type, {}, [&] { return rng.next(); });
        if (value.size() >= bytes_min) return value;
    }
}

std::vector<Format> const every_format(std::begin(mina::messages::formats), std::end(mina::messages::formats));

TEST(MessageFile, guesses_type_and_format) {
    auto const block = random_message(Format::mesa_array_inputs, "block", 1);
    auto const found = find_type({Format::mesa, Format::mesa_array_inputs}, "guess", block, "test");
    EXPECT_EQ(found.name, "block");
    EXPECT_EQ(found.format, Format::mesa_array_inputs);
    auto const gossip = mina::messages::framed(random_message(Format::mesa, "gossip", 2));
    EXPECT_EQ(find_type({Format::mesa}, "guess", gossip, "test").name, "gossip");
}

TEST(MessageFile, knows_types_by_alias_and_by_wire_name) {
    EXPECT_EQ(message_type(Format::berkeley, "Block").name, "block");
    EXPECT_EQ(message_type(Format::berkeley, "Mina_block.Block.V2").name, "block");
    EXPECT_EQ(message_type(Format::berkeley, "@sgn.v1").name, "@Sgn.V1");
    EXPECT_EQ(message_type(Format::mesa, "gossip").envelope, Envelope::frame);
    try {
        message_type(Format::berkeley, "blok");
        FAIL() << "there is no such type";
    } catch (UsageError const& error) {
        EXPECT_STREQ(error.what(), "--type: unknown type 'blok'; the nearest is 'block'");
    }
}

TEST(MessageFile, says_in_each_format_what_is_wrong) {
    auto block = random_message(Format::berkeley, "block", 3);
    block.push_back(0);
    try {
        find_type({Format::berkeley, Format::mesa}, "block", block, "file");
        FAIL() << "a byte follows the block";
    } catch (Failure const& error) {
        std::string const text = error.what();
        EXPECT_TRUE(text.starts_with("file: not a whole block\n  as berkeley: offset ")) << text;
        EXPECT_NE(text.find("\n  as mesa: "), std::string::npos) << text;
    }
}

TEST(MessageFile, finds_types_that_one_format_has_alone) {
    auto const answer = random_message(Format::mesa, "get_completed_snarks.response", 4, 100);
    auto const found = find_type({Format::berkeley, Format::mesa}, "get_completed_snarks.response", answer, "test");
    EXPECT_EQ(found.format, Format::mesa);
}

TEST(MessageFile, summarizes_and_hashes_commands_as_gossip_would) {
    auto const command = random_message(Format::berkeley, "user-command", 5);
    auto const type = message_type(Format::berkeley, "user-command");
    auto const summary = message_summary(type, command);
    EXPECT_EQ(summary["kind"], "transactions");
    EXPECT_EQ(summary["transactions"], 1);
    auto const hashes = message_hashes(type, command);
    EXPECT_EQ(hashes["transactionHash"], summary["hashes"][0]);
    EXPECT_THROW(message_hashes(message_type(Format::berkeley, "account"), {}), Failure);
}

TEST(MessageFile, rpc_messages_come_back_from_json) {
    for (std::uint8_t seed = 0; seed < 20; ++seed) {
        auto const query = random_message(Format::berkeley, "answer_sync_ledger_query.query", seed);
        mina::messages::RpcQuery const asked{"answer_sync_ledger_query", 3, seed * 1000, query};
        auto const bytes = mina::messages::encode_rpc_message(asked);
        auto const json = rpc_to_json(every_format, *mina::messages::read_rpc_message(bytes), "");
        EXPECT_EQ(rpc_from_json(Format::berkeley, json, ""), bytes) << dump(json);

        auto const answer = random_message(Format::berkeley, "get_best_tip.response", seed);
        mina::messages::RpcResponse const response{.id = -1 - seed, .data = answer, .error = {}};
        auto const response_bytes = mina::messages::encode_rpc_message(response);
        auto const response_json =
            rpc_to_json({Format::berkeley}, *mina::messages::read_rpc_message(response_bytes), "get_best_tip");
        EXPECT_EQ(rpc_from_json(Format::berkeley, response_json, "get_best_tip"), response_bytes);
    }
}

TEST(MessageFile, rpc_errors_come_back_from_json) {
    using mina::messages::RpcErrorKind;
    base::ByteString const details{0, 1, 'x'};
    for (std::uint8_t number = 0; number < 6; ++number) {
        auto const kind = static_cast<RpcErrorKind>(number);
        mina::messages::RpcResponse const response{
            .id = 7, .data = {}, .error = mina::messages::RpcError{kind, "a_method", 4, 8, details}};
        auto const bytes = mina::messages::encode_rpc_message(response);
        auto const json = rpc_to_json(every_format, *mina::messages::read_rpc_message(bytes), "");
        EXPECT_EQ(rpc_from_json(Format::mesa, json, ""), bytes) << dump(json);
    }
    EXPECT_THROW(rpc_from_json(Format::mesa, Json::parse(R"({"Response": {}})"), ""), Failure);
}

}  // namespace
}  // namespace apps
