// Goal: of each value there is one encoding, all others are refused at the right byte, and nothing that is sent can
// make the walker deep or large. Method: each kind by hand, at the edges of its forms; counts that lie; nesting without
// end.
#include "mina/schema/walker.h"

#include "mina/schema/integers.h"
#include "mina/schema/random.h"
#include "mina/schema/sample_types.h"

#include <gtest/gtest.h>

namespace mina::schema {
namespace {

using binprot::Reason;
using sample::hex;

// "ok", or the reason and its offset.
std::string verdict(Type const& type, base::ByteString const& bytes) {
    auto const walked = walk_all(type, bytes);
    if (walked) return "ok";
    return std::string(to_string(walked.error().reason)) + " @" + std::to_string(walked.error().offset);
}

std::string verdict(Type const& type, std::string_view text) { return verdict(type, hex(text)); }

std::string refused(Reason reason, std::size_t offset) {
    return std::string(to_string(reason)) + " @" + std::to_string(offset);
}

// The first step of a value that may be followed by more.
Step first(Type const& type, base::ByteString const& bytes) { return Walker(type, bytes).next().value().value(); }

// Each step in a word: "begin 2 name", "leaf 5 = 7".
std::vector<std::string> steps_of(Type const& type, base::ByteString const& bytes) {
    std::vector<std::string> steps;
    Walker walker(type, bytes);
    auto next = walker.next();
    for (; next && *next; next = walker.next()) {
        auto const& step = **next;
        constexpr std::string_view words[] = {"begin", "end", "leaf"};
        auto text = std::to_string(step.offset) + " " + std::string(step.depth, '-');
        text += words[static_cast<std::size_t>(step.what)];
        if (auto const path = walker.path(); !path.empty()) text += " " + path;
        if (step.constructor != nullptr) text += " " + std::string(step.constructor->name);
        if (step.what == Step::What::begin) text += " of " + std::to_string(step.count);
        if (step.what == Step::What::leaf) text += " = " + base::to_hex(step.bytes);
        steps.push_back(std::move(text));
    }
    if (!next) steps.push_back(refused(next.error().reason, next.error().offset) + " " + walker.path());
    return steps;
}

using Lines = std::vector<std::string>;

TEST(walker, reads_units_and_booleans_in_one_form) {
    EXPECT_EQ(verdict(sample::unit, "00"), "ok");
    EXPECT_EQ(verdict(sample::unit, "01"), refused(Reason::bad_unit, 0));
    EXPECT_EQ(verdict(sample::unit, ""), refused(Reason::truncated, 0));
    EXPECT_EQ(verdict(sample::boolean, "00"), "ok");
    EXPECT_EQ(verdict(sample::boolean, "01"), "ok");
    EXPECT_EQ(verdict(sample::boolean, "02"), refused(Reason::bad_boolean, 0));
    EXPECT_EQ(verdict(sample::boolean, "ff"), refused(Reason::bad_boolean, 0));
    EXPECT_EQ(verdict(sample::character, "ff"), "ok");
    EXPECT_EQ(first(sample::character, {0xff}).integer, 255);
}

TEST(walker, takes_integers_in_their_shortest_form_only) {
    for (auto const* type : {&sample::int32, &sample::int63, &sample::int64}) {
        for (auto const* good : {"00", "7f", "ff80", "ffff", "fe8000", "fe7fff", "feff7f", "fe0080", "fd00800000",
                                 "fdff7fffff", "fdffffff7f", "fd00000080"})
            EXPECT_EQ(verdict(*type, good), "ok") << good << " as " << type->name;
        for (auto const* longer : {"ff00", "ff7f", "fe0000", "fe7f00", "fe80ff", "feffff", "fd00000000", "fdff7f0000",
                                   "fd0080ffff", "fdffffffff"})
            EXPECT_EQ(verdict(*type, longer), refused(Reason::not_canonical, 0)) << longer << " as " << type->name;
        for (auto const* cut : {"", "ff", "fe", "fe80", "fd", "fd008000", "fc", "fc00000000000000"})
            EXPECT_EQ(verdict(*type, cut), refused(Reason::truncated, 0)) << cut << " as " << type->name;
        for (auto lead = 0x80; lead <= 0xfb; ++lead)
            EXPECT_EQ(verdict(*type, {static_cast<std::uint8_t>(lead), 0, 0, 0, 0, 0, 0, 0, 0}),
                      refused(Reason::bad_integer, 0));
    }
}

TEST(walker, takes_no_integer_wider_than_its_type) {
    EXPECT_EQ(verdict(sample::int64, "fc0000008000000000"), "ok");
    EXPECT_EQ(verdict(sample::int64, "fcffffff7fffffffff"), "ok");
    EXPECT_EQ(verdict(sample::int64, "fcffffffffffffff7f"), "ok");
    EXPECT_EQ(verdict(sample::int64, "fc0000000000000080"), "ok");
    EXPECT_EQ(verdict(sample::int64, "fcffffff7f00000000"), refused(Reason::not_canonical, 0));
    EXPECT_EQ(verdict(sample::int64, "fc00000080ffffffff"), refused(Reason::not_canonical, 0));
    EXPECT_EQ(verdict(sample::int32, "fc0000008000000000"), refused(Reason::out_of_range, 0));
    EXPECT_EQ(verdict(sample::int32, "fc0000000000000000"), refused(Reason::out_of_range, 0));
    EXPECT_EQ(verdict(sample::int63, "fcffffffffffffff3f"), "ok");
    EXPECT_EQ(verdict(sample::int63, "fc00000000000000c0"), "ok");
    EXPECT_EQ(verdict(sample::int63, "fc0000000000000040"), refused(Reason::out_of_range, 0));
    EXPECT_EQ(verdict(sample::int63, "fcffffffffffffffbf"), refused(Reason::out_of_range, 0));
    EXPECT_EQ(first(sample::int32, hex("ffff")).integer, -1);
    EXPECT_EQ(first(sample::int64, hex("fc0000000000000080")).integer, std::numeric_limits<std::int64_t>::min());
}

TEST(walker, takes_counts_in_their_shortest_form_only) {
    EXPECT_EQ(verdict(sample::string, "00"), "ok");
    EXPECT_EQ(verdict(sample::string, "0261 62"), "ok");
    EXPECT_EQ(first(sample::string, hex("026162")).bytes.size(), 2U);
    EXPECT_EQ(first(sample::string, hex("026162")).header_bytes, 1U);
    for (auto const* longer :
         {"fe0000", "fe7f00", "fd00000000", "fdffff0000", "fc0000000000000000", "fcffffffff00000000"})
        EXPECT_EQ(verdict(sample::string, longer), refused(Reason::not_canonical, 0)) << longer;
    // A count has no sign, so no form for small negative ones.
    for (auto const* other : {"ff01", "80", "fb00"})
        EXPECT_EQ(verdict(sample::string, other), refused(Reason::bad_integer, 0)) << other;
    for (auto const size : {0x7fU, 0x80U, 0xffU, 0xffffU, 0x10000U}) {
        base::ByteString bytes;
        append_count(bytes, size);
        bytes.resize(bytes.size() + size, 'a');
        EXPECT_EQ(verdict(sample::string, bytes), "ok") << size;
        bytes.pop_back();
        EXPECT_EQ(verdict(sample::string, bytes), refused(Reason::count_too_large, 0)) << size;
    }
}

TEST(walker, refuses_counts_that_cannot_be_true) {
    auto const& blocks = sample::named("get_transition_chain.response");
    for (int bits = 11; bits <= 63; ++bits) {
        auto const power = std::uint64_t{1} << bits;
        for (auto const count : {power - 1, power, power + 1}) {
            base::ByteString bytes;
            append_count(bytes, count);
            bytes.resize(1000);
            for (auto const* type : {&sample::list, &sample::fields, &sample::string})
                EXPECT_EQ(verdict(*type, bytes), refused(Reason::count_too_large, 0)) << count;
            bytes.insert(bytes.begin(), 1);
            EXPECT_EQ(verdict(blocks, bytes), refused(Reason::count_too_large, 1)) << count;
        }
    }
    // Three elements of 32 bytes where 95 bytes follow.
    base::ByteString bytes{3};
    bytes.resize(96);
    EXPECT_EQ(verdict(sample::fields, bytes), refused(Reason::count_too_large, 0));
    bytes.resize(97);
    EXPECT_EQ(verdict(sample::fields, bytes), "ok");
}

TEST(walker, reads_fields_and_floats_whole) {
    EXPECT_EQ(verdict(sample::field_p, base::ByteString(32, 0xff)), "ok") << "whether it is reduced is not asked here";
    EXPECT_EQ(verdict(sample::field_q, base::ByteString(31)), refused(Reason::truncated, 0));
    EXPECT_EQ(verdict(sample::float64, base::ByteString(8, 0xff)), "ok");
    EXPECT_EQ(verdict(sample::float64, base::ByteString(7)), refused(Reason::truncated, 0));
}

TEST(walker, reads_options_and_vectors) {
    EXPECT_EQ(verdict(sample::option, "00"), "ok");
    EXPECT_EQ(verdict(sample::option, "0105"), "ok");
    EXPECT_EQ(verdict(sample::option, "01"), refused(Reason::truncated, 1));
    EXPECT_EQ(verdict(sample::option, "02"), refused(Reason::bad_option, 0));
    EXPECT_EQ(verdict(sample::vector, "010200"), "ok");
    EXPECT_EQ(verdict(sample::vector, "0102"), refused(Reason::truncated, 2));
    EXPECT_EQ(verdict(sample::vector, "010201"), refused(Reason::bad_unit, 2));
    EXPECT_EQ(verdict(sample::vector, "01"), refused(Reason::truncated, 1));
}

TEST(walker, knows_constructors_by_their_tags) {
    EXPECT_EQ(verdict(sample::variant, "00"), "ok");
    EXPECT_EQ(verdict(sample::variant, "03"), refused(Reason::unknown_variant, 0));
    EXPECT_EQ(verdict(sample::variant, "ff"), refused(Reason::unknown_variant, 0));
    EXPECT_EQ(verdict(sample::variant, ""), refused(Reason::truncated, 0));
    EXPECT_EQ(verdict(sample::polymorphic_variant, "45332211"), "ok");
    EXPECT_EQ(verdict(sample::polymorphic_variant, "44332211"), refused(Reason::unknown_variant, 0));
    EXPECT_EQ(verdict(sample::polymorphic_variant, "453322"), refused(Reason::truncated, 0));
    EXPECT_EQ(first(sample::polymorphic_variant, hex("45332211")).constructor->name, "Near");
}

TEST(walker, refuses_what_follows_the_value) {
    EXPECT_EQ(verdict(sample::unit, "0000"), refused(Reason::trailing_bytes, 1));
    EXPECT_EQ(verdict(sample::option, "010500"), refused(Reason::trailing_bytes, 2));
}

TEST(walker, steps_through_parts_and_says_the_way) {
    EXPECT_EQ(steps_of(sample::variant, hex("02 05 01 07")),
              (Lines{"0 begin Two of 2", "1 -leaf Two[0] = 05", "2 -begin Two.second of 2",
                     "2 --leaf Two.second[0] = 01", "3 --leaf Two.second.named = 07", "4 -end Two.second",
                     "4 end Two"}));
    EXPECT_EQ(steps_of(sample::polymorphic_variant, hex("c5d3e2f1 0161 020506 0107 080900")),
              (Lines{"0 begin Far of 1", "4 -begin Far of 4", "4 --leaf Far.name = 61", "6 --begin Far.numbers of 2",
                     "7 ---leaf Far.numbers[0] = 05", "8 ---leaf Far.numbers[1] = 06", "9 --end Far.numbers",
                     "9 --begin Far.maybe of 1", "10 ---leaf Far.maybe = 07", "11 --end Far.maybe",
                     "11 --begin Far.two of 2", "11 ---leaf Far.two[0] = 08", "12 ---leaf Far.two[1] = 09",
                     "14 --end Far.two", "14 -end Far", "14 end Far"}));
    EXPECT_EQ(steps_of(sample::record, hex("00 00 00 0000 01")),
              (Lines{"0 begin of 4", "0 -leaf name = ", "1 -begin numbers of 0", "2 -end numbers", "2 -leaf maybe = 00",
                     "3 -begin two of 2", "3 --leaf two[0] = 00", "4 --leaf two[1] = 00",
                     refused(Reason::bad_unit, 5) + " two"}));
}

TEST(walker, steps_through_the_levels_of_a_scan_tree) {
    auto const node = std::string(64, '0');
    EXPECT_EQ(steps_of(sample::scan_tree, hex("00 05")),
              (Lines{"0 begin of 0", "0 -begin levels[0] Leaf of 1", "1 --leaf levels[0][0] = 05",
                     "2 -end levels[0] Leaf", "2 end"}));
    EXPECT_EQ(steps_of(sample::scan_tree, hex("01 fe8000" + node + "00 05 06")),
              (Lines{"0 begin of 0", "0 -begin levels[0] Node of 1", "4 --leaf levels[0][0] = " + node,
                     "36 -end levels[0] Node", "36 -begin levels[1] Leaf of 2", "37 --leaf levels[1][0] = 05",
                     "38 --leaf levels[1][1] = 06", "39 -end levels[1] Leaf", "39 end"}));
    EXPECT_EQ(first(sample::scan_tree, hex("0005")).is_level, false);
    EXPECT_EQ(verdict(sample::scan_tree, hex("")), refused(Reason::truncated, 0));
    EXPECT_EQ(verdict(sample::scan_tree, hex("02")), refused(Reason::unknown_variant, 0));
    EXPECT_EQ(verdict(sample::scan_tree, hex("01 fe0100" + node + "00 05 06")), refused(Reason::not_canonical, 1));
    EXPECT_EQ(verdict(sample::scan_tree, hex("01")), refused(Reason::truncated, 1));
    EXPECT_EQ(verdict(sample::scan_tree, hex("01 00" + node + "00 05")), refused(Reason::count_too_large, 34));
    EXPECT_EQ(verdict(sample::scan_tree, hex("01 00" + node + "01 00" + node)), refused(Reason::count_too_large, 34));
}

// An account tree of so many nodes, each the left one of the one before.
base::ByteString nested_ledger(std::size_t nodes) {
    base::ByteString bytes;
    bytes.reserve(66 * nodes + 33);
    for (std::size_t i = 0; i < nodes; ++i) {
        bytes.push_back(2);
        bytes.resize(bytes.size() + 32);
    }
    for (std::size_t i = 0; i < nodes + 1; ++i) {
        bytes.push_back(1);
        bytes.resize(bytes.size() + 32);
    }
    return bytes;
}

TEST(walker, goes_no_deeper_into_a_ledger_than_256_levels) {
    for (auto const* name : {"@sparse_ledger:9", "@sparse_ledger:9#2"}) {
        auto const& type = sample::named(name);
        EXPECT_EQ(verdict(type, nested_ledger(255)), "ok");
        for (std::size_t const nodes : {256U, 300U, 1'000'000U})
            EXPECT_EQ(verdict(type, nested_ledger(nodes)), refused(Reason::too_deep, std::size_t{256} * 33)) << nodes;
    }
}

// A zkApp command with calls inside calls, and where its last account update begins.
std::pair<base::ByteString, std::size_t> nested_calls(std::size_t levels) {
    auto const update = shortest_value(sample::named("@Mina_base.Account_update.T.V1"));
    auto bytes = shortest_value(sample::named("@Mina_base.Account_update.Fee_payer.V1"));
    bytes.reserve(bytes.size() + levels * (update.size() + 3) + 2);
    std::size_t last = 0;
    for (std::size_t i = 0; i < levels; ++i) {
        bytes.push_back(1);
        last = bytes.size();
        base::append(bytes, update);
        bytes.push_back(0);
    }
    bytes.push_back(0);
    bytes.resize(bytes.size() + levels);
    bytes.push_back(0);
    return {std::move(bytes), last};
}

TEST(walker, goes_no_deeper_into_calls_than_256_levels) {
    auto const& type = sample::named("zkapp-command");
    EXPECT_EQ(verdict(type, nested_calls(256).first), "ok");
    auto const refusal = refused(Reason::too_deep, nested_calls(257).second);
    for (std::size_t const levels : {257U, 300U, 1'000'000U})
        EXPECT_EQ(verdict(type, nested_calls(levels).first), refusal) << levels;
}

TEST(walker, opens_no_more_values_than_its_bound) {
    // A type that only lists close: without a name, it is not counted among the nested.
    static Type cyclic{.kind = Kind::list, .bytes_min = 1, .name = "list<…>"};
    cyclic.element = &cyclic;
    base::ByteString bytes(depth_max, 1);
    bytes.back() = 0;
    EXPECT_EQ(verdict(cyclic, bytes), "ok");
    bytes.back() = 1;
    bytes.push_back(0);
    EXPECT_EQ(verdict(cyclic, bytes), refused(Reason::too_deep, depth_max));
}

TEST(walker, is_open_again_for_a_type_that_was_closed) {
    // 300 trees beside one another are no nesting.
    auto const& tree = sample::named("@sparse_ledger:9");
    Type const trees{.kind = Kind::list, .bytes_min = 1, .name = "list<@sparse_ledger:9>", .element = &tree};
    base::ByteString bytes{0xfe, 0x2c, 0x01};
    for (int i = 0; i < 300; ++i) base::append(bytes, nested_ledger(3));
    EXPECT_EQ(verdict(trees, bytes), "ok");
}

TEST(walker, knows_the_shortest_value_of_each_type) {
    for (auto const format : messages::formats) {
        for (auto const& root : messages::schema_of(format).roots) {
            auto const shortest = shortest_value(*root.type);
            EXPECT_EQ(shortest.size(), root.type->bytes_min) << root.name;
            EXPECT_EQ(verdict(*root.type, shortest), "ok") << root.name;
        }
    }
}

}  // namespace
}  // namespace mina::schema
