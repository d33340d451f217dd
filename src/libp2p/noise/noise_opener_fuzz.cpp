// Frames of the input's sizes, cut into chunks of the input's sizes, with or without changes on the way. Unchanged
// bytes come out as they went in; changed ones end the direction, after a prefix of what went in; two cuttings agree.
#include "libp2p/noise/noise.h"

#include "base/check.h"
#include "libp2p/noise/test_peers.h"

#include <algorithm>

namespace {

using namespace libp2p;
using namespace libp2p::noise;

struct Outcome {
    base::ByteString bytes;
    std::size_t frames = 0;
    std::optional<Error> error;
    bool operator==(Outcome const&) const = default;
};

Outcome open_all(crypto::Suite const& suite, base::ByteView wire, base::ByteView cuts, std::size_t scale) {
    Opener opener(CipherState(suite, crypto::AeadSecret{1}));
    Outcome outcome;
    for (std::size_t turn = 0; !wire.empty() && !outcome.error; ++turn) {
        auto const count = std::min<std::size_t>(
            cuts.empty() ? wire.size() : cuts[turn % cuts.size()] * scale + scale / 3, wire.size());
        auto chunk = base::to_byte_string(wire.first(count));
        wire = wire.subspan(count);
        opener.feed(chunk);
        for (;;) {
            auto const next = opener.next();
            if (!next) {
                outcome.error = next.error();
                base::check(!opener.next().has_value(), "a dead direction stays dead");
                break;
            }
            if (!*next) break;
            base::append(outcome.bytes, **next);
            ++outcome.frames;
        }
        base::check(opener.held_bytes() < record_bytes_max + 2, "held bytes");
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 4) return 0;
    auto const& suite = data[0] % 8 == 0 ? crypto::real_suite() : crypto::stand_in_suite();
    std::size_t const scale = data[0] % 7 == 0 ? 300 : 3;  // up to 76,500 bytes: more than a frame; or small and quick
    std::size_t const frames = scale == 300 ? 3 : 12;
    bool const hostile = (data[0] & 0x80) != 0;
    base::ByteView const input(data + 1, size - 1);
    auto const cuts = input.first(std::min<std::size_t>(input.size() / 2, 16));
    auto const rest = input.subspan(cuts.size());

    base::ByteString wire;
    base::ByteString sent;
    if (hostile && data[1] % 2 == 0) {
        wire = base::to_byte_string(rest);
    } else {
        CipherState sender(suite, crypto::AeadSecret{1});
        for (std::size_t i = 0; i < std::min(rest.size(), frames); ++i) {
            base::ByteString const plaintext(rest[i] * scale, rest[i]);
            base::append(sent, plaintext);
            base::check(testing::seal(sender, plaintext, wire).has_value(), "seal");
        }
    }
    auto const original = wire;
    if (hostile && !wire.empty() && rest.size() >= 3) {
        auto const at = static_cast<std::size_t>(rest[0] << 8 | rest[1]) % wire.size();
        wire[at] ^= rest[2];
    }
    auto const outcome = open_all(suite, wire, cuts, scale);
    base::check(open_all(suite, wire, {}, 0) == outcome, "cutting changed the outcome");
    base::check(outcome.bytes.size() <= sent.size() &&
                    base::equal(outcome.bytes, base::ByteView(sent).first(outcome.bytes.size())),
                "only what was sent");
    if (wire == original && !hostile) base::check(!outcome.error && outcome.bytes == sent, "all that was sent");
    return 0;
}
