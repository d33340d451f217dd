// Goal: S-expressions are OCaml's, and are read back; what is none is refused with its place. Method: small
// types, and a proof that another implementation wrote.
#include "mina/json/sexp_reader.h"
#include "mina/json/sexp_writer.h"

#include "mina/json/read.h"
#include "mina/json/tree.h"
#include "mina/schema/golden.h"
#include "mina/schema/sample_types.h"
#include "mina/text/byte_strings.h"

#include <gtest/gtest.h>

namespace mina::json {
namespace {

using schema::Type;
namespace golden = schema::golden;
namespace sample = schema::sample;

std::string written(Type const& type, base::ByteView bytes) {
    SexpWriter writer;
    schema::Walker walker(type, bytes);
    while (auto const step = walker.next().value()) writer.put(*step);
    return writer.take();
}

std::string read(Type const& type, std::string_view sexp) {
    base::ByteString out;
    auto const done = append_sexp(out, type, sexp);
    return done ? base::to_hex(out) : to_string(done.error());
}

TEST(sexp, values_are_written_as_ocaml_does_and_read) {
    struct Pair {
        Type const& type;
        std::string_view hex;
        std::string_view sexp;
    };
    std::string const zeros(60, '0');
    auto const field_hex = "abcd" + zeros;
    auto const field_sexp = "0x" + zeros + "CDAB";
    Pair const pairs[] = {
        {sample::unit, "00", "()"},
        {sample::boolean, "01", "true"},
        {sample::boolean, "00", "false"},
        {sample::character, "0e", R"("\014")"},
        {sample::character, "61", R"("a")"},
        {sample::character, "22", R"("\"")"},
        {sample::character, "20", R"(" ")"},
        {sample::int64, "ffff", "0xffffffffffffffff"},
        {sample::int64, "05", "0x0000000000000005"},
        {sample::int32, "ff80", "-128"},
        {sample::int63, "7f", "127"},
        {sample::float64, "000000000000f0bf", "-1"},
        {sample::field_p, field_hex, field_sexp},
        {sample::string, "03 28 20 0a", R"("( \n")"},
        {sample::string, "00", R"("")"},
        {sample::option, "00", "()"},
        {sample::option, "0105", "(5)"},
        {sample::list, "00", "()"},
        {sample::list, "020506", "(5 6)"},
        {sample::vector, "010200", "(0x0000000000000001 0x0000000000000002)"},
        {sample::tuple, "0107", "(true 7)"},
        {sample::record, "0161 0102 00 040500",
         R"(((name "a") (numbers (2)) (maybe ()) (two (0x0000000000000004 0x0000000000000005))))"},
        {sample::variant, "00", "None"},
        {sample::variant, "02 05 01 07", "(Two 5 (true 7))"},
        {sample::polymorphic_variant, "45332211", "Near"},
    };
    for (auto const& [type, hex, sexp] : pairs) {
        auto const bytes = sample::hex(hex);
        EXPECT_EQ(written(type, bytes), sexp);
        EXPECT_EQ(read(type, sexp), base::to_hex(bytes));
    }
}

TEST(sexp, white_space_and_quotation_marks_may_differ) {
    EXPECT_EQ(read(sample::list, " (\n5\t\"6\") "), "020506");
    EXPECT_EQ(read(sample::character, "a"), "61");
    EXPECT_EQ(read(sample::record, R"((("name"a)(numbers())(maybe(3))(two(0x0000000000000004 0x0000000000000005))))"),
              "01610001" "03040500");
}

TEST(sexp, what_is_of_another_type_is_refused_with_its_place) {
    EXPECT_EQ(read(sample::list, "(5 x)"), "[1]: expected an integer, found \"x\"");
    EXPECT_EQ(read(sample::list, "5"), ": expected a list, found \"5\"");
    EXPECT_EQ(read(sample::vector, "(0x0000000000000001)"), ": expected a list of 2, found a list of 1");
    EXPECT_EQ(read(sample::vector, "(0x1 0x2)"), "[0]: expected 0x and 16 hexadecimal digits, found \"0x1\"");
    EXPECT_EQ(read(sample::option, "(5 6)"), ": expected () or a list of one, found a list of 2");
    EXPECT_EQ(read(sample::boolean, "maybe"), ": expected true or false, found \"maybe\"");
    EXPECT_EQ(read(sample::int32, "4294967295"), ": expected an integer, found \"4294967295\"");
    EXPECT_EQ(read(sample::field_p, "0x00"), ": expected 0x and 64 hexadecimal digits, found \"0x00\"");
    EXPECT_EQ(read(sample::unit, "(x)"), ": expected (), found a list of 1");
    EXPECT_EQ(read(sample::variant, "Three"), ": expected the name of a constructor, found \"Three\"");
    EXPECT_EQ(read(sample::variant, "One"), ": expected One, arguments: 1, found \"One\"");
    EXPECT_EQ(read(sample::variant, "(None)"), ": expected None, arguments: 0, found a list of 1");
    EXPECT_EQ(read(sample::record, "((name a) (numbers 7) (maybe ()) (two ()))"),
              ".numbers: expected a list, found \"7\"");
    EXPECT_EQ(read(sample::record, "((numbers ()) (name a) (maybe ()) (two ()))"),
              ".name: expected (name …), found a list of 2");
}

TEST(sexp, what_is_no_sexp_is_refused) {
    std::string const not_closed = ": expected an S-expression, its parentheses closed, found the end of the text";
    EXPECT_EQ(read(sample::list, ""), not_closed);
    EXPECT_EQ(read(sample::list, "(5 (6"), "[1][1]" + not_closed);
    EXPECT_EQ(read(sample::list, ")"), ": expected an S-expression, found \")\"");
    EXPECT_EQ(read(sample::list, "(5) 6"), ": expected the end of the S-expression, found \"6\"");
    EXPECT_EQ(read(sample::list, "(\"5)"), "[0]: expected a quotation mark at the end of an atom, found \"\"5)\"");
    EXPECT_EQ(read(sample::list, "(\"\\"), "[0]: expected a quotation mark at the end of an atom, found \"\"\\\"");
    EXPECT_EQ(read(sample::list, "(\"\\q\")"), "[0]: expected an atom with OCaml's escapes, found \"\"\\q\")\"");
    auto const deep = read(sample::list, std::string(1'000'000, '('));
    EXPECT_TRUE(deep.ends_with("expected no deeper nesting, found \"((((((((((((((((((((\"")) << deep.substr(0, 80);
}

TEST(sexp, a_proof_is_written_as_others_do_and_read) {
    auto const proof = golden::message("transaction-proof");
    auto const sexp = golden::read(golden::folder + "transaction-proof.sexp");
    if (proof.type == nullptr || !sexp) GTEST_SKIP() << "no golden messages in " << golden::folder;
    EXPECT_TRUE(written(*proof.type, proof.bytes) == base::as_text(*sexp));
    EXPECT_TRUE(read(*proof.type, base::as_text(*sexp)) == base::to_hex(proof.bytes));
}

TEST(sexp, an_error_in_a_proof_has_the_place_of_both) {
    auto const& type = sample::named("@Transaction_snark.V2");
    constexpr std::string_view empty =
        "((statement ((proof_state ()) (messages_for_next_step_proof ()))) (prev_evals ()) (proof ()))";
    auto const text = text::to_base64url(base::as_bytes(empty));
    Type const proof = *type.members[1].type;
    auto const read = read_json(proof, "\"" + text + "\"");
    EXPECT_EQ(to_string(read.error()), ".statement.proof_state: expected a list of 3, found a list of 0");
    EXPECT_EQ(to_string(read_json(proof, "\"(abc)\"").error()),
              ".: expected a proof: base64url of its S-expression, or an object, found the string \"(abc)\"");
}

}  // namespace
}  // namespace mina::json
