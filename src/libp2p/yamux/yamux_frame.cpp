#include "libp2p/yamux/yamux_frame.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace libp2p::yamux {
namespace {

// Whole words instead of bytes: this runs for every frame in both directions, and the copy of a
// header that was just put together from smaller parts would wait for them.
template <class Integer>
Integer big_endian(Integer value) {
    return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

template <class Integer>
Integer load(std::uint8_t const* from) {
    Integer value{};
    std::memcpy(&value, from, sizeof value);
    return big_endian(value);
}

template <class Integer>
void store(std::uint8_t* to, Integer value) {
    value = big_endian(value);
    std::memcpy(to, &value, sizeof value);
}

}  // namespace

HeaderBytes encode(Header const& header) {
    auto const front = std::uint64_t{static_cast<std::uint8_t>(header.type)} << 48 |
                       std::uint64_t{header.flags} << 32 | header.stream;
    HeaderBytes bytes;
    store(bytes.data(), front);
    store(bytes.data() + 8, header.length);
    return bytes;
}

base::Result<Header, Error> decode(std::span<std::uint8_t const, header_bytes> bytes) {
    if (bytes[0] != 0) return base::fail(Error::bad_version);
    if (bytes[1] > static_cast<std::uint8_t>(FrameType::go_away))
        return base::fail(Error::bad_type);
    Header const header{.type = static_cast<FrameType>(bytes[1]),
                        .flags = load<std::uint16_t>(&bytes[2]),
                        .stream = load<std::uint32_t>(&bytes[4]),
                        .length = load<std::uint32_t>(&bytes[8])};
    if ((header.flags & ~flag::known) != 0) return base::fail(Error::bad_flags);
    bool const of_session = header.type == FrameType::ping || header.type == FrameType::go_away;
    // spec: yamux#streamid-field "Both Ping and Go Away messages should always use the 0 StreamID."
    if (of_session != (header.stream == 0)) return base::fail(Error::bad_stream_id);
    // spec: yamux#flag-field "Also sent with a ping to indicate outbound" (SYN), "response" (ACK).
    // Both or neither would have no one meaning: go answers it, rust takes it for an answer, js
    // closes the connection.
    if (header.type == FrameType::ping && header.flags != flag::syn && header.flags != flag::ack) {
        return base::fail(Error::bad_flags);
    }
    return header;
}

}  // namespace libp2p::yamux
