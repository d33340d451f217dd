// Reads arbitrary bytes as frames, cut at arbitrary places, and checks that the cuts change nothing and little is held.
#include "mina/rpc/frame.h"

#include "base/check.h"
#include "mina/messages/rpc_message.h"
#include "mina/rpc/menu.h"

#include <algorithm>

namespace {

using namespace mina::rpc;

constexpr std::size_t held_bytes_max = 16 * 1024;

/// What the frames are, without how answers were cut.
struct Reading {
    base::ByteString seen;
    bool has_failed = false;

    void take(FrameReader& reader, base::ByteView chunk) {
        if (has_failed) return;
        reader.feed(chunk);
        for (;;) {
            auto const frame = reader.next();
            if (!frame) {
                has_failed = true;
                seen.push_back(static_cast<std::uint8_t>(frame.error()));
                return;
            }
            base::check(reader.held_bytes() <= held_bytes_max, "held bytes");
            if (!*frame) return;
            note(**frame);
        }
    }
    void note(Frame const& frame) {
        if (auto const* head = std::get_if<AnswerHead>(&frame)) {
            base::append(seen, answer_head(head->id, head->size).view());
        } else if (auto const* part = std::get_if<AnswerPart>(&frame)) {
            base::append(seen, part->bytes);
        } else if (auto const* whole = std::get_if<Whole>(&frame)) {
            auto const message = mina::messages::read_rpc_message(whole->bytes);
            seen.push_back(message.has_value());
            base::append(seen, whole->bytes);
        } else {
            auto const bytes = std::get<Handshake>(frame).bytes;
            seen.push_back(is_handshake(bytes));
            base::append(seen, bytes);
        }
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::ByteView const bytes(data, size);
    FrameReader at_once;
    Reading whole;
    auto const shake = handshake_frame();
    if (size % 2 == 0) whole.take(at_once, shake.view());
    whole.take(at_once, bytes);

    FrameReader cut;
    Reading pieces;
    if (size % 2 == 0) pieces.take(cut, shake.view());
    for (std::size_t at = 0; at < size;) {
        auto const count = std::min<std::size_t>(size - at, 1 + data[at] % 40);
        base::ByteString const chunk(data + at, data + at + count);
        pieces.take(cut, chunk);
        at += count;
    }
    base::check(whole.has_failed == pieces.has_failed && whole.seen == pieces.seen, "cuts change the frames");

    if (auto const menu = decode_menu(bytes)) {
        base::check(menu->size() <= menu_entries_max, "menu entries");
        base::check(base::equal(encode_menu(*menu), bytes), "a menu is encoded as it was");
    }
    return 0;
}
