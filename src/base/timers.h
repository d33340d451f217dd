// Timers<Key>: deadlines by key. Setting, moving and cancelling are O(log n); the order of due keys is fixed (by time,
// then by key), so that a replay fires them alike.
#pragma once

#include "base/time.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

namespace base {

template <class Key>
class Timers {
public:
    /// Sets or moves the deadline of `key`; Instant::never() cancels it.
    void set(Key const& key, Instant at) {
        auto const found = at_.find(key);
        if (found != at_.end()) {
            if (found->second == at) return;
            queue_.erase({found->second, key});
            if (at == Instant::never()) {
                at_.erase(found);
                return;
            }
            found->second = at;
        } else {
            if (at == Instant::never()) return;
            at_.emplace(key, at);
        }
        queue_.emplace(at, key);
    }
    void cancel(Key const& key) { set(key, Instant::never()); }
    /// Sets the deadline, or moves it when it is later.
    void set_no_later(Key const& key, Instant at) {
        auto const found = at_.find(key);
        if (found == at_.end() || at < found->second) set(key, at);
    }

    std::optional<Instant> next() const {
        if (queue_.empty()) return std::nullopt;
        return queue_.begin()->first;
    }
    std::optional<Key> next_key() const {
        if (queue_.empty()) return std::nullopt;
        return queue_.begin()->second;
    }
    /// Removes and returns the first key whose deadline is not after `now`.
    std::optional<Key> pop_due(Instant now) {
        if (queue_.empty() || queue_.begin()->first > now) return std::nullopt;
        Key key = queue_.begin()->second;
        queue_.erase(queue_.begin());
        at_.erase(key);
        return key;
    }
    std::size_t size() const { return queue_.size(); }

private:
    std::map<Key, Instant> at_;
    std::set<std::pair<Instant, Key>> queue_;
};

}  // namespace base
