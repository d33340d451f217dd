// A text is read to a message that is written to a text of that message again, or it is refused; and each
// message that is valid can be written, read, and its text be spoilt. The input: the format and how it is used,
// two bytes for the type, then the text; or the numbers from which a message is drawn.
#include "mina/json/read.h"
#include "mina/json/write.h"

#include "base/check.h"
#include "mina/messages/format.h"
#include "mina/schema/random.h"

namespace {

using mina::schema::Type;

constexpr std::size_t header_bytes = 3;

void expect_round_trip(Type const& type, base::ByteView message, mina::json::WriteOptions const& options) {
    auto const text = mina::json::to_json(type, message, options);
    base::check(text.has_value(), "what was read is a message");
    auto const again = mina::json::read_json(type, *text);
    base::check(again && base::equal(*again, message), "what was written is read to the same bytes");
}

// The rest of the input as numbers; without end, the last of them again and again, so that lists end.
struct Numbers {
    base::ByteView bytes;
    std::uint64_t last = 0;
    std::uint64_t operator()() {
        if (bytes.empty()) return last;
        last = last << 8 | bytes.front();
        bytes = bytes.subspan(1);
        return last;
    }
};

void spoil_text_of_drawn_message(Type const& type, base::ByteView input) {
    Numbers draw{input};
    auto const message = mina::schema::random_value(type, {.bytes_max = 512}, draw);
    expect_round_trip(type, message, {.indent = 1, .structural_proofs = true});
    auto text = mina::json::to_json(type, message).value();
    auto const at = draw() % text.size();
    text[at] = static_cast<char>(draw());
    if (auto const read = mina::json::read_json(type, text)) expect_round_trip(type, *read, {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::ByteView const input(data, size);
    if (input.size() < header_bytes) return 0;
    auto const format = mina::messages::formats[input[0] % std::size(mina::messages::formats)];
    auto const roots = mina::messages::schema_of(format).roots;
    auto const& type = *roots[static_cast<std::size_t>(input[1] << 8 | input[2]) % roots.size()].type;
    auto const rest = input.subspan(header_bytes);
    if (input[0] >= 0x80) {
        spoil_text_of_drawn_message(type, rest);
    } else if (auto const read = mina::json::read_json(type, base::as_text(rest))) {
        expect_round_trip(type, *read, {});
    }
    return 0;
}
