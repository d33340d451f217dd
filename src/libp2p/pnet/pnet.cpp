#include "libp2p/pnet/pnet.h"

#include <algorithm>

namespace libp2p::pnet {

base::MutableBytes Codec::open(base::MutableBytes chunk) {
    if (!inbound_) {
        auto const count = std::min(chunk.size(), their_nonce_.size() - their_nonce_size_);
        std::ranges::copy(chunk.first(count), their_nonce_.begin() + their_nonce_size_);
        their_nonce_size_ = static_cast<std::uint8_t>(their_nonce_size_ + count);
        base::poison(chunk.first(count));
        chunk = chunk.subspan(count);
        if (their_nonce_size_ < their_nonce_.size()) return chunk;
        inbound_.emplace(key_, their_nonce_);
    }
    inbound_->apply(chunk);
    return chunk;
}

}  // namespace libp2p::pnet
