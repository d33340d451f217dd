// Goal: frames are read as they come, however they are cut, and nothing of a long answer is held; damaged ones are
// refused. Method: bytes that Mina's nodes send, cut at random; each length and count that lies.
#include "mina/rpc/rpc_fixture.h"

#include "base/text.h"
#include "mina/messages/rpc_message.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace mina::rpc {
namespace {

using test::framed;

base::ByteString hex(std::string_view digits) { return *base::from_hex(digits); }

/// What a reader that has seen the handshake makes of these chunks, as text.
std::string read(FrameReader& reader, base::ByteView bytes) {
    std::string text;
    reader.feed(bytes);
    for (;;) {
        auto const frame = reader.next();
        if (!frame) return text + std::string(to_string(frame.error()));
        if (!*frame) return text;
        if (auto const* whole = std::get_if<Whole>(&**frame)) {
            text += "whole " + base::to_hex(whole->bytes) + ";";
        } else if (auto const* head = std::get_if<AnswerHead>(&**frame)) {
            text += "answer " + std::to_string(head->id) + " " + std::to_string(head->size) + ";";
        } else if (auto const* part = std::get_if<AnswerPart>(&**frame)) {
            text += base::to_hex(part->bytes) + (part->is_last ? "." : "");
        } else {
            text += "handshake " + base::to_hex(std::get<Handshake>(**frame).bytes) + ";";
        }
    }
}

FrameReader shaken() {
    FrameReader reader;
    read(reader, handshake_frame().view());
    return reader;
}
std::string read(base::ByteString const& bytes) {
    auto reader = shaken();
    return read(reader, bytes);
}

TEST(Frame, has_the_bytes_of_minas_nodes) {
    EXPECT_EQ(base::to_hex(handshake_frame().view()), "070000000000000002fd5250430001");
    EXPECT_EQ(base::to_hex(heartbeat_frame().view()), "010000000000000000");
    EXPECT_EQ(base::to_hex(query_frame("get_best_tip", 2, 16, test::unit).view()),
              "1200000000000000010c6765745f626573745f74697002100100");
    EXPECT_EQ(base::to_hex(query_frame("__Versioned_rpc.Menu", 1, 0x14f48, test::unit).view()),
              "1e0000000000000001145f5f56657273696f6e65645f7270632e4d656e7501fd484f01000100");
    EXPECT_EQ(base::to_hex(answer_head(0x157ec, 0xee).view()), "f80000000000000002fdec57010000feee00");
}

TEST(Frame, of_golden_messages_is_read_and_written_as_it_was) {
    std::filesystem::path const folder = std::filesystem::path(MINAP2P_SHARED_DIR) / "data/berkeley/rpc";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
    std::size_t files = 0;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::string const content{std::istreambuf_iterator<char>(file), {}};
        auto const message = base::to_byte_string(base::as_bytes(content));
        auto const decoded = messages::read_rpc_message(message);
        ASSERT_TRUE(decoded) << entry.path();
        ++files;
        if (auto const* query = std::get_if<messages::RpcQuery>(&*decoded)) {
            EXPECT_EQ(read(framed(message)), "whole " + base::to_hex(message) + ";");
            auto const again = query_frame(query->tag, query->version, query->id, query->data);
            EXPECT_EQ(base::to_hex(again.view()), base::to_hex(framed(message)));
        } else {
            auto const& response = std::get<messages::RpcResponse>(*decoded);
            EXPECT_EQ(read(framed(message)), "answer " + std::to_string(response.id) + " " +
                                                 std::to_string(response.data.size()) + ";" +
                                                 base::to_hex(response.data) + ".");
            EXPECT_EQ(test::answer(response.id, response.data), framed(message));
            if (entry.path().filename() == "menu.response.bin") {
                auto const menu = decode_menu(response.data);
                ASSERT_TRUE(menu);
                EXPECT_EQ(menu->size(), 10U);
                EXPECT_EQ(menu->front(), (MenuEntry{"get_some_initial_peers", 1}));
                EXPECT_EQ(encode_menu(*menu), base::to_byte_string(response.data));
            }
        }
    }
    EXPECT_EQ(files, 7U);
}

TEST(Frame, is_the_same_however_it_is_cut) {
    base::ByteString bytes = base::to_byte_string(handshake_frame().view());
    base::append(bytes, heartbeat_frame().view());
    base::append(bytes, test::query("get_best_tip", 2, -300));
    base::append(bytes, test::answer(1LL << 40, base::ByteString(300, 0xab)));
    base::append(bytes, unimplemented_frame(7, "a", 2, Dialect::ocaml).view());
    base::append(bytes, test::answer(3, base::ByteString()));
    base::append(bytes, test::answer(4, base::ByteString(1, 0xcd)));
    FrameReader at_once;
    auto const expected = read(at_once, bytes);
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        auto rng = libp2p::test::seeded(seed);
        FrameReader reader;
        std::string text;
        for (base::ByteView rest = bytes; !rest.empty();) {
            auto const size = static_cast<std::size_t>(1 + rng.below(seed % 3 == 0 ? 1 : 40));
            auto const chunk = base::to_byte_string(rest.first(std::min(size, rest.size())));
            text += read(reader, chunk);
            rest = rest.subspan(chunk.size());
        }
        ASSERT_EQ(text, expected) << "seed " << seed;
        ASSERT_EQ(reader.held_bytes(), 0U);
        ASSERT_FALSE(reader.is_inside_frame());
    }
}

TEST(Frame, is_a_view_when_it_came_in_one_chunk) {
    auto reader = shaken();
    auto const bytes = test::query("get_best_tip", 2, 1);
    reader.feed(bytes);
    auto const frame = reader.next();
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ(std::get<Whole>(**frame).bytes.data(), bytes.data() + 8);
    EXPECT_EQ(reader.held_bytes(), 0U);
}

TEST(Frame, of_a_long_answer_is_never_held) {
    auto reader = shaken();
    read(reader, answer_head(1, 400'000'000).view());
    for (int i = 0; i < 1000; ++i) {
        read(reader, base::ByteString(1000, 1));
        ASSERT_EQ(reader.held_bytes(), 0U);
    }
    EXPECT_TRUE(reader.is_inside_frame());
}

TEST(Frame, takes_memory_only_for_what_has_come) {
    auto reader = shaken();
    EXPECT_EQ(read(reader, hex("ff0f00000000000001")), "");
    EXPECT_EQ(reader.held_bytes(), 1U);
    EXPECT_EQ(read(reader, hex("0c67")), "");
    EXPECT_EQ(reader.held_bytes(), 3U);
}

TEST(Frame, with_a_length_that_lies_is_refused) {
    EXPECT_EQ(read(hex("0000000000000000")), "empty frame");
    EXPECT_EQ(read(hex("0000000000000040")), "frame too long");   // 2^62
    EXPECT_EQ(read(hex("ffffffffffffffff")), "frame too long");
    EXPECT_EQ(read(hex("0100002000000000")), "frame too long");  // 512 MiB and one
    EXPECT_EQ(read(hex("0000002000000000")), "");
    EXPECT_EQ(read(hex("0200000000000000" "0000")), "frame too long");   // a heartbeat and a byte
    EXPECT_EQ(read(hex("0110000000000000" "01")), "frame too long");     // a query of 4,097 bytes
    EXPECT_EQ(read(hex("0010000000000000" "01")), "");                   // of 4,096
    EXPECT_EQ(read(hex("0140000000000000" "020101")), "frame too long"); // an error of 16,385
    EXPECT_EQ(read(hex("0100000000000000" "03")), "malformed frame");
    EXPECT_EQ(read(hex("0100000000000000" "02")), "malformed frame");    // an answer without an id
    EXPECT_EQ(read(hex("0200000000000000" "0201")), "malformed frame");
    EXPECT_EQ(read(hex("0300000000000000" "020100")), "malformed frame");  // without a count
    EXPECT_EQ(read(hex("0300000000000000" "020102")), "malformed frame");  // neither Ok nor Error
}

TEST(Frame, of_an_answer_has_an_inner_count_that_agrees) {
    EXPECT_EQ(read(hex("0500000000000000" "0201000141")), "answer 1 1;41.");
    EXPECT_EQ(read(hex("0500000000000000" "0201000241")), "malformed frame");      // says two, has one
    EXPECT_EQ(read(hex("0500000000000000" "0201000041")), "malformed frame");      // says none
    EXPECT_EQ(read(hex("0700000000000000" "020100fe010041")), "malformed frame");  // one, in three bytes
    EXPECT_EQ(read(hex("0700000000000000" "020100fd010000")), "malformed frame");  // the count is longer than the frame
    EXPECT_EQ(read(hex("0500000000000000" "0201008041")), "malformed frame");      // no count begins so
    EXPECT_EQ(read(hex("0700000000000000" "02fe0100000141")), "malformed frame");  // the id is not in its shortest form
    EXPECT_EQ(read(hex("0600000000000000" "02ff80000141")), "answer -128 1;41.");
}

TEST(Frame, is_no_more_after_an_error) {
    auto reader = shaken();
    EXPECT_EQ(read(reader, hex("0000000000000000")), "empty frame");
    EXPECT_EQ(read(reader, heartbeat_frame().view()), "empty frame");
}

TEST(Handshake, offers_version_1) {
    EXPECT_TRUE(is_handshake(hex("02fd5250430001")));
    EXPECT_TRUE(is_handshake(hex("04fd5250430001020a")));     // a newer kernel: 1, 2, 10
    EXPECT_FALSE(is_handshake(hex("02fd5250430002")));        // no version 1
    EXPECT_FALSE(is_handshake(hex("02fd5250440001")));        // another protocol
    EXPECT_FALSE(is_handshake(hex("0101")));                  // no protocol
    EXPECT_FALSE(is_handshake(hex("00")));
    EXPECT_FALSE(is_handshake(hex("02fd525043000100")));      // a byte more
    EXPECT_FALSE(is_handshake(hex("02fd52504300")));
    EXPECT_FALSE(is_handshake(hex("")));
    EXPECT_FALSE(is_handshake(hex("11" "fd52504300" "01010101010101010101010101010101")));  // seventeen numbers
    FrameReader reader;
    EXPECT_EQ(read(reader, hex("4100000000000000")), "frame too long");
}

TEST(Unimplemented, is_spelt_as_the_peer_reads_it) {
    EXPECT_EQ(base::to_hex(unimplemented_frame(1, "a", 2, Dialect::ocaml).view()),
              "0b00000000000000" "020101040161f11d869402");
    EXPECT_EQ(base::to_hex(unimplemented_frame(1, "a", 2, Dialect::rust).view()), "0700000000000000" "02010104016102");
    EXPECT_EQ(base::to_hex(unimplemented_frame(1, "a", 300, Dialect::rust).view()),
              "0900000000000000" "020101040161fe2c01");
    for (auto const dialect : {Dialect::ocaml, Dialect::rust}) {
        auto const frame = unimplemented_frame(1, "a", 300, dialect);
        auto const message = messages::read_rpc_message(frame.view().subspan(8));
        ASSERT_TRUE(message);
        EXPECT_EQ(std::get<messages::RpcResponse>(*message).error->version, 300);
    }
}

TEST(Failure, is_an_exception_of_the_kernel) {
    auto const frame = failure_frame(1, "no", false);
    auto const message = messages::read_rpc_message(frame.view().subspan(8));
    ASSERT_TRUE(message);
    auto const& error = *std::get<messages::RpcResponse>(*message).error;
    EXPECT_EQ(error.kind, messages::RpcErrorKind::uncaught_exn);
    auto const expected = hex("0102" "0102" "00086c6f636174696f6e"
                              "001b7365727665722d736964652072706320636f6d7075746174696f6e"
                              "0102" "000365786e" "00026e6f");
    EXPECT_EQ(base::to_hex(error.details), base::to_hex(expected));
}

}  // namespace
}  // namespace mina::rpc
