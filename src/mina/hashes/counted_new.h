// Test support: how often operator new was called in this program.
#pragma once

#include <cstddef>

namespace mina::hashes {

extern std::size_t allocations;

}  // namespace mina::hashes
