// Test support: operator new that counts. In a file of its own, so that the compiler sees no pair of new and free.
#include "base/testing/counted_new.h"

#include <cstdlib>
#include <new>

namespace base::testing {

Allocations allocations;

}  // namespace base::testing

void* operator new(std::size_t size) {
    ++base::testing::allocations.count;
    base::testing::allocations.bytes += size;
    if (auto* memory = std::malloc(size)) return memory;
    std::abort();
}
// The sanitizers have an operator new[] of their own.
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
