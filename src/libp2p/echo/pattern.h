// The bytes that echo sends: byte i of a stream is (i * 31) ^ (i >> 8), the contract of the test peers.
#pragma once

#include "base/shared_bytes.h"

namespace libp2p::echo {

/// The pattern repeats after so many bytes.
inline constexpr std::size_t pattern_period_bytes = 65'536;
/// The largest slice at any place: a Yamux body whose frame fills a Noise message.
inline constexpr std::size_t slice_bytes_max = 65'507;

/// One period and one slice more, so that a slice can begin at any place of the period.
base::SharedBytes make_pattern();

/// The bytes from `offset` of the endless pattern. Requires count <= slice_bytes_max.
base::SharedBytes pattern_at(base::SharedBytes const& pattern, std::uint64_t offset, std::size_t count);

/// True if `bytes`, of any number, are the pattern from `offset`.
bool is_pattern(base::SharedBytes const& pattern, std::uint64_t offset, base::ByteView bytes);

}  // namespace libp2p::echo
