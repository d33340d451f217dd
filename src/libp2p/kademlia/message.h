// The message of Kademlia. spec: kad-dht#rpc-messages
#pragma once

#include "base/result.h"
#include "libp2p/kademlia/kademlia_actions.h"

#include <optional>

namespace libp2p::kademlia {

// rust-libp2p reads 16 KiB by default, so no message of ours is longer. Of others we read 16 KiB for a request; for an
// answer 64 KiB, since go-libp2p writes up to 4 MiB, but a FIND_NODE of 20 peers with 16 addresses each takes 15 KiB;
// for providers 256 KiB, since go-libp2p tells all that it has, and on a network where each node provides the same key
// those are all nodes.
inline constexpr std::size_t request_bytes_max = 16'384;
inline constexpr std::size_t message_bytes_out_max = 16'384;
inline constexpr std::size_t answer_bytes_in_max = 65'536;
inline constexpr std::size_t providers_answer_bytes_in_max = 262'144;

inline constexpr std::size_t key_bytes_max = 80;      // as go-libp2p has it
inline constexpr std::size_t closer_in_max = 24;      // read of a message; k, and the target that some put behind them
inline constexpr std::size_t providers_in_max = 100;
inline constexpr std::size_t peers_out_max = 20;      // written, of each kind
inline constexpr std::size_t peer_addresses_max = 16;  // of a peer, read and written
inline constexpr std::size_t peer_bytes_out_max = 700;  // a peer written: addresses beyond that are left out
inline constexpr std::size_t address_bytes_max = 128;  // longer ones are skipped

enum class MessageType : std::uint8_t {
    put_value = 0,
    get_value = 1,
    add_provider = 2,
    get_providers = 3,
    find_node = 4,
    ping = 5
};
std::string_view to_string(MessageType type);

enum class MessageError : std::uint8_t { malformed, unknown_type, key_too_long };
std::string_view to_string(MessageError error);

/// Both are views into the message, or of the writer.
struct Record {
    base::ByteView key;
    base::ByteView value;
};
struct Message {
    MessageType type = MessageType::find_node;
    base::ByteView key{};
    std::optional<Record> record{};
    std::vector<PeerAddresses> closer{};
    std::vector<PeerAddresses> providers{};
};

/// Peers of an id that cannot be read are left out, and so are addresses that cannot; what is beyond the bounds above
/// is not looked at. Unknown fields are skipped.
base::Result<Message, MessageError> decode(base::ByteView message);

/// With its length prefix. Providers come first; peers that would make it longer than message_bytes_out_max are left
/// out.
base::ByteString encode(Message const& message);

}  // namespace libp2p::kademlia
