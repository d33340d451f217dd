#include "libp2p/echo/pattern.h"

#include <algorithm>

namespace libp2p::echo {

base::SharedBytes make_pattern() {
    base::ByteString bytes(pattern_period_bytes + slice_bytes_max);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>((i * 31) ^ (i >> 8));
    return base::SharedBytes::take(std::move(bytes));
}

base::SharedBytes pattern_at(base::SharedBytes const& pattern, std::uint64_t offset, std::size_t count) {
    return pattern.slice(static_cast<std::size_t>(offset % pattern_period_bytes), count);
}

bool is_pattern(base::SharedBytes const& pattern, std::uint64_t offset, base::ByteView bytes) {
    while (!bytes.empty()) {
        auto const count = std::min(bytes.size(), slice_bytes_max);
        auto const place = static_cast<std::size_t>(offset % pattern_period_bytes);
        if (!base::equal(bytes.first(count), pattern.view().subspan(place, count))) return false;
        bytes = bytes.subspan(count);
        offset += count;
    }
    return true;
}

}  // namespace libp2p::echo
