// Test support: how often operator new was called in this program.
#pragma once

#include <cstddef>

namespace libp2p {

extern std::size_t allocations;

}  // namespace libp2p
