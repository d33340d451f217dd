// Goal: an engineer who reads the one line knows where to look, and what was there. Method: each reason on small types,
// and real messages with one byte spoilt.
#include "mina/schema/explain.h"

#include "mina/schema/golden.h"
#include "mina/schema/integers.h"
#include "mina/schema/sample_types.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::schema {
namespace {

using binprot::Reason;
using sample::hex;

std::string const whole = "offset 0 (0x0): the message";

std::string text(Type const& type, base::ByteView bytes) {
    auto const wrong = explain(type, bytes);
    return wrong ? wrong->text : "valid";
}

std::string text(Type const& type, std::string_view digits) { return text(type, hex(digits)); }

std::string why(Reason reason) { return std::string(to_string(reason)); }

// A whole line: where, why, and what was found.
std::string told(std::string const& where, Reason reason, std::string const& found) {
    return where + ": " + why(reason) + " (" + found + ")";
}

TEST(explanation, is_absent_for_a_valid_message) {
    EXPECT_FALSE(explain(sample::unit, hex("00")));
    EXPECT_FALSE(explain(sample::record, hex("00 00 00 000000")));
}

TEST(explanation, has_the_parts_of_its_text) {
    auto const wrong = explain(sample::variant, hex("0205 02"));
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->error, (binprot::Error{2, Reason::bad_boolean}));
    EXPECT_EQ(wrong->path, "Two.second[0]");
    EXPECT_EQ(wrong->type, "bool");
    EXPECT_EQ(wrong->text, told("offset 2 (0x2): Two.second[0]", Reason::bad_boolean, "bool; found 02"));
}

TEST(explanation, tells_bytes_that_are_not_there) {
    EXPECT_EQ(text(sample::field_p, "0102"), told(whole, Reason::truncated, "F, 32 bytes; 2 left"));
    EXPECT_EQ(text(sample::tuple, "01"), told("offset 1 (0x1): named", Reason::truncated, "int; 0 left"));
    EXPECT_EQ(text(sample::float64, "01"), told(whole, Reason::truncated, "f64, 8 bytes; 1 left"));
    EXPECT_EQ(text(sample::vector, "0102"),
              told("offset 2 (0x2): the message", Reason::truncated, "vec2<i64>; 0 left"));
}

TEST(explanation, tells_bytes_that_are_too_many) {
    EXPECT_EQ(text(sample::tuple, "01020304"),
              told("offset 2 (0x2): the message", Reason::trailing_bytes, "(bool, int); 2 left"));
}

TEST(explanation, shows_the_byte_found) {
    EXPECT_EQ(text(sample::unit, "07"), told(whole, Reason::bad_unit, "unit; found 07"));
    EXPECT_EQ(text(sample::option, "ff"), told(whole, Reason::bad_option, "opt<i32>; found ff"));
    EXPECT_EQ(text(sample::int64, "9a"), told(whole, Reason::bad_integer, "i64; found 9a"));
    EXPECT_EQ(text(sample::vector, "0102 03"),
              told("offset 2 (0x2): the message", Reason::bad_unit, "vec2<i64>; found 03"));
}

TEST(explanation, shows_the_form_an_integer_should_have) {
    auto const longer = [](Type const& type, std::string_view found, std::string_view shortest) {
        auto const forms = std::string(found) + ", whose shortest form is " + std::string(shortest);
        return told(whole, Reason::not_canonical, std::string(type.name) + "; found " + forms);
    };
    EXPECT_EQ(text(sample::int32, "fe0500"), longer(sample::int32, "fe0500", "05"));
    EXPECT_EQ(text(sample::int64, "fdffffffff"), longer(sample::int64, "fdffffffff", "ffff"));
    EXPECT_EQ(text(sample::int63, "ff05"), longer(sample::int63, "ff05", "05"));
    EXPECT_EQ(text(sample::int64, "fc00000080ffffffff"), longer(sample::int64, "fc00000080ffffffff", "fd00000080"));
    EXPECT_EQ(text(sample::string, "fdffff0000"), longer(sample::string, "fdffff0000", "feffff"));
    EXPECT_EQ(text(sample::int32, "fc0000000001000000"),
              told(whole, Reason::out_of_range, "i32; found fc0000000001000000, more than 32 bits"));
    EXPECT_EQ(text(sample::int63, "fc0000000000000040"),
              told(whole, Reason::out_of_range, "int; found fc0000000000000040, more than 63 bits"));
}

TEST(explanation, names_the_constructors_there_are) {
    EXPECT_EQ(text(sample::variant, "07"),
              told(whole, Reason::unknown_variant,
                   "@variant; found tag 7, constructors 0..2: None, One, Two"));
    EXPECT_EQ(text(sample::polymorphic_variant, "07080910"),
              told(whole, Reason::unknown_variant,
                   "[`Near | `Far]; found 07080910, constructors Near 45332211, Far c5d3e2f1"));
    EXPECT_EQ(text(sample::scan_tree, "02"),
              told("offset 0 (0x0): levels[0]", Reason::unknown_variant,
                   "@scan; found 02, where 00 begins leaves and 01 nodes"));
    EXPECT_TRUE(text(sample::named("@Mina_base.Transaction_status.Failure.V2"), "ff").ends_with(", …)"));
}

TEST(explanation, says_how_much_a_count_promises) {
    EXPECT_EQ(text(sample::fields, "05 00"),
              told(whole, Reason::count_too_large, "list<F>; found 5 elements of 32 bytes or more; 1 left"));
    EXPECT_EQ(text(sample::string, "fe8000 61"),
              told(whole, Reason::count_too_large, "str; found 128 bytes; 1 left"));
    EXPECT_EQ(text(sample::scan_tree, "01 00" + std::string(64, '0') + "00 05"),
              told("offset 34 (0x22): levels[1]", Reason::count_too_large,
                   "@scan; found a level that cannot fit; 2 left"));
}

TEST(explanation, says_what_is_nested_too_deeply) {
    base::ByteString bytes;
    for (int i = 0; i < 300; ++i) {
        bytes.push_back(2);
        bytes.resize(bytes.size() + 32);
    }
    auto const wrong = explain(sample::named("@sparse_ledger:9"), bytes);
    ASSERT_TRUE(wrong);
    EXPECT_TRUE(wrong->path.starts_with("Node[1].Node[1].Node[1]"));
    EXPECT_TRUE(wrong->text.ends_with(why(Reason::too_deep) + " (@sparse_ledger:9; more than 256 levels)"));
}

TEST(explanation, cuts_grammar_that_is_long) {
    auto const& type = sample::named("get_staged_ledger_aux_and_pending_coinbases_at_hash.response");
    EXPECT_LT(text(type, "02").size(), 160U);
    EXPECT_EQ(explain(type, hex("02"))->type, type.name);
}

TEST(explanation, leads_to_the_place_in_a_real_block) {
    auto const block = golden::message("block-357934");
    if (block.type == nullptr) GTEST_SKIP() << golden::folder << " is not here";
    EXPECT_EQ(text(*block.type, base::ByteView(block.bytes).first(20)),
              told("offset 0 (0x0): header.protocol_state.previous_state_hash", Reason::truncated,
                   "F, 32 bytes; 20 left"));
    auto spoilt = block.bytes;
    spoilt[0x471] = 1;
    EXPECT_EQ(text(*block.type, spoilt),
              told("offset 1137 (0x471): header.protocol_state.body.consensus_state.global_slot_since_genesis",
                   Reason::unknown_variant,
                   "@Global_slot_since_genesis; found tag 1, constructors 0..0: Since_genesis"));
    spoilt = block.bytes;
    spoilt[0x436] = 0xfb;
    EXPECT_EQ(text(*block.type, spoilt),
              told("offset 1078 (0x436): header.protocol_state.body.consensus_state.sub_window_densities[3]",
                   Reason::bad_integer, "i32; found fb"));
}

TEST(explanation, names_constructors_on_the_way) {
    auto const diff = golden::message("gossip-tx-pool-diff");
    if (diff.type == nullptr) GTEST_SKIP() << golden::folder << " is not here";
    Walker walker(*diff.type, diff.bytes);
    std::set<std::string> paths;
    for (auto next = walker.next(); next && *next; next = walker.next()) paths.insert(walker.path());
    EXPECT_TRUE(paths.contains("Transaction_pool_diff.diff[1].Signed_command.payload"));
    EXPECT_TRUE(paths.contains("Transaction_pool_diff.diff[1].Signed_command.payload.body.Payment.amount"));
    EXPECT_TRUE(paths.contains("Transaction_pool_diff.nonce"));
}

}  // namespace
}  // namespace mina::schema
