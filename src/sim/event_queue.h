// What will happen, in the order of time; of one instant, in the order in which it was planned.
#pragma once

#include "base/time.h"

#include <algorithm>
#include <vector>

namespace sim {

enum class Kind : std::uint8_t {
    tick,         // a: node
    dial_arrives, // a: link
    dialed,       // a: link, b: end
    dial_failed,  // a: link, b: libp2p::LinkError
    accepted,     // a: link
    deliver,      // a: link, b: from which end
    written,      // a: link, b: to which end
    reset,        // a: link, b: end that hears of it
    patience,     // a: link, b: end whose orderly closing must be over
    resolved,     // a: slot of World::resolutions_
    command,      // a: slot of World::commands_
    timer,        // b: the scenario's
};

struct Planned {
    base::Instant at;
    std::uint64_t order = 0;
    std::uint64_t b = 0;
    std::uint32_t a = 0;
    std::uint32_t generation = 0;  // of `a`: whatever it stood for may be gone
    Kind kind = Kind::timer;
};

class EventQueue {
public:
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }
    Planned const& next() const { return heap_.front(); }
    void push(Planned event) {
        event.order = ++last_;
        heap_.push_back(event);
        std::ranges::push_heap(heap_, later);
    }
    Planned pop() {
        std::ranges::pop_heap(heap_, later);
        auto const event = heap_.back();
        heap_.pop_back();
        return event;
    }

private:
    static bool later(Planned const& a, Planned const& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }
    std::vector<Planned> heap_;
    std::uint64_t last_ = 0;
};

/// A queue in one allocation, which it keeps. Most hold an element or two.
template <class T>
class Fifo {
public:
    bool empty() const { return head_ == items_.size(); }
    std::size_t size() const { return items_.size() - head_; }
    T& front() { return items_[head_]; }
    T& back() { return items_.back(); }
    void push(T item) { items_.push_back(std::move(item)); }
    void pop() {
        items_[head_++] = T{};
        if (head_ == items_.size()) {
            clear();
        } else if (head_ >= 64 && head_ * 2 >= items_.size()) {
            items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
            head_ = 0;
        }
    }
    void clear() {
        items_.clear();
        head_ = 0;
    }

private:
    std::vector<T> items_;
    std::size_t head_ = 0;
};

}  // namespace sim
