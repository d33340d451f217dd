// Test support: how often operator new was called in this program, and for how much.
#pragma once

#include <cstddef>

namespace base::testing {

struct Allocations {
    std::size_t count = 0;
    std::size_t bytes = 0;
    Allocations operator-(Allocations const& before) const { return {count - before.count, bytes - before.bytes}; }
};

/// Since the program began.
extern Allocations allocations;

/// Of a call.
template <class Call>
Allocations allocations_of(Call call) {
    auto const before = allocations;
    call();
    return allocations - before;
}

}  // namespace base::testing
