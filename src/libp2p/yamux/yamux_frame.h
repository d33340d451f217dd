// The 12-byte frame header, and the rules that can be judged from it alone. Private to this folder.
#pragma once

#include "libp2p/yamux/yamux.h"

namespace libp2p::yamux {

enum class FrameType : std::uint8_t { data = 0, window = 1, ping = 2, go_away = 3 };

namespace flag {
inline constexpr std::uint16_t syn = 1;
inline constexpr std::uint16_t ack = 2;
inline constexpr std::uint16_t fin = 4;
inline constexpr std::uint16_t rst = 8;
inline constexpr std::uint16_t known = syn | ack | fin | rst;
}  // namespace flag

struct Header {
    FrameType type = FrameType::data;
    std::uint16_t flags = 0;
    StreamId stream = 0;
    std::uint32_t length = 0;  // of the body; or a window's increment, a ping's value, a code

    constexpr bool has(std::uint16_t wanted) const { return (flags & wanted) != 0; }
    bool operator==(Header const&) const = default;
};

using HeaderBytes = base::ByteArray<header_bytes>;

HeaderBytes encode(Header const& header);

/// Refuses another version, an unknown type or flag, a ping that is not exactly one of question and
/// answer, and a stream id of the wrong kind: 0 is the session's, and only its.
base::Result<Header, Error> decode(std::span<std::uint8_t const, header_bytes> bytes);

}  // namespace libp2p::yamux
