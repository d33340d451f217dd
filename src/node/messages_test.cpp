// Goal: what is carried can be read and written as JSON, and what is none is an error. Method: generated messages.
#include "node/testing/sample_messages.h"

#include <gtest/gtest.h>

namespace mina::p2p {
namespace {

using testing::SampleMessages;

TEST(node_messages, values_of_gossip_go_to_json_and_back) {
    SampleMessages samples;
    std::pair<MessageKind, Bytes> const all[] = {{MessageKind::block, samples.block()},
                                                 {MessageKind::transactions, samples.transactions(5'000)},
                                                 {MessageKind::snark_work, samples.snark_work()}};
    for (auto const& [kind, value] : all) {
        auto const json = to_json(kind, Format::berkeley, value, {.indent = 2});
        ASSERT_TRUE(json) << json.error().text();
        auto const back = from_json(kind, Format::berkeley, *json);
        ASSERT_TRUE(back) << back.error().text();
        EXPECT_EQ(*back, value);
        auto const cut = to_json(kind, Format::berkeley, value.slice(0, value.size() - 1));
        ASSERT_FALSE(cut);
        EXPECT_EQ(cut.error().where, std::string(to_string(kind)) + " of berkeley");
    }
    EXPECT_FALSE(from_json(MessageKind::block, Format::berkeley, "{"));
}

TEST(node_messages, queries_and_answers_have_json_where_the_format_has_a_type) {
    Bytes const zero(std::vector<std::uint8_t>{0});
    auto const unit = to_json(Method::get_best_tip, CallPart::query, Format::berkeley, zero);
    EXPECT_TRUE(unit);
    auto const none = to_json(Method::get_best_tip, CallPart::answer, Format::mesa, zero);
    ASSERT_TRUE(none);
    EXPECT_EQ(*none, "null");
    auto const unknown = to_json(Method::get_epoch_ledger, CallPart::answer, Format::berkeley, {});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().text(),
              "get_epoch_ledger.response of berkeley: this format has no type for it; deal with its bytes");
}

TEST(node_messages, names) {
    EXPECT_EQ(method_named("get_best_tip"), Method::get_best_tip);
    EXPECT_EQ(method_named("get_worst_tip"), std::nullopt);
    EXPECT_EQ(to_string(Method::menu), "__Versioned_rpc.Menu");
    EXPECT_EQ(to_string(Format::mesa_array_inputs), "mesa-array-inputs");
    EXPECT_EQ(to_string(CallFailure::budget), "peer's budget");
    EXPECT_EQ(to_string(CallFailure::too_large), "the answer is larger than was to be collected");
}

TEST(node_messages, bytes_share_and_are_taken_without_copying_when_nobody_else_has_them) {
    Bytes alone(std::vector<std::uint8_t>{1, 2, 3});
    auto const* const where = alone.data();
    Bytes shared = alone;
    auto const copied = shared.take();
    EXPECT_NE(copied.data(), where);
    EXPECT_TRUE(shared.empty());
    auto const part = alone.slice(1, 2);
    EXPECT_EQ(part, Bytes(std::vector<std::uint8_t>{2, 3}));
    Bytes last(std::vector<std::uint8_t>{4, 5});
    auto const* const at = last.data();
    EXPECT_EQ(last.take().data(), at);
    EXPECT_FALSE(part == alone);
}

}  // namespace
}  // namespace mina::p2p
