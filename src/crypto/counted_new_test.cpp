// Test support: operator new that counts. In a file of its own, so that the compiler sees no pair of new and free.
#include "crypto/counted_new.h"

#include <cstdlib>
#include <new>

namespace crypto {

std::size_t allocations = 0;

}  // namespace crypto

void* operator new(std::size_t size) {
    ++crypto::allocations;
    if (auto* memory = std::malloc(size)) return memory;
    std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
