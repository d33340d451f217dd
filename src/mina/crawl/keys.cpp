#include "mina/crawl/crawl.h"

#include "libp2p/kademlia/key.h"

#include <algorithm>

namespace mina::crawl {

namespace {
constexpr std::uint32_t attempts_max = 4U << prefix_bits_max;  // twice the mean at the longest prefix
}

base::ByteString key_beside(libp2p::PeerId const& id, std::size_t prefix, base::Rng& rng) {
    namespace kademlia = libp2p::kademlia;
    auto const place = kademlia::key_of(id);
    auto const wanted = std::min(prefix, prefix_bits_max);
    base::ByteString key(34);
    rng.fill_public(key);
    key[0] = 0x12;
    key[1] = 0x20;
    base::ByteString best = key;
    std::size_t best_prefix = 0;
    for (std::uint32_t attempt = 0; attempt < attempts_max; ++attempt) {
        key[2] = static_cast<std::uint8_t>(attempt);
        key[3] = static_cast<std::uint8_t>(attempt >> 8);
        auto const shared = kademlia::common_prefix(kademlia::key_of(base::ByteView(key)), place);
        if (shared == wanted) return key;
        if (shared > wanted || shared <= best_prefix) continue;
        best = key;
        best_prefix = shared;
    }
    return best;
}

}  // namespace mina::crawl
