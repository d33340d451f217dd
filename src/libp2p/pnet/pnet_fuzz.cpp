// Any bytes sealed and opened, cut in any way, come out as they went in; any bytes at all can be opened.
#include "libp2p/pnet/pnet.h"

#include "base/check.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace libp2p;
    if (size < 2) return 0;
    pnet::Key const key{data[0]};
    pnet::Nonce const nonce{data[1]};
    base::ByteView const cuts(data, size);
    base::ByteString const plain(data + 2, data + size);

    pnet::Codec sender(key, nonce);
    base::ByteString wire(nonce.begin(), nonce.end());
    for (std::size_t at = 0, turn = 0; at < plain.size(); ++turn) {
        auto const count = std::min<std::size_t>(cuts[turn % size], plain.size() - at);
        base::ByteString piece(plain.begin() + static_cast<std::ptrdiff_t>(at),
                               plain.begin() + static_cast<std::ptrdiff_t>(at + count));
        sender.seal(piece);
        base::append(wire, piece);
        at += count;
        if (turn > size) break;  // a run of zero cuts
    }

    pnet::Codec receiver(key, pnet::Nonce{});
    base::ByteString got;
    for (std::size_t at = 0, turn = 1; at < wire.size(); ++turn) {
        auto const count = std::min<std::size_t>(cuts[(turn * 7) % size] % 50 + 1U, wire.size() - at);
        base::append(got, receiver.open(base::MutableBytes(wire).subspan(at, count)));
        at += count;
    }
    base::check(got.size() <= plain.size() && base::equal(got, base::ByteView(plain).first(got.size())), "round trip");

    pnet::Codec hostile(key, nonce);
    base::ByteString junk(data, data + size);
    base::check(hostile.open(junk).size() == (size > 24 ? size - 24 : 0), "bytes behind the nonce");
    return 0;
}
