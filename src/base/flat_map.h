// FlatMap: a sorted vector as a map. For tables of up to some hundreds of entries: small, ordered, quick to walk.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace base {

template <class Key, class Value>
class FlatMap {
public:
    using Entry = std::pair<Key, Value>;

    Value* find(Key const& key) {
        auto const at = lower(key);
        return at != entries_.end() && at->first == key ? &at->second : nullptr;
    }
    Value const* find(Key const& key) const { return const_cast<FlatMap*>(this)->find(key); }
    bool contains(Key const& key) const { return find(key) != nullptr; }

    /// The value of `key`, made by default when absent. References stay valid until the next insertion or erasure.
    Value& operator[](Key const& key) {
        auto const at = lower(key);
        if (at != entries_.end() && at->first == key) return at->second;
        return entries_.emplace(at, key, Value{})->second;
    }
    bool erase(Key const& key) {
        auto const at = lower(key);
        if (at == entries_.end() || at->first != key) return false;
        entries_.erase(at);
        if (entries_.empty()) entries_.shrink_to_fit();
        return true;
    }

    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    void clear() { entries_.clear(); }
    auto begin() { return entries_.begin(); }
    auto end() { return entries_.end(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

private:
    auto lower(Key const& key) {
        return std::lower_bound(entries_.begin(), entries_.end(), key,
                                [](Entry const& entry, Key const& wanted) { return entry.first < wanted; });
    }
    std::vector<Entry> entries_;
};

}  // namespace base
