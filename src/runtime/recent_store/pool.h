// Pool: values by key, bounded by number and bytes, each until it expires. What came first goes first. Private.
#pragma once

#include "base/shared_bytes.h"
#include "runtime/recent_store/recent_store.h"

#include <map>
#include <optional>

namespace runtime {

template <class Key, class Value>
class Pool {
public:
    explicit Pool(RecentPoolConfig config) : config_(config) {}

    struct Item {
        Value value;
        std::uint64_t received_ms = 0;
        std::uint64_t number = 0;
    };

    /// nullptr when it is not there. Until the next change.
    Value const* find(Key const& key) const {
        auto const found = items_.find(key);
        return found == items_.end() ? nullptr : &found->second.value;
    }
    /// In place of what has the key; nothing when it is larger than all may be.
    void put(Key const& key, Value value, std::uint64_t now_ms) {
        erase(key);
        auto const size = value.bytes.size();
        if (size > config_.bytes_max || config_.count_max == 0) return;
        while (items_.size() >= config_.count_max || bytes_ + size > config_.bytes_max) erase(by_age_.begin()->second);
        bytes_ += size;
        by_age_.emplace(next_, key);
        items_.emplace(key, Item{std::move(value), now_ms, next_++});
    }
    void erase(Key const& key) {
        auto const found = items_.find(key);
        if (found == items_.end()) return;
        bytes_ -= found->second.value.bytes.size();
        by_age_.erase(found->second.number);
        items_.erase(found);
    }
    void expire(std::uint64_t now_ms) {
        while (!by_age_.empty()) {
            auto const& item = items_.at(by_age_.begin()->second);
            // A clock that went back makes nothing older.
            if (item.received_ms >= now_ms || now_ms - item.received_ms < config_.lifetime_ms) return;
            erase(Key(by_age_.begin()->second));
        }
    }

    std::size_t size() const { return items_.size(); }
    std::uint64_t bytes() const { return bytes_; }
    /// From what came first.
    template <class Visit>
    void each(Visit visit) const {
        for (auto const& [number, key] : by_age_) {
            if (!visit(items_.at(key).value)) return;
        }
    }

private:
    RecentPoolConfig config_;
    std::map<Key, Item> items_;
    std::map<std::uint64_t, Key> by_age_;
    std::uint64_t next_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace runtime
