// Goal: the reader takes the one canonical form of each primitive and names the first byte of anything else. Method:
// the edges of each form, once in a buffer that ends with the number (so that the address sanitizer sees a read past
// it) and once with more behind it, since the two take different ways through the reader.
#include "mina/binprot/reader.h"

#include "base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

namespace mina::binprot {
namespace {

base::ByteString hex(std::string_view digits) { return base::from_hex(digits).value(); }

// With `more` bytes behind it; as long as its content.
base::ByteString with_more(std::string_view digits, std::size_t more) {
    auto bytes = hex(digits);
    bytes.resize(bytes.size() + more, 0xee);
    return base::ByteString(bytes.begin(), bytes.end());
}

struct Read {
    bool is_read = false;
    std::int64_t value = 0;
    std::size_t offset = 0;
    Error error;
    bool operator==(Read const&) const = default;
};

Read read_integer(base::ByteView bytes, Width width) {
    Reader reader(bytes);
    Read read;
    switch (width) {
        case Width::int32: read.is_read = reader.integer<Width::int32>(read.value); break;
        case Width::int63: read.is_read = reader.integer<Width::int63>(read.value); break;
        case Width::int64: read.is_read = reader.integer<Width::int64>(read.value); break;
    }
    read.offset = reader.offset();
    read.error = reader.error();
    if (!read.is_read) read.value = 0;
    return read;
}

void expect_value(std::string_view digits, Width width, std::int64_t value) {
    auto const size = digits.size() / 2;
    for (std::size_t more = 0; more <= 9; ++more) {
        auto const read = read_integer(with_more(digits, more), width);
        EXPECT_EQ(read, (Read{true, value, size, {}})) << digits << " and " << more << " bytes";
    }
}

void expect_refused(std::string_view digits, Width width, Reason reason) {
    for (std::size_t more = 0; more <= 9; ++more) {
        auto const read = read_integer(with_more(digits, more), width);
        EXPECT_FALSE(read.is_read) << digits << " and " << more << " bytes";
        EXPECT_EQ(read.error, (Error{0, reason})) << digits << " and " << more << " bytes";
        EXPECT_EQ(read.offset, 0U);
    }
}

constexpr Width widths[] = {Width::int32, Width::int63, Width::int64};

TEST(reader, reads_integers_of_all_widths_at_the_edges_of_each_form) {
    struct Row {
        char const* digits;
        std::int64_t value;
    };
    constexpr Row rows[] = {
        {"00", 0}, {"01", 1}, {"7f", 127}, {"fe8000", 128}, {"feff00", 255}, {"fe0001", 256}, {"feff7f", 32767},
        {"fd00800000", 32768}, {"fdffff0000", 65535}, {"fd00000100", 65536}, {"fdffffff7f", 2147483647},
        {"ffff", -1}, {"ff81", -127}, {"ff80", -128}, {"fe7fff", -129}, {"fe0080", -32768}, {"fdff7fffff", -32769},
        {"fd00000080", -2147483648LL},
    };
    for (auto const& row : rows) {
        for (auto const width : widths) expect_value(row.digits, width, row.value);
    }
}

TEST(reader, reads_long_integers_up_to_their_width) {
    for (auto const width : {Width::int63, Width::int64}) {
        expect_value("fc0000008000000000", width, 2147483648LL);
        expect_value("fcffffff7fffffffff", width, -2147483649LL);
        expect_value("fcffffffffffffff3f", width, (std::int64_t{1} << 62) - 1);
        expect_value("fc00000000000000c0", width, -(std::int64_t{1} << 62));
    }
    expect_value("fc0000000000000040", Width::int64, std::int64_t{1} << 62);
    expect_value("fcffffffffffffff7f", Width::int64, std::numeric_limits<std::int64_t>::max());
    expect_value("fc0000000000000080", Width::int64, std::numeric_limits<std::int64_t>::min());
}

TEST(reader, refuses_integers_too_large_for_their_type) {
    for (auto const* digits :
         {"fc0000008000000000", "fcffffff7fffffffff", "fcffffffffffffff7f", "fc0000000000000000"}) {
        expect_refused(digits, Width::int32, Reason::out_of_range);
    }
    for (auto const* digits :
         {"fc0000000000000040", "fcffffffffffffffbf", "fcffffffffffffff7f", "fc0000000000000080"}) {
        expect_refused(digits, Width::int63, Reason::out_of_range);
    }
}

TEST(reader, refuses_integers_that_could_be_shorter) {
    for (auto const width : widths) {
        for (auto const* digits : {"ff00", "ff7f", "fe0000", "fe7f00", "fe80ff", "feffff", "fd00000000", "fdff7f0000",
                                   "fd0080ffff", "fdffffffff"}) {
            expect_refused(digits, width, Reason::not_canonical);
        }
    }
    for (auto const width : {Width::int63, Width::int64}) {
        for (auto const* digits :
             {"fc0000000000000000", "fcffffff7f00000000", "fc00000080ffffffff", "fcffffffffffffffff"}) {
            expect_refused(digits, width, Reason::not_canonical);
        }
    }
}

TEST(reader, refuses_integers_with_an_unknown_lead_byte) {
    for (int lead = 0x80; lead < lead_int64; ++lead) {
        auto const digits = base::to_hex(base::ByteArray<1>{static_cast<std::uint8_t>(lead)});
        for (auto const width : widths) expect_refused(digits, width, Reason::bad_integer);
    }
}

TEST(reader, refuses_integers_that_are_cut_off) {
    for (auto const* whole : {"ff80", "fe8000", "fd00800000", "fc0000008000000000"}) {
        auto const bytes = hex(whole);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            base::ByteString const cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            for (auto const width : widths) {
                auto const read = read_integer(cut, width);
                EXPECT_FALSE(read.is_read);
                EXPECT_EQ(read.error, (Error{0, Reason::truncated})) << whole << " cut at " << size;
            }
        }
    }
}

// How many bytes stand behind the count, and what an element takes at least.
struct Counted {
    std::size_t behind = 0;
    std::size_t bytes_min = 1;
};

void expect_count(std::string_view digits, Counted counted, std::size_t value) {
    auto const bytes = with_more(digits, counted.behind);
    Reader reader(bytes);
    std::size_t count = 0;
    EXPECT_TRUE(reader.count(count, counted.bytes_min)) << digits;
    EXPECT_EQ(count, value) << digits;
    EXPECT_EQ(reader.offset(), digits.size() / 2) << digits;
}

void expect_no_count(std::string_view digits, Counted counted, Reason reason) {
    auto const bytes = with_more(digits, counted.behind);
    Reader reader(bytes);
    std::size_t count = 0;
    EXPECT_FALSE(reader.count(count, counted.bytes_min)) << digits;
    EXPECT_EQ(reader.error(), (Error{0, reason})) << digits;
}

TEST(reader, reads_counts_that_fit_what_follows) {
    expect_count("00", {0, 1}, 0);
    expect_count("00", {0, 1000}, 0);
    expect_count("7f", {127, 1}, 127);
    expect_count("fe8000", {128, 1}, 128);
    expect_count("fe0080", {32768, 1}, 32768);
    expect_count("feffff", {65535, 1}, 65535);
    expect_count("fd00000100", {65536, 1}, 65536);
    expect_count("02", {6, 3}, 2);
    expect_count("02", {7, 3}, 2);
    expect_count("fe8000", {128 * 33, 33}, 128);
}

TEST(reader, refuses_counts_that_what_follows_cannot_hold) {
    expect_no_count("01", {0, 1}, Reason::count_too_large);
    expect_no_count("7f", {126, 1}, Reason::count_too_large);
    expect_no_count("02", {5, 3}, Reason::count_too_large);
    expect_no_count("01", {1, 1 << 30}, Reason::count_too_large);
    expect_no_count("fe8000", {127, 1}, Reason::count_too_large);
    expect_no_count("fe8000", {128 * 33 - 1, 33}, Reason::count_too_large);
    expect_no_count("fdffffffff", {100, 1}, Reason::count_too_large);
    // The product with an element's size is 0, or small, in 64 bits.
    for (std::size_t const bytes_min : {1U, 2U, 8U, 32U, 33U}) {
        for (auto const* digits :
             {"fc0000000001000000", "fc0000000000000010", "fc0000000000000080", "fc0100000000000080",
              "fcffffffffffffff7f", "fcffffffffffffffff", "fc398ee3388ee33803"}) {
            expect_no_count(digits, {100, bytes_min}, Reason::count_too_large);
        }
    }
}

TEST(reader, refuses_counts_in_another_form) {
    for (std::size_t const behind : {0U, 300U}) {
        for (int lead = 0x80; lead < lead_int64; ++lead) {
            auto const digits = base::to_hex(base::ByteArray<1>{static_cast<std::uint8_t>(lead)});
            expect_no_count(digits, {behind, 1}, Reason::bad_integer);
        }
        expect_no_count("ff", {behind, 1}, Reason::bad_integer);
        expect_no_count("ff01", {behind, 1}, Reason::bad_integer);
    }
    for (auto const* digits :
         {"fe0000", "fe7f00", "fd00000000", "fdffff0000", "fc0000000000000000", "fcffffffff00000000"}) {
        expect_no_count(digits, {70000, 1}, Reason::not_canonical);
    }
    for (auto const* whole : {"fe8000", "fd00000100", "fc0000000001000000"}) {
        auto const digits = std::string(whole);
        for (std::size_t cut = 2; cut < digits.size(); cut += 2) {
            expect_no_count(digits.substr(0, cut), {0, 1}, Reason::truncated);
        }
    }
    expect_no_count("", {0, 1}, Reason::truncated);
}

TEST(reader, gives_strings_where_they_lie) {
    auto const bytes = hex("0361626300");
    Reader reader(bytes);
    base::ByteView text;
    ASSERT_TRUE(reader.string(text));
    EXPECT_EQ(base::as_text(text), "abc");
    EXPECT_EQ(text.data(), bytes.data() + 1);
    ASSERT_TRUE(reader.string(text));
    EXPECT_TRUE(text.empty());
    EXPECT_TRUE(reader.finish());
    EXPECT_FALSE(reader.string(text));
    EXPECT_EQ(reader.error(), (Error{5, Reason::truncated}));
}

TEST(reader, takes_no_more_than_there_is) {
    base::ByteString const bytes(10);
    Reader reader(bytes);
    EXPECT_EQ(reader.take(0), bytes.data());
    EXPECT_EQ(reader.take(4), bytes.data());
    EXPECT_EQ(reader.take(7), nullptr);
    EXPECT_EQ(reader.error(), (Error{4, Reason::truncated}));
    EXPECT_EQ(reader.take(std::numeric_limits<std::size_t>::max()), nullptr);
    EXPECT_EQ(reader.take(6), bytes.data() + 4);
    EXPECT_EQ(reader.take(1), nullptr);
    EXPECT_EQ(reader.error(), (Error{10, Reason::truncated}));
    Reader empty(base::ByteView{});
    EXPECT_EQ(empty.take(1), nullptr);
    EXPECT_EQ(empty.remaining(), 0U);
    EXPECT_TRUE(empty.finish());
}

TEST(reader, reads_tags_below_the_number_of_constructors) {
    auto const bytes = hex("0102");
    Reader reader(bytes);
    std::uint8_t tag = 0;
    ASSERT_TRUE(reader.tag(tag, 2));
    EXPECT_EQ(tag, 1);
    EXPECT_FALSE(reader.tag(tag, 2));
    EXPECT_EQ(reader.error(), (Error{1, Reason::unknown_variant}));
    EXPECT_FALSE(reader.tag(tag, 2, Reason::bad_option));
    EXPECT_EQ(reader.error(), (Error{1, Reason::bad_option}));
    ASSERT_TRUE(reader.tag(tag, 3));
    EXPECT_FALSE(reader.tag(tag, 3));
    EXPECT_EQ(reader.error(), (Error{2, Reason::truncated}));
}

TEST(reader, names_the_byte_of_a_check_that_fails) {
    auto const bytes = hex("000105");
    Reader reader(bytes);
    auto const* const taken = reader.take(3);
    EXPECT_TRUE(reader.check_below(taken + 1, 2, Reason::bad_boolean));
    EXPECT_FALSE(reader.check_below(taken + 2, 5, Reason::bad_boolean));
    EXPECT_EQ(reader.error(), (Error{2, Reason::bad_boolean}));
}

TEST(reader, skips_a_pattern_only_when_it_is_whole) {
    auto const bytes = hex("010203");
    auto const same = hex("0102");
    auto const other = hex("0304");
    Reader reader(bytes);
    EXPECT_FALSE(reader.skip_if(other.data(), 2));
    EXPECT_TRUE(reader.skip_if(same.data(), 2));
    EXPECT_EQ(reader.offset(), 2U);
    EXPECT_FALSE(reader.skip_if(other.data(), 2));
    EXPECT_TRUE(reader.skip_if(other.data(), 1));
}

// A number as on the wire.
base::ByteString element(std::string_view big_endian) {
    auto bytes = hex(big_endian);
    std::ranges::reverse(bytes);
    return bytes;
}
constexpr std::string_view p = "40000000000000000000000000000000224698fc094cf91b992d30ed00000001";
constexpr std::string_view q = "40000000000000000000000000000000224698fc0994a8dd8c46eb2100000001";

template <Modulus M>
bool is_reduced(base::ByteString const& bytes) {
    Reader reader(bytes);
    reader.note_fields<M>(bytes.data(), 1);
    return reader.check_fields();
}

TEST(reader, refuses_fields_from_their_modulus_on) {
    auto below = [](std::string_view modulus) {
        auto bytes = element(modulus);
        bytes[0] = 0;
        return bytes;
    };
    EXPECT_TRUE(is_reduced<Modulus::p>(below(p)));
    EXPECT_FALSE(is_reduced<Modulus::p>(element(p)));
    EXPECT_FALSE(is_reduced<Modulus::p>(below(q)));
    EXPECT_TRUE(is_reduced<Modulus::q>(element(p))) << "q is the larger";
    EXPECT_TRUE(is_reduced<Modulus::q>(below(q)));
    EXPECT_FALSE(is_reduced<Modulus::q>(element(q)));
    // One more than the modulus in each limb, and one less.
    for (std::size_t limb = 0; limb < 4; ++limb) {
        auto more = element(q);
        ++more[8 * limb + 1];
        EXPECT_FALSE(is_reduced<Modulus::p>(more)) << limb;
        EXPECT_FALSE(is_reduced<Modulus::q>(more)) << limb;
        auto less = element(p);
        if (limb == 2) continue;  // it is 0
        --less[8 * limb + 7];
        EXPECT_TRUE(is_reduced<Modulus::p>(less)) << limb;
        EXPECT_TRUE(is_reduced<Modulus::q>(less)) << limb;
    }
    base::ByteString largest(32, 0xff);
    EXPECT_FALSE(is_reduced<Modulus::q>(largest));
    largest[31] = 0x3f;
    EXPECT_TRUE(is_reduced<Modulus::p>(largest));
    EXPECT_TRUE(is_reduced<Modulus::p>(base::ByteString(32)));
}

TEST(reader, names_the_first_field_that_is_not_reduced) {
    base::ByteString bytes(5 * 32);
    for (std::ptrdiff_t const at : {1, 3, 4}) std::ranges::copy(element(p), bytes.begin() + 32 * at);
    Reader reader(bytes);
    reader.note_fields<Modulus::p>(bytes.data(), 0);
    reader.note_fields<Modulus::p>(bytes.data(), 1);
    reader.note_fields<Modulus::q>(bytes.data() + 32, 1);
    EXPECT_TRUE(reader.check_fields());
    reader.note_fields<Modulus::p>(bytes.data() + 64, 3);
    reader.note_fields<Modulus::p>(bytes.data() + 128, 1);
    EXPECT_FALSE(reader.check_fields());
    EXPECT_EQ(reader.error(), (Error{96, Reason::field_not_reduced}));
}

TEST(reader, wants_the_message_to_end) {
    auto const bytes = hex("0001");
    Reader reader(bytes);
    reader.take(1);
    EXPECT_FALSE(reader.finish());
    EXPECT_EQ(reader.error(), (Error{1, Reason::trailing_bytes}));
    reader.take(1);
    EXPECT_TRUE(reader.finish());
}

TEST(reader, has_a_text_for_each_reason) {
    for (int reason = 0; reason <= static_cast<int>(Reason::memory_limit); ++reason) {
        EXPECT_FALSE(to_string(static_cast<Reason>(reason)).empty()) << reason;
    }
}

}  // namespace
}  // namespace mina::binprot
