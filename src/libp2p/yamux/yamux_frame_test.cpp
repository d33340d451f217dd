// Goal: headers are the bytes of the specification, and what a header alone shows to be wrong is
// refused.
// Method: bytes written by hand from the tables of the spec and from what peers were seen to send.
#include "libp2p/yamux/test_frames.h"

#include "base/text.h"

#include <gtest/gtest.h>

namespace libp2p::yamux {
namespace {

std::string hex(Header const& header) { return base::to_hex(encode(header)); }

base::Result<Header, Error> decode_hex(std::string_view text) {
    auto const bytes = base::from_hex(text).value();
    return decode(base::ByteView(bytes).first<header_bytes>());
}

TEST(YamuxFrame, encodes_the_bytes_of_the_spec) {
    EXPECT_EQ(hex({FrameType::data, flag::syn, 1, 20}), "000000010000000100000014");
    EXPECT_EQ(hex({FrameType::data, flag::ack | flag::fin, 0x01020304, 0}),
              "000000060102030400000000");
    EXPECT_EQ(hex({FrameType::window, flag::ack, 2, 0xdeadbeef}), "0001000200000002deadbeef");
    EXPECT_EQ(hex({FrameType::window, flag::rst, 2, 0}), "000100080000000200000000");
    EXPECT_EQ(hex({FrameType::ping, flag::syn, 0, 0}),
              "000200010000000000000000");  // the Go helper's first frame
    EXPECT_EQ(hex({FrameType::go_away, 0, 0, 1}), "000300000000000000000001");
}

TEST(YamuxFrame, decodes_what_it_encodes) {
    for (auto const type : {FrameType::data, FrameType::window}) {
        for (std::uint16_t flags = 0; flags <= flag::known; ++flags) {
            Header const header{type, flags, 0xfffffffe, 0xffffffff};
            EXPECT_EQ(decode(encode(header)), header);
        }
    }
    EXPECT_EQ(decode_hex("000200020000000012345678"),
              (Header{FrameType::ping, flag::ack, 0, 0x12345678}));
}

TEST(YamuxFrame, refuses_another_version) {
    EXPECT_EQ(decode_hex("010000000000000100000000").error(), Error::bad_version);
    EXPECT_EQ(decode_hex("ff0000000000000100000000").error(), Error::bad_version);
}

TEST(YamuxFrame, refuses_an_unknown_type) {
    EXPECT_EQ(decode_hex("000400000000000100000000").error(), Error::bad_type);
    EXPECT_EQ(decode_hex("00ff00000000000100000000").error(), Error::bad_type);
}

TEST(YamuxFrame, refuses_unknown_flags) {
    EXPECT_EQ(decode_hex("000000100000000100000000").error(), Error::bad_flags);
    EXPECT_EQ(decode_hex("000080000000000100000000").error(), Error::bad_flags);
}

TEST(YamuxFrame, refuses_a_ping_that_is_not_exactly_question_or_answer) {
    EXPECT_EQ(decode_hex("000200000000000000000000").error(), Error::bad_flags);
    EXPECT_EQ(decode_hex("000200030000000000000000").error(), Error::bad_flags);
    EXPECT_EQ(decode_hex("000200050000000000000000").error(), Error::bad_flags);
}

TEST(YamuxFrame, refuses_stream_zero_for_stream_frames_and_only_for_them) {
    EXPECT_EQ(decode_hex("000000000000000000000000").error(), Error::bad_stream_id);
    EXPECT_EQ(decode_hex("000100010000000000000000").error(), Error::bad_stream_id);
    EXPECT_EQ(decode_hex("000200010000000100000000").error(), Error::bad_stream_id);
    EXPECT_EQ(decode_hex("000300000000000100000000").error(), Error::bad_stream_id);
}

TEST(YamuxFrame, errors_have_names) {
    for (int i = 0; i <= static_cast<int>(Error::control_flood); ++i)
        EXPECT_NE(to_string(static_cast<Error>(i)), "?");
    for (int i = 0; i <= static_cast<int>(OpenError::ids_exhausted); ++i) {
        EXPECT_NE(to_string(static_cast<OpenError>(i)), "?");
    }
}

}  // namespace
}  // namespace libp2p::yamux
