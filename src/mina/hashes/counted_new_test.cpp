// Test support: operator new that counts. In a file of its own, so that the compiler sees no pair of new and free.
#include "mina/hashes/counted_new.h"

#include <cstdlib>
#include <new>

namespace mina::hashes {

std::size_t allocations = 0;

}  // namespace mina::hashes

void* operator new(std::size_t size) {
    ++mina::hashes::allocations;
    if (auto* memory = std::malloc(size)) return memory;
    std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
