// Questions from words. Goal: what people type becomes the query that Mina's nodes take, or an error that says what was
// wanted. Method: each form of arguments, against bytes of the golden messages and the schema's own check.
#include "apps/rpc_query.h"

#include "base/text.h"

#include <gmock/gmock.h>

namespace apps {
namespace {

using mina::messages::Format;
using mina::rpc::Method;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Words = std::vector<std::string>;

constexpr char const* wire_hash = "4fa796905e59711a7d65b876b77412321e05bc1e355f6be9ca42b51939f8bf01";
constexpr char const* number_hash = "0x01bff83919b542cae96b5f351ebc051e321274b776b8657d1a71595e9096a74f";

std::string hex_of(Method method, Format format, Words const& words) {
    auto const query = query_from_words(method, format, words);
    return query ? base::to_hex(*query) : "error: " + query.error();
}

TEST(RpcQuery, finds_methods_in_any_case_and_by_short_names) {
    EXPECT_EQ(find_method("get_best_tip"), Method::get_best_tip);
    EXPECT_EQ(find_method("GET_TRANSITION_KNOWLEDGE"), Method::get_transition_knowledge);
    EXPECT_EQ(find_method("Menu"), Method::menu);
    EXPECT_EQ(find_method("__versioned_rpc.menu"), Method::menu);
    EXPECT_EQ(find_method("get_staged_ledger"), Method::get_staged_ledger);
    for (auto const& info : mina::rpc::methods()) EXPECT_EQ(find_method(info.tag), info.method);
}

TEST(RpcQuery, names_the_nearest_of_a_wrong_method) {
    EXPECT_EQ(find_method("get_best_tp").error(), "unknown method 'get_best_tp'; the nearest is 'get_best_tip'");
}

TEST(RpcQuery, asks_by_hash_in_each_form) {
    EXPECT_EQ(hex_of(Method::get_transition_chain_proof, Format::berkeley, {number_hash}), wire_hash);
    EXPECT_EQ(hex_of(Method::get_transition_chain_proof, Format::berkeley, {wire_hash}), wire_hash);
    EXPECT_EQ(hex_of(Method::get_transition_chain, Format::mesa, {number_hash, wire_hash}),
              "02" + std::string(wire_hash) + wire_hash);
    auto const real = "3NK2tkzqqK5spR2sZ7tujjqPksL45M3UUrcA4WhCkeiPtnugyE2x";  // mainnet's genesis
    EXPECT_EQ(hex_of(Method::get_staged_ledger, Format::berkeley, {real}).size(), 64U);
    EXPECT_THAT(hex_of(Method::get_staged_ledger, Format::berkeley, {"3Nonsense"}), HasSubstr("is not a state hash"));
    EXPECT_THAT(hex_of(Method::get_epoch_ledger, Format::berkeley, {real}), HasSubstr("is not a ledger hash"));
}

TEST(RpcQuery, takes_no_words_for_a_question_without_any) {
    EXPECT_EQ(hex_of(Method::get_best_tip, Format::mesa, {}), "00");
    EXPECT_EQ(hex_of(Method::get_best_tip, Format::mesa, {"now"}), "error: wants no arguments");
    EXPECT_EQ(hex_of(Method::get_transition_chain, Format::mesa, {}), "error: wants STATE_HASH…");
    EXPECT_EQ(hex_of(Method::ban_notify, Format::mesa, {"1"}), "error: wants --query JSON");
}

TEST(RpcQuery, asks_for_parts_of_a_ledger_by_the_bits_of_their_address) {
    constexpr auto method = Method::answer_sync_ledger_query;
    auto const ask = [](Format format, Words words) {
        words.insert(words.begin(), number_hash);
        return hex_of(method, format, words);
    };
    std::string const hash(wire_hash);
    EXPECT_EQ(ask(Format::berkeley, {"num-accounts"}), hash + "02");
    EXPECT_EQ(ask(Format::berkeley, {"children", "000000000000000000000100011"}), hash + "001b0400000460");
    EXPECT_EQ(ask(Format::berkeley, {"contents", "root"}), hash + "010000");
    EXPECT_EQ(ask(Format::mesa, {"children", "10", "6"}), hash + "00020180" + "06");
    for (auto const format : mina::messages::formats) {
        for (auto const& words : {Words{number_hash, "num-accounts"}, Words{number_hash, "children", "0110"},
                                  Words{number_hash, "contents", "root"}}) {
            auto const query = query_from_words(method, format, words);
            ASSERT_TRUE(query) << query.error();
            EXPECT_TRUE(is_query(method, format, *query)) << to_string(format) << words[1];
        }
    }
}

TEST(RpcQuery, says_what_is_wrong_with_a_ledger_question) {
    constexpr auto method = Method::answer_sync_ledger_query;
    EXPECT_THAT(hex_of(method, Format::mesa, {number_hash}), HasSubstr("wants LEDGER_HASH and what"));
    EXPECT_THAT(hex_of(method, Format::mesa, {number_hash, "leaves", "0"}), HasSubstr("'leaves' is none of"));
    EXPECT_THAT(hex_of(method, Format::mesa, {number_hash, "children", "012"}), HasSubstr("is not an ADDRESS"));
    EXPECT_THAT(hex_of(method, Format::mesa, {number_hash, "children", "01", "0"}), HasSubstr("is not a DEPTH"));
    EXPECT_THAT(hex_of(method, Format::berkeley, {number_hash, "children", "01", "2"}), HasSubstr("Mesa's version"));
    EXPECT_THAT(hex_of(method, Format::mesa, {number_hash, "contents", "01", "2"}), HasSubstr("is none of"));
}

TEST(RpcQuery, reads_json_by_the_type_of_the_query) {
    auto const time = query_from_json(Method::ban_notify, Format::berkeley, "\"1735689600.25\"");
    ASSERT_TRUE(time);
    EXPECT_EQ(base::to_hex(*time), "0000106021ddd941");
    EXPECT_THAT(query_from_json(Method::get_transition_chain, Format::mesa, "7").error(), HasSubstr("expected"));
    EXPECT_THAT(query_from_json(Method::get_completed_snarks, Format::berkeley, "null").error(),
                HasSubstr("no type in the format berkeley"));
}

TEST(RpcQuery, knows_the_formats_of_a_version) {
    EXPECT_THAT(formats_of(Method::get_best_tip, 2, {Format::mesa}), ElementsAre(Format::berkeley));
    EXPECT_THAT(formats_of(Method::get_best_tip, 3, {}), ElementsAre(Format::mesa, Format::mesa_array_inputs));
    EXPECT_THAT(formats_of(Method::get_transition_chain, 2, {Format::mesa}),
                ElementsAre(Format::mesa, Format::berkeley, Format::mesa_array_inputs));
    EXPECT_TRUE(formats_of(Method::get_best_tip, 77, {}).empty());
    EXPECT_EQ(formats_of(Method::get_best_tip, std::nullopt, {Format::mesa}).front(), Format::mesa);
}

}  // namespace
}  // namespace apps
