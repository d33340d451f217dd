// Places: peers in the order of their places in Kademlia's space, so that the nearest to a key, and those of a bucket,
// are found without looking at all of them.
#pragma once

#include "libp2p/kademlia/key.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sim::dht {

class Places {
public:
    struct Entry {
        libp2p::kademlia::Key key{};
        std::uint64_t number = 0;
    };

    void reserve(std::size_t count) { entries_.reserve(count); }
    void add(libp2p::kademlia::Key const& key, std::uint64_t number) { entries_.push_back({key, number}); }
    /// Once, after the last add().
    void sort();
    std::size_t size() const { return entries_.size(); }
    std::uint64_t at(std::uint64_t place) const { return entries_[static_cast<std::size_t>(place)].number; }

    /// The numbers of the nearest, the nearest first.
    std::vector<std::uint64_t> closest(libp2p::kademlia::Key const& key, std::size_t count) const;
    /// Whose places share at least so many leading bits with the key.
    std::span<Entry const> sharing(libp2p::kademlia::Key key, std::size_t bits) const;
    /// Whose places share so many and no more: those of one bucket of whoever is at the key.
    std::span<Entry const> sharing_exactly(libp2p::kademlia::Key key, std::size_t bits) const;

private:
    std::vector<Entry> entries_;
};

}  // namespace sim::dht
