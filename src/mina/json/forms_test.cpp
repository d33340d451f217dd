// Goal: each form of the schema has its JSON, also where no recorded message shows it. Method: small types and their
// encodings, written, read, and written in another order or notation and read.
#include "mina/json/layout.h"
#include "mina/json/read.h"
#include "mina/json/write.h"
#include "mina/schema/integers.h"
#include "mina/schema/sample_types.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace mina::json {
namespace {

using schema::Constructor;
using schema::Form;
using schema::Kind;
using schema::Member;
using schema::Type;
namespace sample = schema::sample;

std::string written(Type const& type, std::string_view hex) {
    auto const text = to_json(type, sample::hex(hex));
    return text ? *text : std::string(to_string(text.error().reason));
}

std::string read(Type const& type, std::string_view json) {
    auto const bytes = read_json(type, json);
    return bytes ? base::to_hex(*bytes) : to_string(bytes.error());
}

struct Pair {
    Type type;
    std::string_view hex;
    std::string_view json;
};

void expect_both_ways(std::span<Pair const> pairs) {
    for (auto const& [type, hex, json] : pairs) {
        EXPECT_EQ(written(type, hex), json);
        EXPECT_EQ(read(type, json), base::to_hex(sample::hex(hex))) << json;
    }
}

constexpr Type leaf(Type type, Form form) {
    type.form = form;
    return type;
}

TEST(forms, integers_are_strings_and_unsigned_but_for_those_of_ocaml) {
    Pair const pairs[] = {
        {sample::int32, "ffff", "\"4294967295\""},
        {sample::int32, "fd00000080", "\"2147483648\""},
        {sample::int64, "ffff", "\"18446744073709551615\""},
        {sample::int64, "7f", "\"127\""},
        {sample::int63, "ffff", "\"-1\""},
        {sample::int63, "fcffffffffffffff3f", "\"4611686018427387903\""},
        {sample::int63, "fc00000000000000c0", "\"-4611686018427387904\""},
        {leaf(sample::int32, Form::is_signed), "ffff", "\"-1\""},
        {leaf(sample::int63, Form::number), "ff80", "-128"},
        {leaf(sample::int64, Form::fee), "fd00e1f505", "\"0.1\""},
        {leaf(sample::int64, Form::fee), "ffff", "\"18446744073.709551615\""},
    };
    expect_both_ways(pairs);
}

TEST(forms, characters_are_those_of_latin_1) {
    Pair const pairs[] = {
        {sample::character, "61", "\"a\""},
        {sample::character, "0e", "\"\\u000E\""},
        {sample::character, "00", "\"\\u0000\""},
        {sample::character, "80", "\"\xc2\x80\""},
        {sample::character, "ff", "\"\xc3\xbf\""},
    };
    expect_both_ways(pairs);
    EXPECT_EQ(read(sample::character, "\"\\u00ff\""), "ff");
    EXPECT_EQ(read(sample::character, "\"\\u0100\""),
              ".: expected a string of one character, at most U+00FF, found the string \"\xc4\x80\"");
}

TEST(forms, strings_that_their_form_cannot_show_are_hexadecimal) {
    Pair const pairs[] = {
        {sample::string, "03 c3a961", "\"\xc3\xa9" "a\""},
        {sample::string, "02 00 0a", "\"\\u0000\\n\""},
        {sample::string, "01 ff", "{\"hex\":\"ff\"}"},
        {sample::string, "00", "\"\""},
        {leaf(sample::string, Form::bytes), "04 ff205c61", R"("\\xff\\x20\\x5ca")"},
        {leaf(sample::string, Form::hex), "02 ff20", "\"ff20\""},
        {leaf(sample::string, Form::base64url), "03 fbffbe", "\"-_--\""},
        {leaf(sample::string, Form::memo), "01 61", "{\"hex\":\"61\"}"},
        {leaf(sample::string, Form::aux_hash), "00", "{\"hex\":\"\"}"},
    };
    expect_both_ways(pairs);
    EXPECT_EQ(read(leaf(sample::string, Form::hex), "{\"hex\": \"FF\"}"), "01ff");
}

TEST(forms, floats_are_strings) {
    Pair const pairs[] = {
        {sample::float64, "0000106021ddd941", "\"1735689600.25\""},
        {sample::float64, "000000000000f0bf", "\"-1\""},
        {sample::float64, "010000000000f07f", "\"nan:7ff0000000000001\""},
    };
    expect_both_ways(pairs);
}

TEST(forms, values_with_parts_are_objects_and_arrays) {
    Pair const pairs[] = {
        {sample::unit, "00", "null"},
        {sample::boolean, "01", "true"},
        {sample::option, "00", "null"},
        {sample::option, "0105", "\"5\""},
        {sample::list, "00", "[]"},
        {sample::list, "020102", "[\"1\",\"2\"]"},
        {sample::vector, "010200", "[\"1\",\"2\"]"},
        {sample::tuple, "0107", "[true,\"7\"]"},
        {sample::record, "0161 0102 0103 040500", R"({"name":"a","numbers":["2"],"maybe":"3","two":["4","5"]})"},
    };
    expect_both_ways(pairs);
}

TEST(forms, members_are_read_in_any_order) {
    EXPECT_EQ(read(sample::record, R"( {"two": ["4", "5"], "maybe": null, "name": "a", "numbers": []} )"),
              "01610000040500");
}

constexpr Member one_int[] = {{"", &sample::int32}};
constexpr Member two_ints[] = {{"", &sample::int32}, {"", &sample::int32}};
constexpr Member one_tuple[] = {{"", &sample::tuple}};
constexpr Constructor choices[] = {{"No_argument", 0}, {"One_number", 1, one_int}, {"Two_numbers", 2, two_ints},
                                   {"A_tuple", 3, one_tuple}};
constexpr Type choice{.kind = Kind::variant, .bytes_min = 1, .name = "@choice", .constructors = choices};

TEST(forms, variants_as_arrays_spread_a_tuple) {
    auto const type = leaf(choice, Form::array);
    Pair const pairs[] = {
        {type, "00", R"(["No_argument"])"},
        {type, "0105", R"(["One_number","5"])"},
        {type, "020506", R"(["Two_numbers","5","6"])"},
        {type, "030106", R"(["A_tuple",true,"6"])"},
    };
    expect_both_ways(pairs);
}

TEST(forms, variants_as_objects_are_in_camel_case) {
    auto const type = leaf(choice, Form::object);
    Pair const pairs[] = {
        {type, "00", R"("NoArgument")"},
        {type, "0105", R"({"OneNumber":"5"})"},
        {type, "020506", R"({"TwoNumbers":["5","6"]})"},
        {type, "030106", R"({"ATuple":[true,"6"]})"},
        {leaf(choice, Form::named), "00", R"("No_argument")"},
        {leaf(choice, Form::named), "0105", R"({"One_number":"5"})"},
        {leaf(sample::polymorphic_variant, Form::object), "45332211", R"("Near")"},
    };
    expect_both_ways(pairs);
}

constexpr Constructor results[] = {{"Ok", 0, one_int}, {"Error", 1, one_int}};
constexpr Constructor slots[] = {{"Since_genesis", 0, one_int}};
constexpr Constructor gossips[] = {{"New_state", 0, one_int}, {"Snark_pool_diff", 1, two_ints}};

TEST(forms, results_bare_variants_and_gossip_have_their_own_shape) {
    Type const result{.kind = Kind::variant, .form = Form::result, .name = "@result", .constructors = results};
    Type const gossip{.kind = Kind::variant, .form = Form::gossip, .name = "Gossip", .constructors = gossips};
    Type const bare{.kind = Kind::variant, .form = Form::bare, .name = "@slot", .constructors = slots};
    Pair const pairs[] = {
        {result, "0005", R"({"Ok":"5"})"},
        {result, "0105", R"({"Err":"5"})"},
        {bare, "0005", "\"5\""},
        {gossip, "0005", R"({"type":"new_state","message":"5"})"},
        {gossip, "010506", R"({"type":"snark_pool_diff","message":{"message":"5","nonce":"6"}})"},
    };
    expect_both_ways(pairs);
    EXPECT_EQ(read(gossip, R"({"message": {"nonce": "6", "message": "5"}, "type": "snark_pool_diff"})"), "010506");
}

constexpr Type token = leaf(sample::field_p, Form::token_id);
constexpr Member fee_members[] = {
    {"token_l", &token}, {"l", &sample::int32}, {"token_r", &token}, {"r", &sample::int32}};

TEST(forms, fee_excesses_are_pairs_of_token_and_amount) {
    Type const type{.kind = Kind::record, .form = Form::fee_excess, .name = "@fee_excess:54", .members = fee_members};
    std::string const id = "01" + std::string(62, '0');
    Pair const pair[] = {
        {type, "", R"([{"token":"wSHV2S4qX9jFsLjQo8r1BsMLH2ZRKsZx6EJd1sbozGPieEC4Jf","amount":"5"},)"
                   R"({"token":"wSHV2S4qX9jFsLjQo8r1BsMLH2ZRKsZx6EJd1sbozGPieEC4Jf","amount":"6"}])"}};
    EXPECT_EQ(written(type, id + "05" + id + "06"), pair[0].json);
    EXPECT_EQ(read(type, pair[0].json), id + "05" + id + "06");
}

TEST(forms, scan_trees_are_nested_level_in_level) {
    auto const node = [](std::string const& byte) {
        std::string hex;
        for (int i = 0; i < 32; ++i) hex += byte;
        return hex;
    };
    auto const text = [&](std::string const& byte) { return "\"0x" + node(byte) + "\""; };
    Type const type = sample::scan_tree;
    EXPECT_EQ(written(type, "00 05"), R"({"Leaf":["5"]})");
    EXPECT_EQ(read(type, R"({"Leaf":["5"]})"), "0005");
    auto const hex = "0107" + node("aa") + "01ffff" + node("bb") + node("cc") + "0001020304";
    auto const json = R"({"Node":{"depth":"7","value":[)" + text("aa") +
                      R"(],"sub_tree":{"Node":{"depth":"-1","value":[)" + text("bb") + "," + text("cc") +
                      R"(],"sub_tree":{"Leaf":["1","2","3","4"]}}}}})";
    EXPECT_EQ(written(type, hex), json);
    EXPECT_EQ(read(type, json), hex);
}

// A large message must not stand in memory as text.
TEST(forms, a_text_comes_in_small_pieces) {
    class Pieces final : public Sink {
    public:
        void put(std::string_view text) override {
            longest = std::max(longest, text.size());
            bytes += text.size();
        }
        std::size_t longest = 0;
        std::size_t bytes = 0;
    } pieces;
    base::ByteString message;
    schema::append_count(message, 100'000);
    message.resize(message.size() + 100'000, 5);
    ASSERT_TRUE(write_json(sample::list, message, pieces));
    EXPECT_EQ(pieces.bytes, 400'001U);
    EXPECT_LE(pieces.longest, 16'384U);
}

// What the schemas may not hold, for their JSON to be readable.
TEST(forms, no_type_of_a_schema_has_two_values_of_one_json) {
    std::set<Type const*> seen;
    std::vector<Type const*> waiting;
    auto const visit = [&](Type const* type) {
        if (type != nullptr && seen.insert(type).second) waiting.push_back(type);
    };
    for (auto const format : messages::formats)
        for (auto const& root : messages::schema_of(format).roots) visit(root.type);
    while (!waiting.empty()) {
        auto const& type = *waiting.back();
        waiting.pop_back();
        visit(type.element);
        for (auto const& member : type.members) visit(member.type);
        std::set<std::string> names;
        for (auto const& one : type.constructors) {
            EXPECT_TRUE(names.insert(json_name(type, one)).second) << type.name << " " << one.name;
            for (auto const& argument : one.arguments) visit(argument.type);
        }
        if (type.kind == Kind::option) {
            EXPECT_NE(type.element->kind, Kind::option) << type.name;
            EXPECT_NE(type.element->kind, Kind::unit) << type.name;
        }
        if (type.form == Form::bare) {
            ASSERT_EQ(type.constructors.size(), 1U) << type.name;
            ASSERT_EQ(type.constructors[0].arguments.size(), 1U) << type.name;
            EXPECT_NE(type.constructors[0].arguments[0].type->kind, Kind::option) << type.name;
        }
        EXPECT_TRUE(type.form != Form::number || type.kind == Kind::int63) << type.name;
    }
    EXPECT_GT(seen.size(), 200U);
}

}  // namespace
}  // namespace mina::json
