// Any bytes, to a dialer (with and without the simultaneous-open token) and to a listener. Two cuttings of one input
// give the same outcome; the bounds hold.
#include "libp2p/multistream/multistream.h"

#include "base/check.h"

#include <algorithm>

namespace {

using namespace libp2p;

struct Outcome {
    std::optional<multistream::Selected> selected;
    std::optional<multistream::Error> error;
    base::ByteString sent;
    std::size_t consumed = 0;
    bool operator==(Outcome const&) const = default;
};

template <class Side>
Outcome feed(Side side, base::ByteView in, std::size_t piece) {
    Outcome outcome;
    while (!in.empty() && !outcome.selected && !outcome.error) {
        auto const part = in.first(std::min(piece, in.size()));
        auto progress = side.push(part, outcome.sent);
        if (!progress) {
            outcome.error = progress.error();
        } else {
            base::check(progress->selected || progress->consumed == part.size(), "bytes left without a selection");
            outcome.consumed += progress->consumed;
            outcome.selected = std::move(progress->selected);
        }
        in = in.subspan(part.size());
    }
    base::check(!outcome.selected || outcome.consumed <= multistream::negotiation_bytes_max, "input bound");
    if (outcome.error) outcome.consumed = 0;  // an error says nothing of where
    base::check(outcome.sent.size() <= multistream::negotiation_bytes_max, "output bound");
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    auto const mode = data[0] % 3;
    std::size_t const piece = data[1] % 61 + 1U;
    base::ByteView input(data + 2, size - 2);
    base::ByteString framed;
    if ((data[0] & 0x80) != 0) {  // spare the fuzzer the header
        multistream::append_message(framed, "/multistream/1.0.0");
        base::append(framed, input);
        input = framed;
    }
    std::vector<std::string> const names{"/noise", "coda/rpcs/0.0.1", "/coda/yamux/1.0.0"};
    base::ByteString out;
    if (mode == 0) {
        multistream::Listener const side(names, out);
        base::check(feed(side, input, size) == feed(side, input, piece), "listener: cutting changed the outcome");
    } else {
        multistream::Dialer const side(names, mode == 1 ? std::optional<std::uint64_t>(5) : std::nullopt, out);
        base::check(feed(side, input, size) == feed(side, input, piece), "dialer: cutting changed the outcome");
    }
    return 0;
}
