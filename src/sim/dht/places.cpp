#include "sim/dht/places.h"

#include <algorithm>

namespace sim::dht {

namespace {

using libp2p::kademlia::Key;

constexpr std::size_t key_bits = 256;

/// Everything behind the first `bits` becomes zeros or ones.
void fill_behind(Key& key, std::size_t bits, bool ones) {
    for (auto at = bits; at < key_bits;) {
        auto& byte = key[at / 8];
        auto const mask = static_cast<std::uint8_t>(0xFF >> (at % 8));
        byte = static_cast<std::uint8_t>(ones ? byte | mask : byte & ~mask);
        at = (at / 8 + 1) * 8;
    }
}

}  // namespace

void Places::sort() { std::ranges::sort(entries_, {}, &Entry::key); }

std::span<Places::Entry const> Places::sharing(Key key, std::size_t bits) const {
    fill_behind(key, bits, false);
    auto const first = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
    fill_behind(key, bits, true);
    auto const last = std::ranges::upper_bound(first, entries_.end(), key, {}, &Entry::key);
    return {first, last};
}

std::span<Places::Entry const> Places::sharing_exactly(Key key, std::size_t bits) const {
    if (bits >= key_bits) return {};
    auto& byte = key[bits / 8];
    byte = static_cast<std::uint8_t>(byte ^ (0x80 >> (bits % 8)));
    return sharing(key, bits + 1);
}

std::vector<std::uint64_t> Places::closest(Key const& key, std::size_t count) const {
    std::size_t bits = 0;
    while (bits < key_bits && sharing(key, bits + 1).size() >= count) ++bits;
    std::vector<std::pair<Key, std::uint64_t>> near;
    for (auto const& entry : sharing(key, bits)) {
        near.emplace_back(libp2p::kademlia::distance(entry.key, key), entry.number);
    }
    std::ranges::sort(near);
    std::vector<std::uint64_t> numbers;
    for (auto const& [distance, number] : near) {
        if (numbers.size() == count) break;
        numbers.push_back(number);
    }
    return numbers;
}

}  // namespace sim::dht
