// SendQueue: what a link is to write, as slices of shared bytes. For this folder's own use.
#pragma once

#include "base/shared_bytes.h"

#include <sys/uio.h>

#include <span>
#include <vector>

namespace runtime {

class SendQueue {
public:
    void push(base::SharedBytes bytes);
    bool empty() const { return first_ == slices_.size(); }
    std::size_t bytes() const { return bytes_; }

    /// Points `out` at the first slices; returns how many it took.
    std::size_t gather(std::span<iovec> out) const;
    /// Drops the first `count` bytes. Requires count <= bytes().
    void drop(std::size_t count);
    void clear();

private:
    static constexpr std::size_t kept_slices_max = 16;  // of an empty queue's storage

    std::vector<base::SharedBytes> slices_;
    std::size_t first_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace runtime
