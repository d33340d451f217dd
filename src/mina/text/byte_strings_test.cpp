// Goal: strings of any bytes survive being text. Method: each byte, and texts of another implementation.
#include "mina/text/byte_strings.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace mina::text {
namespace {

base::ByteString every_byte() {
    base::ByteString bytes;
    for (unsigned i = 0; i < 256; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
    return bytes;
}

TEST(byte_strings, base64url_has_its_own_letters_and_padding) {
    EXPECT_EQ(to_base64url(base::as_bytes("\xfb\xff\xbe")), "-_--");
    EXPECT_EQ(to_base64url(base::as_bytes("a")), "YQ==");
    EXPECT_EQ(to_base64url({}), "");
    EXPECT_EQ(from_base64url(to_base64url(every_byte())), every_byte());
    for (auto const text : {"+/++", "YQ", "YQ=", "YR==", "Y", "YQ==x", "Y Q="})
        EXPECT_FALSE(from_base64url(text)) << text;
}

TEST(byte_strings, all_but_graphic_ascii_is_escaped) {
    EXPECT_EQ(escape_bytes(base::as_bytes("127.0.0.1")), "127.0.0.1");
    EXPECT_EQ(escape_bytes(base::from_hex("00000460").value()), "\\x00\\x00\\x04`");
    EXPECT_EQ(escape_bytes(base::as_bytes("a b\\\x7f\xff")), "a\\x20b\\x5c\\x7f\\xff");
    EXPECT_EQ(unescape_bytes(escape_bytes(every_byte())), every_byte());
}

TEST(byte_strings, what_others_leave_unescaped_is_read) {
    EXPECT_EQ(unescape_bytes("a b"), base::to_byte_string(base::as_bytes("a b")));
    EXPECT_EQ(unescape_bytes("a\\b\\"), base::to_byte_string(base::as_bytes("a\\b\\")));
    EXPECT_EQ(unescape_bytes("\\xFf"), base::from_hex("ff"));
    EXPECT_EQ(unescape_bytes("\xc3\xa9"), base::from_hex("c3a9"));
    for (auto const text : {"\\x", "\\x1", "\\xg0", "\\x0g", "a\\x"}) EXPECT_FALSE(unescape_bytes(text)) << text;
}

TEST(byte_strings, ocaml_escapes_are_written_and_read) {
    EXPECT_EQ(to_ocaml_string(base::from_hex("0e").value()), "\\014");
    EXPECT_EQ(to_ocaml_string(base::as_bytes("a b\"\\\n\t\b\r\x7f\xff")), "a b\\\"\\\\\\n\\t\\b\\r\\127\\255");
    EXPECT_EQ(from_ocaml_string(to_ocaml_string(every_byte())), every_byte());
    EXPECT_EQ(from_ocaml_string("\\x0E\\'\\ "), base::from_hex("0e2720"));
    for (auto const text : {"\\", "\\q", "\\25", "\\256", "\\0a1", "\\x", "\\x1", "\\xzz"})
        EXPECT_FALSE(from_ocaml_string(text)) << text;
}

TEST(byte_strings, well_formed_utf8_is_told_from_other_bytes) {
    for (auto const hex :
         {"", "00", "7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf"})
        EXPECT_TRUE(is_utf8(base::from_hex(hex).value())) << hex;
    for (auto const hex : {"80", "bf", "c0af", "c1bf", "c2", "c27f", "e09fbf", "eda080", "e0a0", "e0a07f", "f08fbfbf",
                           "f4908080", "f5808080", "ff", "61ff", "f09080", "f0908041"})
        EXPECT_FALSE(is_utf8(base::from_hex(hex).value())) << hex;
    // Behind ASCII, which is taken in strides.
    for (std::size_t before = 0; before < 20; ++before) {
        EXPECT_TRUE(is_utf8(base::as_bytes(std::string(before, 'a') + "\xc3\xa9" + std::string(9, 'b'))));
        EXPECT_FALSE(is_utf8(base::as_bytes(std::string(before, 'a') + "\xc3" + std::string(9, 'b'))));
    }
}

}  // namespace
}  // namespace mina::text
