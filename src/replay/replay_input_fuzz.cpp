// Goal: any bytes decode to an error or to an input; an input encodes to bytes that decode to the same.
#include "base/check.h"
#include "replay/input_codec.h"
#include "replay/input_text.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::ByteString bytes(data, data + size);
    auto const input = replay::decode_input(bytes);
    if (!input) return 0;
    base::ByteString first;
    replay::encode_input(first, *input);
    auto again = first;
    auto const same = replay::decode_input(again);
    base::check(same.has_value(), "what was encoded decodes");
    base::ByteString second;
    replay::encode_input(second, *same);
    base::check(first == second, "decoding loses nothing");
    base::check(replay::to_text(*input) == replay::to_text(*same), "the same in words");
    return 0;
}
