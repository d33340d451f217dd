// Goal: whatever two sessions do and however the bytes between them are cut, every byte arrives and
// everything ends.
// Method: the input makes the choices of the pair test; when it is used up, the two are let settle.
#include "libp2p/yamux/test_pair.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    std::size_t at = 0;
    // Small choices take one byte, larger ones three.
    auto const choose = [&](std::uint64_t bound) {
        std::uint64_t value = 0;
        for (int i = 0; i < (bound <= 256 ? 1 : 3); ++i)
            value = value * 256 + (at < size ? bytes[at++] : 0);
        return value % bound;
    };
    libp2p::yamux::test::Pair pair(choose);
    while (at < size && pair.failure().empty()) pair.step();
    pair.settle();
    base::check(pair.failure().empty(), pair.failure().c_str());
    return 0;
}
