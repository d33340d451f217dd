// Views of bytes and owned bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using ByteView = std::span<std::uint8_t const>;
using MutableBytes = std::span<std::uint8_t>;
using ByteString = std::vector<std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

/// The bytes of a text, without a terminating zero. The view lives as long as the text.
inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()};
}

/// The same bytes as characters. The view lives as long as the bytes.
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

inline void append(ByteString& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

inline ByteString to_byte_string(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// Equality in content. Not constant-time: never for secrets.
bool equal(ByteView a, ByteView b);

/// Debug builds overwrite consumed bytes, so that a view kept too long is seen at once; else nothing.
void poison(MutableBytes consumed);

}  // namespace base
