#include "base/bytes.h"

#include <algorithm>
#include <cstring>

namespace base {

bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

void poison([[maybe_unused]] MutableBytes consumed) {
#ifdef MINAP2P_POISON
    if (!consumed.empty()) std::memset(consumed.data(), 0xDD, consumed.size());
#endif
}

}  // namespace base
