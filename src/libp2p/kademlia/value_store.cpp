#include "libp2p/kademlia/value_store.h"

#include "crypto/keys.h"
#include "libp2p/kademlia/kademlia_config.h"

#include <algorithm>
#include <string_view>

namespace libp2p::kademlia {

bool is_public_key_record(base::ByteView key, base::ByteView value) {
    constexpr std::string_view prefix = "/pk/";
    if (!base::as_text(key).starts_with(prefix)) return false;
    auto const id = PeerId::from_bytes(key.subspan(prefix.size()));
    if (!id || value.size() > crypto::encoded_key_bytes_max) return false;
    auto const public_key = crypto::PublicKey::decode(value);
    return public_key && PeerId::of(*public_key) == *id;
}

bool ValueStore::put(base::ByteView key, base::ByteView value, PeerId const& by, base::Instant now,
                     Config const& config) {
    auto name = base::to_byte_string(key);
    auto const found = values_.find(name);
    auto const is_mine = found != values_.end() && found->second.by == by;
    auto const count = count_of_.find(by);
    if (!is_mine && count != count_of_.end() && count->second >= config.values_per_peer_max) return false;
    auto const replaced = found != values_.end() ? found->first.size() + found->second.value.size() : 0;
    if (bytes_ - replaced + key.size() + value.size() > config.values_bytes_max) return false;
    if (found != values_.end()) {
        erase(found);
    } else if (values_.size() >= config.values_max) {
        return false;
    }
    bytes_ += key.size() + value.size();
    ++count_of_[by];
    values_.emplace(std::move(name), StoredValue{base::to_byte_string(value), by, now + config.value_ttl});
    return true;
}

StoredValue const* ValueStore::find(base::ByteView key, base::Instant now) const {
    auto const found = values_.find(base::to_byte_string(key));
    return found == values_.end() || found->second.expires <= now ? nullptr : &found->second;
}

void ValueStore::expire(base::Instant now) {
    for (auto at = values_.begin(); at != values_.end();) {
        auto const current = at++;
        if (current->second.expires <= now) erase(current);
    }
}

void ValueStore::erase(std::map<base::ByteString, StoredValue>::iterator at) {
    bytes_ -= at->first.size() + at->second.value.size();
    auto const count = count_of_.find(at->second.by);
    if (--count->second == 0) count_of_.erase(count);
    values_.erase(at);
}

}  // namespace libp2p::kademlia
