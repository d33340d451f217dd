// The Identify message. spec: identify#the-identify-message
#pragma once

#include "libp2p/identify/identify_effects.h"

#include "base/result.h"

#include <optional>

namespace libp2p::identify {

inline constexpr std::size_t sent_bytes_max = 4096;      // with its length; rust-libp2p reads no more
inline constexpr std::size_t message_bytes_max = 8192;   // as go-libp2p accepts
inline constexpr std::size_t messages_max = 10;          // of a stream; as go-libp2p accepts
inline constexpr std::size_t addresses_max = 128;
inline constexpr std::size_t addresses_examined_max = 256;
inline constexpr std::size_t protocols_max = 1024;
inline constexpr std::size_t text_bytes_max = 256;

bool is_loopback(Multiaddr const& address);

/// Our message with its length prefix, at most `sent_bytes_max` bytes. Loopback addresses are left out unless
/// `loopback_link`. What does not fit is left out from the end: addresses first, then protocols.
base::ByteString encode(Self const& self, Multiaddr const& observed, bool loopback_link);

/// What the messages of one stream have said so far. A list or text that no message held is absent.
struct Draft {
    std::vector<std::string> protocols;
    std::vector<Multiaddr> listen_addresses;
    std::size_t addresses_examined = 0;
    std::optional<Multiaddr> observed;
    std::optional<std::string> protocol_version;
    std::optional<std::string> agent;
};

/// Adds a message, without its length prefix. On an error the draft is of no use.
base::Result<std::monostate, Reason> add_message(Draft& draft, base::ByteView message, PeerId const& sender);

/// `known` with the fields that the draft has replaced.
Info merge(Info known, Draft&& draft);

}  // namespace libp2p::identify
