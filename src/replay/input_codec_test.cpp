// Goal: decode(encode(x)) == x for every kind of input, and bytes that are no input give an error that says why.
// Method: generated values of each alternative, cut at every place; hand-made bad bytes.
#include "replay/input_codec.h"

#include "replay/input_text.h"
#include "replay/test_inputs.h"

#include <gtest/gtest.h>

namespace replay {
namespace {

base::ByteString encoded(libp2p::Input const& input) {
    base::ByteString bytes;
    encode_input(bytes, input);
    return bytes;
}

InputError error_of(base::ByteString bytes) {
    auto const decoded = decode_input(bytes);
    EXPECT_FALSE(decoded.has_value());
    return decoded ? InputError::truncated : decoded.error();
}

TEST(InputCodec, returns_every_kind_of_input) {
    test::InputSource source(1);
    for (int round = 0; round < 200; ++round) {
        for (std::size_t kind = 0; kind < source.kinds; ++kind) {
            auto const input = source.input(kind);
            ASSERT_EQ(input.index(), kind);
            auto bytes = encoded(input);
            auto const decoded = decode_input(bytes);
            ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error()) << " in " << to_text(input);
            EXPECT_TRUE(test::same(input, *decoded)) << to_text(input);
        }
    }
}

TEST(InputCodec, returns_every_kind_of_command) {
    test::InputSource source(2);
    for (int round = 0; round < 200; ++round) {
        for (std::size_t kind = 0; kind < source.command_kinds; ++kind) {
            auto const body = source.command(kind);
            ASSERT_EQ(body.index(), kind);
            libp2p::Input const input = libp2p::Command{{source.number()}, body};
            auto bytes = encoded(input);
            auto const decoded = decode_input(bytes);
            ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error()) << " in " << to_text(input);
            EXPECT_TRUE(test::same(input, *decoded)) << to_text(input);
        }
    }
}

TEST(InputCodec, received_bytes_lie_in_the_given_buffer) {
    base::ByteString received = {1, 2, 3};
    auto bytes = encoded(libp2p::Received{{4}, received});
    auto const decoded = decode_input(bytes);
    ASSERT_TRUE(decoded.has_value());
    std::get<libp2p::Received>(*decoded).bytes[0] = 9;
    EXPECT_EQ(bytes[bytes.size() - 3], 9);
}

TEST(InputCodec, a_cut_input_is_an_error_or_another_input) {
    // A shorter Received or Publish is one, too; all else must fail.
    test::InputSource source(3);
    for (int round = 0; round < 20; ++round) {
        for (std::size_t kind = 0; kind < source.kinds; ++kind) {
            auto const input = source.input(kind);
            auto const whole = encoded(input);
            for (std::size_t size = 0; size < whole.size(); ++size) {
                base::ByteString cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
                auto const decoded = decode_input(cut);
                if (decoded) {
                    EXPECT_FALSE(test::same(input, *decoded)) << to_text(input);
                } else {
                    EXPECT_EQ(decoded.error(), InputError::truncated) << to_text(input) << " cut at " << size;
                }
            }
        }
    }
}

TEST(InputCodec, names_what_is_wrong) {
    EXPECT_EQ(error_of({}), InputError::truncated);
    EXPECT_EQ(error_of({10}), InputError::unknown_kind);                 // an input that does not exist
    EXPECT_EQ(error_of({9, 1, 28}), InputError::unknown_kind);           // a command that does not exist
    EXPECT_EQ(error_of({3, 2, 7}), InputError::unknown_kind);            // a link error that does not exist
    EXPECT_EQ(error_of({8, 0}), InputError::trailing_bytes);             // a Tick and more
    EXPECT_EQ(error_of({6, 2, 2}), InputError::number_too_large);        // neither true nor false
    EXPECT_EQ(error_of({2, 2, 0, 1, 2, 3, 4, 0xFF, 0xFF, 0x04}), InputError::number_too_large);  // a port of 81,919
    EXPECT_EQ(error_of({9, 1, 1, 3, 1, 2, 3}), InputError::bad_address);  // a peer id
    EXPECT_EQ(error_of({9, 1, 0, 2, 0xFF, 0x7F, 0}), InputError::bad_address);  // a multiaddr
    EXPECT_EQ(error_of({5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0}),
              InputError::number_too_large);
}

TEST(InputCodec, a_huge_count_allocates_nothing) {
    // A Start that announces 2^63 addresses.
    EXPECT_EQ(error_of({0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}), InputError::truncated);
}

TEST(InputText, shows_what_came_in) {
    base::ByteString bytes(120);
    EXPECT_EQ(to_text(libp2p::Received{{4}, bytes}), "Received link 4: 120 bytes");
    EXPECT_EQ(to_text(libp2p::Closed{{4}, libp2p::LinkError::reset}), "Closed link 4: reset");
    EXPECT_EQ(to_text(libp2p::Command{{7}, libp2p::command::Subscribe{"blocks"}}), "Command 7: Subscribe to blocks");
}

}  // namespace
}  // namespace replay
