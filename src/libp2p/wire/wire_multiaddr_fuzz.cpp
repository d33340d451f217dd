// An address from bytes or text survives both round trips and answers every question about itself.
#include "libp2p/wire/multiaddr.h"

#include "base/check.h"

namespace {

using libp2p::Multiaddr;

void check_address(Multiaddr const& address) {
    base::check(!address.empty(), "an address from a peer has a component");
    base::check(Multiaddr::from_bytes(address.bytes()) == address, "bytes survive");
    base::check(Multiaddr::from_text(address.text()) == address, "text survives");
    base::check(!address.components().empty(), "components");

    auto const socket = address.socket_address();
    base::check(!(socket && address.dns_name()), "a number or a name, not both");
    auto const id = address.peer_id();
    auto const bare = address.without_peer_id();
    if (socket)
        base::check(Multiaddr::tcp_at(*socket) == bare,
                    "nothing but the socket address and the id");
    if (id) {
        base::check(bare.with_peer_id(*id) == address || bare.peer_id().has_value(),
                    "the id is the last component");
    } else {
        base::check(bare == address, "nothing to take away");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::ByteView const input(data, size);
    if (auto const address = Multiaddr::from_bytes(input)) {
        base::check(base::equal(address->bytes(), input), "bytes are kept as they are");
        check_address(*address);
    }
    if (auto const address = Multiaddr::from_text(base::as_text(input))) check_address(*address);
    return 0;
}
