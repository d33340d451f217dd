// Bytes or text that are a peer id survive a round trip, and a key inlined in one has that id.
#include "libp2p/wire/peer_id.h"

#include "base/check.h"

namespace {

void check_id(libp2p::PeerId const& id) {
    base::check(!id.empty(), "a peer id from a peer is somebody's");
    base::check(libp2p::PeerId::from_bytes(id.bytes()) == id, "bytes survive");
    base::check(libp2p::PeerId::from_text(id.text()) == id, "text survives");
    if (auto const key = id.inlined_key())
        base::check(libp2p::PeerId::of(*key) == id, "an inlined key has this id");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::ByteView const input(data, size);
    if (auto const id = libp2p::PeerId::from_bytes(input)) {
        base::check(base::equal(id->bytes(), input), "bytes are kept as they are");
        check_id(*id);
    }
    if (auto const id = libp2p::PeerId::from_text(base::as_text(input))) check_id(*id);
    return 0;
}
