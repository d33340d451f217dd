#include "libp2p/kademlia/key.h"

#include <bit>

namespace libp2p::kademlia {

Key key_of(base::ByteView bytes) { return crypto::sha256(bytes); }

Key distance(Key const& a, Key const& b) {
    Key result;
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
    return result;
}

std::size_t common_prefix(Key const& a, Key const& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto const difference = static_cast<std::uint8_t>(a[i] ^ b[i]);
        if (difference != 0) return 8 * i + static_cast<std::size_t>(std::countl_zero(difference));
    }
    return 8 * a.size();
}

bool is_short_peer_id(base::ByteView key) {
    if (key.size() == 34) return key[0] == 0x12 && key[1] == 0x20;
    return key.size() >= 36 && key.size() <= 38 && key[0] == 0 && key[1] == key.size() - 2;
}

}  // namespace libp2p::kademlia
