// Goal: of a text that is no message, the error says where, what was expected, and what was found; and no text
// makes the reader crash or slow. Method: one text for each error, as a person would see it.
#include "mina/json/read.h"

#include "mina/json/tree.h"
#include "mina/json/write.h"
#include "mina/schema/sample_types.h"
#include "mina/text/base58check.h"

#include <gtest/gtest.h>

namespace mina::json {
namespace {

using schema::Type;
namespace sample = schema::sample;

std::string error(Type const& type, std::string_view json) {
    auto const read = read_json(type, json);
    return read ? "no error" : to_string(read.error());
}
std::string error(std::string_view type, std::string_view json) { return error(sample::named(type), json); }

TEST(errors, a_value_of_the_wrong_kind_is_named) {
    EXPECT_EQ(error(sample::record, "[]"), ".: expected an object (@record), found an array of 0");
    EXPECT_EQ(error(sample::list, "{}"), ".: expected an array, found an object of 0");
    EXPECT_EQ(error(sample::list, R"(["1", 2])"),
              ".[1]: expected an integer from 0 to 4294967295, as a string, found the number 2");
    EXPECT_EQ(error(sample::unit, "0"), ".: expected null, found the number 0");
    EXPECT_EQ(error(sample::boolean, "\"true\""), ".: expected true or false, found the string \"true\"");
    EXPECT_EQ(error(sample::string, "null"), ".: expected a string, found null");
    EXPECT_EQ(error(sample::vector, R"(["1"])"), ".: expected an array of 2, found an array of 1");
    EXPECT_EQ(error(sample::tuple, R"([true])"), ".: expected an array of 2, found an array of 1");
    EXPECT_EQ(error("@compressed_poly:13", "5"), ".: expected a public key in base58check, found the number 5");
}

TEST(errors, members_that_miss_or_are_unknown_or_twice_are_named) {
    EXPECT_EQ(error("@Parallel_scan.Weight.V1", R"({"base": "1"})"),
              ".merge: expected a member of this name, found none");
    EXPECT_EQ(error("@Parallel_scan.Weight.V1", R"({"base": "1", "mergr": "2"})"),
              ".: expected a member of @Parallel_scan.Weight.V1 (the nearest is \"merge\"), found \"mergr\"");
    EXPECT_EQ(error("@Parallel_scan.Weight.V1", R"({"base": "1", "base": "2"})"),
              ".: expected the member \"base\" once, found it twice");
    EXPECT_EQ(error("@Parallel_scan.Weight.V1", R"({"base": "1", "merge": "2", "base": "1"})"),
              ".: expected the member \"base\" once, found it twice");
}

TEST(errors, numbers_out_of_range_are_refused) {
    std::string const expected = ".: expected an integer from 0 to 4294967295, as a string, found ";
    for (auto const text : {"\"-1\"", "\"+1\"", "\"\"", "\" 1\"", "\"1.0\"", "\"0x1\"", "\"1e3\""})
        EXPECT_EQ(error(sample::int32, text), expected + "the string " + text);
    EXPECT_EQ(error(sample::int32, "1"), expected + "the number 1");
    EXPECT_EQ(error(sample::int32, "\"4294967296\""), expected + "the string \"4294967296\": it is too large");
    EXPECT_NE(error(sample::int64, "\"18446744073709551616\""), "no error");
    EXPECT_NE(error(sample::int63, "\"4611686018427387904\""), "no error");
    EXPECT_NE(error(sample::int63, "\"-4611686018427387905\""), "no error");
    EXPECT_EQ(error("@Protocol_version.V2", R"({"transaction": "x", "network": "0", "patch": "0"})"),
              ".transaction: expected an integer from -2^62 to 2^62 - 1, as a string, found the string \"x\"");
    for (auto const text : {"1.5", "1e3", "\"1\"", "9223372036854775808", "4611686018427387904"})
        EXPECT_TRUE(error("__Versioned_rpc.Menu.response", "[[\"x\", " + std::string(text) + "]]")
                        .starts_with(".[0][1]: expected an integer, as a number, found "))
            << text;
}

TEST(errors, a_wrong_hash_says_what_is_wrong_with_it) {
    EXPECT_TRUE(error("@epoch_ledger:9", R"({"hash": "jy1wjiJgTkzXr7yL8r5x4ikaNJuikibsRMnkjdH6uqGCsDmR2sg",
                      "total_currency": "1"})")
                    .ends_with("sDmR2sg\": its checksum is wrong"));
    EXPECT_EQ(error("@epoch_ledger:9", R"({"hash": "2vc1aDX4oiaAeMVJndDbshLj9um4S3uiD4V4jboN2EBuViB6EfVb",
                    "total_currency": "1"})"),
              ".hash: expected a ledger hash in base58check, found the string "
              "\"2vc1aDX4oiaAeMVJndDbshLj9um4S3uiD4V4jboN2EBuViB6EfVb\": "
              "its version byte is 0x0d, that of an epoch seed");
    EXPECT_TRUE(error("@compressed_poly:13", R"("0OIl")").ends_with("it is not base58"));
    EXPECT_EQ(error("get_transition_chain_proof.query", R"("0x00")"),
              ".: expected \"0x\" and 64 hexadecimal digits, found the string \"0x00\"");
}

TEST(errors, a_public_key_of_no_parity_is_refused) {
    // 33 bytes, the last of them 2, behind a right checksum.
    auto const key = text::to_base58check(text::Base58Kind::public_key, base::ByteString(33, 2));
    EXPECT_TRUE(error("@compressed_poly:13", "\"" + key + "\"").ends_with("its last byte is neither 0 nor 1"));
}

TEST(errors, constructors_are_named_with_the_nearest) {
    EXPECT_EQ(error("@Mina_base.Permissions.Auth_required.V2", R"(["Non"])"),
              ".: expected a constructor of @Mina_base.Permissions.Auth_required.V2 (the nearest is \"None\"), "
              "found \"Non\"");
    EXPECT_EQ(error("@Mina_base.Permissions.Auth_required.V2", R"("None")"),
              ".: expected an array that begins with a constructor of @Mina_base.Permissions.Auth_required.V2, "
              "found the string \"None\"");
    EXPECT_EQ(error("@Mina_base.Permissions.Auth_required.V2", R"(["None", 1])"),
              ".: expected an array of \"None\" and 0 more, found an array of 2");
    EXPECT_EQ(error("@syncable_ledger:17", R"({"NumAccounts": []})"),
              ".: expected \"NumAccounts\", found an object of 1");
    EXPECT_EQ(error("@syncable_ledger:17", R"("WhatContents")"),
              ".: expected {\"WhatContents\": …}, found the string \"WhatContents\"");
    EXPECT_EQ(error("@syncable_ledger:35", R"({"ChildHashesAre": ["a"]})"),
              ".ChildHashesAre: expected an array of 2, found an array of 1");
    EXPECT_EQ(error("gossip", R"({"type": "new_stat", "message": null})"),
              ".: expected a constructor of <New_state(@Mina_block.Block.V2) | "
              "Snark_pool_diff(@Network_pool.Snark_pool.Diff_versioned.V2, i32) | "
              "Transaction_pool_diff(list<@user_command:7>, i32)> (the nearest is \"new_state\"), found \"new_stat\"");
    EXPECT_EQ(error("gossip", R"({"type": "snark_pool_diff", "message": {"message": "Empty"}})"),
              ".message.nonce: expected a member of this name, found none");
}

TEST(errors, the_path_leads_through_all_layouts) {
    EXPECT_EQ(error("gossip", R"({"type": "snark_pool_diff", "message": {"message": "Empty", "nonce": 1}})"),
              ".message.nonce: expected an integer from -2147483648 to 2147483647, as a string, found the number 1");
    EXPECT_EQ(error("gossip", R"({"type": "transaction_pool_diff",
                                  "message": {"message": [["Signed_command", {}]], "nonce": "1"}})"),
              ".message.message[0][1].payload: expected a member of this name, found none");
    EXPECT_EQ(error("snark-pool-diff", R"({"AddSolvedWork": [{"Two": [1, 2]}, {}]})"),
              ".AddSolvedWork[0].Two[0]: expected an object (@snarked_ledger_state:107), found the number 1");
    EXPECT_EQ(error("@one_or_two:7", R"(["Two", 1, 2])"),
              ".[1]: expected an object (@Transaction_snark.V2), found the number 1");
    EXPECT_EQ(error("get_node_status.response", R"({"Ok": 5})"),
              ".Ok: expected an object (@Rpc.Get_node_status.Node_status.V2), found the number 5");
    EXPECT_EQ(error("@fee_excess:54", R"([{"token": "x", "amount": 1}, {"token": 1, "amount": 1}])").substr(0, 40),
              ".[0].token: expected a token id in base5");
    EXPECT_EQ(error("@fee_excess:54", R"([{"token": "x", "amount": 1}, {"token": 1, "amont": 1}])").substr(0, 30),
              ".[1]: expected a member of @fe");
    EXPECT_EQ(error("get_transition_chain_proof.response", R"(["0x", []])").substr(0, 14), ".[0]: expected");
    EXPECT_EQ(error(sample::scan_tree, R"({"Leaf": []})"), ".Leaf: expected an array of 1, found an array of 0");
    EXPECT_EQ(error(sample::scan_tree, R"({"Leaf": [5]})").substr(0, 9), ".Leaf[0]:");
    auto const value = "\"0x" + std::string(64, '0') + "\"";
    auto const node = R"({"Node": {"depth": "0", "value": [)" + value + R"(], "sub_tree": )";
    EXPECT_EQ(error(sample::scan_tree, node + R"({"Leaf": ["1"]}}})"),
              ".Node.sub_tree.Leaf: expected an array of 2, found an array of 1");
    EXPECT_EQ(error(sample::scan_tree, node + R"({"Leaf": ["1", 2]}}})").substr(0, 24), ".Node.sub_tree.Leaf[1]: ");
    EXPECT_EQ(error(sample::scan_tree, node + "5}}"),
              ".Node.sub_tree: expected {\"Node\": …} or {\"Leaf\": …}, found the number 5");
    EXPECT_EQ(error(sample::scan_tree, R"({"Node": {"depth": 0, "value": [], "sub_tree": 0}})"),
              ".Node.depth: expected an integer from -2^62 to 2^62 - 1, as a string, found the number 0");
}

TEST(errors, what_is_no_json_is_named_with_line_and_column) {
    auto const& type = sample::record;
    EXPECT_EQ(error(type, ""), ".: expected a value, found the end of the text in line 1, column 1");
    EXPECT_EQ(error(type, "{\n  \"name\": \"a\",\n  \"numbers\": [\"1\" \"2\"]\n}"),
              ".numbers[1]: expected a comma or ']' behind an element, found \"\"2\"]\" in line 3, column 19");
    EXPECT_EQ(error(type, R"({"name": "a", "numbers": ["1")"),
              ".numbers[1]: expected a comma or ']' behind an element, found the end of the text in line 1, column 30");
    EXPECT_EQ(error(type, R"({"name")"),
              ".name: expected a colon behind the name of a member, found the end of the text in line 1, column 8");
    EXPECT_EQ(error(type, R"({"name": )"), ".name: expected a value, found the end of the text in line 1, column 10");
    EXPECT_EQ(error(type, R"({"name": "a)"),
              ".name: expected a quotation mark at the end of a string, "
              "found the end of the text in line 1, column 12");
    EXPECT_EQ(error(type, R"({"name": "a", })"),
              ".: expected the name of a member, in quotation marks, found \"}\" in line 1, column 15");
    EXPECT_EQ(error(type, "{} x"), ".: expected the end of the text, found \"x\" in line 1, column 4");
    EXPECT_EQ(error(type, "[nul]"), ".[0]: expected a value, found \"]\" in line 1, column 5");
    EXPECT_EQ(error(type, "[1.]"), ".[0]: expected digits behind the point, found \"]\" in line 1, column 4");
    EXPECT_EQ(error(type, R"(["\q"])"),
              ".[0]: expected an escape of JSON; control characters have one too, "
              "found \"\\q\"]\" in line 1, column 3");
}

TEST(errors, strings_that_are_no_utf8_are_refused) {
    for (auto const json : {"\"\\ud800\"", "\"\\udc00\"", "\"\\udc00\\ud800\"", "\"\\ud800\\u0041\"", "\"\xff\"",
                            "\"\xed\xa0\x80\""})
        EXPECT_NE(error(sample::string, json), "no error") << json;
    EXPECT_EQ(read_json(sample::string, "\"\\ud83d\\ude00\""), sample::hex("04f09f9880"));
    EXPECT_EQ(error(sample::string, "\"\\udc00\""),
              ".: expected a string of UTF-8, its surrogates in pairs, found the end of the text in line 1, column 9");
}

TEST(errors, zero_bytes_do_not_end_a_text) {
    EXPECT_EQ(error(sample::unit, std::string_view("null\0[", 6)),
              ".: expected a text without zero bytes, found \"?[\" in line 1, column 5");
}

TEST(errors, deep_nesting_is_refused_without_recursion) {
    for (auto const open : {"[", "{\"a\":"}) {
        std::string text;
        for (int i = 0; i < 1'000'000; ++i) text += open;
        auto const message = error(sample::list, text);
        EXPECT_NE(message.find("expected no deeper nesting"), std::string::npos);
        EXPECT_LT(message.size(), 1000U);
    }
    // As deep as may be, and nothing of it is a list of integers.
    auto const depth = json_depth_max;
    EXPECT_EQ(error(sample::list, std::string(depth, '[') + std::string(depth, ']')),
              ".[0]: expected an integer from 0 to 4294967295, as a string, found an array of 1");
}

TEST(errors, calls_nested_deeper_than_a_walker_goes_are_refused) {
    auto const& type = sample::named("@sparse_ledger:9");
    constexpr std::string_view hash = "\"jy1wjiJgTkzXr7yL8r5x4ikaNJuikibsRMnkjdH6uqGCsDmR2sf\"";
    auto const nested = [&](std::size_t levels) {
        std::string text;
        for (std::size_t i = 1; i < levels; ++i) text += R"({"Node": [)" + std::string(hash) + ", ";
        text += R"({"Hash": )" + std::string(hash) + "}";
        for (std::size_t i = 1; i < levels; ++i) text += R"(, {"Hash": )" + std::string(hash) + "}]}";
        return text;
    };
    auto const deepest = read_json(type, nested(binprot::nesting_max));
    ASSERT_TRUE(deepest) << to_string(deepest.error());
    EXPECT_TRUE(schema::walk_all(type, *deepest));
    auto const deeper = error(type, nested(binprot::nesting_max + 1));
    EXPECT_TRUE(deeper.ends_with("expected no deeper nesting, found one more of @sparse_ledger:9")) << deeper;
}

TEST(errors, hostile_names_cost_little_and_are_shortened) {
    std::string const name(1'000'000, 'x');
    auto const message = error("@Parallel_scan.Weight.V1", "{\"base\": \"1\", \"" + name + "\": 1}");
    EXPECT_LT(message.size(), 200U);
    std::string many = "{\"base\": \"1\"";
    for (int i = 0; i < 200'000; ++i) many += ", \"base\": \"1\"";
    EXPECT_EQ(error("@Parallel_scan.Weight.V1", many + "}"), ".: expected the member \"base\" once, found it twice");
    EXPECT_EQ(error("@Parallel_scan.Weight.V1", "{\"base\": \"1\", \"\\u001b\\u0007\": 1}"),
              ".: expected a member of @Parallel_scan.Weight.V1 (the nearest is \"base\"), found \"??\"");
}

TEST(errors, numbers_that_make_rapidjson_overflow_are_harmless) {
    for (auto const json :
         {"1.00000000000000000000e-2147483639", "0.1e-99999999999", "1e308", "123456789012345678901234567890"})
        EXPECT_TRUE(error(sample::unit, json).starts_with(".: expected null, found the number "));
}

}  // namespace
}  // namespace mina::json
