#include "libp2p/kademlia/provider_store.h"

#include "libp2p/kademlia/kademlia_config.h"

#include <algorithm>

namespace libp2p::kademlia {

ProviderStore::Added ProviderStore::add(base::ByteView key, PeerId const& by, std::vector<Multiaddr> addresses,
                                        Group group, base::Instant now, Config const& config) {
    auto name = base::to_byte_string(key);
    auto at = keys_.find(name);
    if (at != keys_.end()) {
        auto const old = at->second.find(by);
        if (old != at->second.end()) {
            old->second = {std::move(addresses), group, now};
            return Added::yes;
        }
    }
    if (!has_room(key, by, group, config)) return Added::over_quota;
    if (at == keys_.end() && keys_.size() >= config.provided_keys_max) {
        // The smallest key gives way, and of those an old one: a flood of keys is made of small ones.
        auto const smallest = std::ranges::min_element(keys_, {}, [](auto const& entry) {
            return std::pair(entry.second.size(), entry.second.begin()->second.said);
        });
        while (smallest->second.size() > 1) erase(smallest, smallest->second.begin());
        erase(smallest, smallest->second.begin());
    } else if (at != keys_.end() && at->second.size() >= config.providers_per_key_max) {
        erase_oldest_of(at);
    } else if (size_ >= config.providers_max) {
        erase_oldest_of(std::ranges::max_element(keys_, {}, [](auto const& entry) { return entry.second.size(); }));
    }
    keys_[std::move(name)].emplace(by, ProviderRecord{std::move(addresses), group, now});
    ++count_of_[by];
    ++size_;
    return Added::yes;
}

bool ProviderStore::has_room(base::ByteView key, PeerId const& by, Group group, Config const& config) const {
    auto const count = count_of_.find(by);
    if (count != count_of_.end() && count->second >= config.providers_per_peer_max) return false;
    auto const at = keys_.find(base::to_byte_string(key));
    if (group == 0 || at == keys_.end()) return true;
    auto const of_group =
        std::ranges::count_if(at->second, [&](auto const& entry) { return entry.second.group == group; });
    return static_cast<std::size_t>(of_group) < std::max<std::size_t>(1, config.providers_per_key_max / 8);
}

std::vector<PeerAddresses> ProviderStore::providers(base::ByteView key, std::size_t count, base::Env const& env,
                                                    Config const& config) const {
    std::vector<PeerAddresses> result;
    auto const at = keys_.find(base::to_byte_string(key));
    if (at == keys_.end()) return result;
    std::vector<Records::const_iterator> alive;
    for (auto record = at->second.begin(); record != at->second.end(); ++record) {
        if (env.now - record->second.said < config.provider_ttl) alive.push_back(record);
    }
    if (alive.size() > count) env.rng.shuffle(alive);
    for (std::size_t i = 0; i < alive.size() && i < count; ++i) {
        auto const& [id, record] = *alive[i];
        auto const is_fresh = env.now - record.said < config.provider_address_ttl;
        result.push_back({id, is_fresh ? record.addresses : std::vector<Multiaddr>{}});
    }
    return result;
}

void ProviderStore::expire(base::Instant now, Config const& config) {
    for (auto key = keys_.begin(); key != keys_.end();) {
        auto const current = key++;
        for (auto record = current->second.begin(); record != current->second.end();) {
            auto const old = record++;
            if (now - old->second.said < config.provider_ttl) continue;
            auto const is_last = current->second.size() == 1;
            erase(current, old);
            if (is_last) break;
        }
    }
}

void ProviderStore::forget(PeerId const& id) {
    if (!count_of_.contains(id)) return;
    for (auto key = keys_.begin(); key != keys_.end();) {
        auto const current = key++;
        auto const record = current->second.find(id);
        if (record != current->second.end()) erase(current, record);
    }
}

/// The key goes with its last record.
void ProviderStore::erase(KeyAt key, Records::iterator record) {
    auto const count = count_of_.find(record->first);
    if (--count->second == 0) count_of_.erase(count);
    --size_;
    key->second.erase(record);
    if (key->second.empty()) keys_.erase(key);
}

void ProviderStore::erase_oldest_of(KeyAt key) {
    erase(key, std::ranges::min_element(key->second, {}, [](auto const& entry) { return entry.second.said; }));
}

}  // namespace libp2p::kademlia
