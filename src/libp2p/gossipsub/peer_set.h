// PeerSet: a sorted vector of peers. Small, ordered, quick to walk and to choose from.
#pragma once

#include "libp2p/wire/stream.h"

#include <algorithm>
#include <vector>

namespace libp2p::gossipsub {

class PeerSet {
public:
    /// False when it was there.
    bool insert(PeerKey peer) {
        auto const at = std::lower_bound(peers_.begin(), peers_.end(), peer);
        if (at != peers_.end() && *at == peer) return false;
        peers_.insert(at, peer);
        return true;
    }
    /// False when it was not there.
    bool erase(PeerKey peer) {
        auto const at = std::lower_bound(peers_.begin(), peers_.end(), peer);
        if (at == peers_.end() || *at != peer) return false;
        peers_.erase(at);
        return true;
    }
    bool contains(PeerKey peer) const { return std::binary_search(peers_.begin(), peers_.end(), peer); }
    void clear() { peers_.clear(); }

    std::size_t size() const { return peers_.size(); }
    bool empty() const { return peers_.empty(); }
    auto begin() const { return peers_.begin(); }
    auto end() const { return peers_.end(); }

private:
    std::vector<PeerKey> peers_;
};

}  // namespace libp2p::gossipsub
