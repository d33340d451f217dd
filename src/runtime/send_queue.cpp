#include "runtime/send_queue.h"

#include "base/check.h"

#include <algorithm>

namespace runtime {

void SendQueue::push(base::SharedBytes bytes) {
    if (bytes.empty()) return;
    // Room is made at the front before the storage grows, so that a queue that never empties does
    // not grow for ever.
    if (slices_.size() == slices_.capacity() && first_ > slices_.size() / 2) {
        slices_.erase(slices_.begin(),
                      slices_.begin() + static_cast<std::ptrdiff_t>(std::exchange(first_, 0)));
    }
    bytes_ += bytes.size();
    slices_.push_back(std::move(bytes));
}

std::size_t SendQueue::gather(std::span<iovec> out) const {
    auto const count = std::min(out.size(), slices_.size() - first_);
    for (std::size_t i = 0; i < count; ++i) {
        auto const view = slices_[first_ + i].view();
        // sendmsg(2) only reads; iovec serves reading and writing alike.
        out[i] = iovec{const_cast<std::uint8_t*>(view.data()), view.size()};
    }
    return count;
}

void SendQueue::drop(std::size_t count) {
    base::check(count <= bytes_, "send queue: no more is written than was queued");
    bytes_ -= count;
    while (count > 0) {
        auto& slice = slices_[first_];
        if (count < slice.size()) {
            slice.remove_prefix(count);
            return;
        }
        count -= slice.size();
        slice = {};
        ++first_;
    }
    if (empty()) clear();
}

void SendQueue::clear() {
    slices_.clear();
    if (slices_.capacity() > kept_slices_max) slices_.shrink_to_fit();
    first_ = 0;
    bytes_ = 0;
}

}  // namespace runtime
