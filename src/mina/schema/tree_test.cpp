// Goal: the tree view is what an engineer reads beside a hex dump. Method: snapshots of small messages, bounds of what
// is shown, and agreement with explain() on what is valid.
#include "mina/schema/tree.h"

#include "mina/schema/golden.h"
#include "mina/schema/sample_types.h"

#include <gtest/gtest.h>

namespace mina::schema {
namespace {

using sample::hex;

std::string tree(Type const& type, base::ByteView bytes, TreeOptions const& options = {}) {
    std::string text = "\n";
    print_tree(type, bytes, options, [&](std::string_view line) {
        text += line;
        text += '\n';
    });
    return text;
}

TEST(tree, shows_each_value_on_a_line) {
    auto const bytes = hex("c5d3e2f1 0568656c6c6f 02 fe8000 ffff 0106 fc0000008000000000 07 00");
    EXPECT_EQ(tree(sample::polymorphic_variant, bytes), R"(
00000000  c5d3e2f1           [`Near | `Far] = Far
00000004                       @record
00000004  0568656c6c6f           name: str = "hello"
0000000a  02                     numbers: list<i32> = 2 elements
0000000b  fe8000                   [0]: i32 = 128
0000000e  ffff                     [1]: i32 = 4294967295
00000010  01                     maybe: opt<i32> = some
00000011  06                       i32 = 6
00000012                         two: vec2<i64>
00000012  fc00000080000000…        [0]: i64 = 2147483648
0000001b  07                       [1]: i64 = 7
)");
}

TEST(tree, shows_each_kind_of_leaf) {
    EXPECT_EQ(tree(sample::unit, hex("00")), "\n00000000  00                 unit = ()\n");
    EXPECT_EQ(tree(sample::boolean, hex("01")), "\n00000000  01                 bool = true\n");
    EXPECT_EQ(tree(sample::character, hex("0e")), "\n00000000  0e                 char = 14\n");
    EXPECT_EQ(tree(sample::int63, hex("ffff")), "\n00000000  ffff               int = -1\n");
    EXPECT_EQ(tree(sample::option, hex("00")), "\n00000000  00                 opt<i32> = none\n");
    EXPECT_EQ(tree(sample::variant, hex("00")), "\n00000000  00                 @variant = None\n");
    EXPECT_EQ(tree(sample::list, hex("00")), "\n00000000  00                 list<i32> = 0 elements\n");
    EXPECT_EQ(tree(sample::float64, hex("0000106021ddd941")), "\n00000000  0000106021ddd941   f64 = 1735689600.25\n");
    auto const number = "01" + std::string(60, '0') + "1f";
    EXPECT_EQ(tree(sample::field_p, hex(number)),
              "\n00000000  0100000000000000…  F = 0x1f" + std::string(60, '0') + "01\n");
    static constexpr Type fee{.kind = Kind::int64, .form = Form::fee, .bytes_min = 1, .name = "i64"};
    EXPECT_EQ(tree(fee, hex("fd00e1f505")), "\n00000000  fd00e1f505         i64 = 100000000 (0.1 MINA)\n");
    static constexpr Type is_signed{.kind = Kind::int32, .form = Form::is_signed, .bytes_min = 1, .name = "i32"};
    EXPECT_EQ(tree(is_signed, hex("ff80")), "\n00000000  ff80               i32 = -128\n");
}

TEST(tree, shows_strings_as_text_when_a_terminal_may_have_it) {
    EXPECT_EQ(tree(sample::string, hex("00")), "\n00000000  00                 str = \"\"\n");
    EXPECT_EQ(tree(sample::string, hex("03 611b62")), "\n00000000  03611b62           str = 611b62\n");
    base::ByteString text(101, 'a');
    text[0] = 100;
    EXPECT_EQ(tree(sample::string, text, {.text_max = 5}),
              "\n00000000  6461616161616161…  str = \"aaaaa\"… (100 bytes)\n");
}

TEST(tree, shows_the_levels_of_a_scan_tree) {
    EXPECT_EQ(tree(sample::scan_tree, hex("01 05" + std::string(64, '0') + "00 06 07")), R"(
00000000                     @scan
00000000  0105                 level 0: @scan = Node, 1, depth 5
00000002  0000000000000000…      [0]: F = 0x0000000000000000000000000000000000000000000000000000000000000000
00000022  00                   level 1: @scan = Leaf, 2
00000023  06                     [0]: i32 = 6
00000024  07                     [1]: i32 = 7
)");
}

TEST(tree, shows_offsets_in_decimal_when_asked) {
    EXPECT_EQ(tree(sample::tuple, hex("01 07"), {.decimal_offsets = true}), R"(
       0                     (bool, int)
       0  01                   [0]: bool = true
       1  07                   named: int = 7
)");
}

TEST(tree, counts_the_elements_it_does_not_show) {
    EXPECT_EQ(tree(sample::list, hex("05 01 02 03 04 05"), {.elements_max = 2}), R"(
00000000  05                 list<i32> = 5 elements
00000001  01                   [0]: i32 = 1
00000002  02                   [1]: i32 = 2
00000006                       … 3 more
)");
    EXPECT_EQ(tree(sample::list, hex("02 01 02"), {.elements_max = 2}).find("more"), std::string::npos);
    EXPECT_NE(tree(sample::vector, hex("01 02 00"), {.elements_max = 0}).find("… 2 more"), std::string::npos);
}

TEST(tree, hides_the_parts_of_elements_it_does_not_show) {
    static constexpr Type lists{
        .kind = Kind::list, .bytes_min = 1, .name = "list<list<i32>>", .element = &sample::list};
    EXPECT_EQ(tree(lists, hex("03 03010203 020102 0105"), {.elements_max = 1}), R"(
00000000  03                 list<list<i32>> = 3 elements
00000001  03                   [0]: list<i32> = 3 elements
00000002  01                     [0]: i32 = 1
00000005                         … 2 more
0000000a                       … 2 more
)");
}

TEST(tree, shows_no_more_levels_than_asked_for) {
    EXPECT_EQ(tree(sample::polymorphic_variant, hex("c5d3e2f1 00 03010203 0106 01 07 00"), {.depth_max = 2}), R"(
00000000  c5d3e2f1           [`Near | `Far] = Far
00000004                       @record
00000004  00                     name: str = ""
00000005  03                     numbers: list<i32> = 3 elements …
00000009  01                     maybe: opt<i32> = some …
0000000b                         two: vec2<i64> …
)");
    EXPECT_EQ(tree(sample::list, hex("03 010203"), {.depth_max = 0, .elements_max = 1}),
              "\n00000000  03                 list<i32> = 3 elements …\n");
}

TEST(tree, ends_with_the_explanation_of_an_error) {
    auto const bytes = hex("c5d3e2f1 0161 02 05 9a");
    auto const wrong = explain(sample::polymorphic_variant, bytes);
    ASSERT_TRUE(wrong);
    EXPECT_EQ(tree(sample::polymorphic_variant, bytes), R"(
00000000  c5d3e2f1           [`Near | `Far] = Far
00000004                       @record
00000004  0161                   name: str = "a"
00000006  02                     numbers: list<i32> = 2 elements
00000007  05                       [0]: i32 = 5
)" + wrong->text + "\n");
    EXPECT_TRUE(tree(sample::unit, hex("0000")).ends_with("(unit; 1 left)\n"));
    // What is not shown is checked.
    EXPECT_TRUE(tree(sample::polymorphic_variant, bytes, {.depth_max = 0}).ends_with(wrong->text + "\n"));
}

TEST(tree, of_every_golden_message_ends_without_an_error) {
    auto const messages = golden::messages();
    if (messages.empty()) GTEST_SKIP() << golden::folder << " is not here";
    for (auto const& message : messages) {
        std::size_t lines = 0;
        std::size_t columns = 0;
        auto const wrong = print_tree(*message.type, message.bytes, {}, [&](std::string_view line) {
            ++lines;
            columns = std::max(columns, line.size());
        });
        EXPECT_FALSE(wrong) << message.name;
        EXPECT_GE(lines, 1U) << message.name;
        EXPECT_LE(columns, 300U) << message.name;
    }
}

}  // namespace
}  // namespace mina::schema
