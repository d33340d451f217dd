// Strong ids. They come from counters, so that the same run gives the same ids; never from pointers.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace base {

template <class Tag>
struct Id {
    std::uint64_t value = 0;  // 0 is "none"

    constexpr auto operator<=>(Id const&) const = default;
    constexpr explicit operator bool() const { return value != 0; }
};

}  // namespace base

template <class Tag>
struct std::hash<base::Id<Tag>> {
    std::size_t operator()(base::Id<Tag> id) const noexcept { return std::hash<std::uint64_t>{}(id.value); }
};
