// Who has said here to provide what.
#pragma once

#include "base/env.h"
#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/kademlia_actions.h"

#include <map>

namespace libp2p::kademlia {

struct Config;

struct ProviderRecord {
    std::vector<Multiaddr> addresses;
    Group group = 0;
    base::Instant said;      // the last time; the record's ages count from here
};

class ProviderStore {
public:
    enum class Added : std::uint8_t { yes, over_quota };
    /// At the bound of a key, the oldest of its records goes; at the bound of all, the oldest of the largest key; a
    /// peer's records beyond its quota, and those of a group that has an eighth of a key's, are refused.
    Added add(base::ByteView key, PeerId const& by, std::vector<Multiaddr> addresses, Group group, base::Instant now,
              Config const& config);
    /// Up to `count` in a random order; addresses that are too old are left out.
    std::vector<PeerAddresses> providers(base::ByteView key, std::size_t count, base::Env const& env,
                                         Config const& config) const;
    void expire(base::Instant now, Config const& config);
    void forget(PeerId const& id);

    using Records = std::map<PeerId, ProviderRecord>;
    std::map<base::ByteString, Records> const& keys() const { return keys_; }
    std::size_t size() const { return size_; }

private:
    using KeyAt = std::map<base::ByteString, Records>::iterator;
    bool has_room(base::ByteView key, PeerId const& by, Group group, Config const& config) const;
    void erase(KeyAt key, Records::iterator record);
    void erase_oldest_of(KeyAt key);

    std::map<base::ByteString, Records> keys_;
    std::map<PeerId, std::size_t> count_of_;
    std::size_t size_ = 0;
};

}  // namespace libp2p::kademlia
