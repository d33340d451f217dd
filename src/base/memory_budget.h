// MemoryBudget: one bound on bytes that many holders share (receive windows, messages being assembled).
#pragma once

#include "base/check.h"

#include <cstddef>

namespace base {

class MemoryBudget {
public:
    explicit MemoryBudget(std::size_t limit_bytes) : limit_(limit_bytes) {}

    /// Takes `bytes` if they fit; false leaves the budget as it was.
    bool try_reserve(std::size_t bytes) {
        if (bytes > limit_ - used_) return false;
        used_ += bytes;
        return true;
    }
    void release(std::size_t bytes) {
        check(bytes <= used_, "memory budget: more released than reserved");
        used_ -= bytes;
    }
    std::size_t used() const { return used_; }
    std::size_t limit() const { return limit_; }

private:
    std::size_t limit_;
    std::size_t used_ = 0;
};

}  // namespace base
