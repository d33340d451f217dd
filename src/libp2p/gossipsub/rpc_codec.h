// The RPC protobuf of pubsub and GossipSub: reading it into views, and writing its parts.
// spec: pubsub#the-rpc, gossipsub-v1.0#protobuf, gossipsub-v1.1#protobuf
#pragma once

#include "base/shared_bytes.h"

#include <optional>
#include <string_view>
#include <vector>

namespace libp2p::gossipsub {

struct SubscriptionPart {
    std::string_view topic;
    bool subscribe = false;
};
/// All are views into the RPC.
struct MessagePart {
    base::ByteView encoding;  // the whole Message, as it came
    std::optional<base::ByteView> from;
    std::optional<base::ByteView> data;
    std::optional<base::ByteView> sequence_number;
    std::optional<base::ByteView> topic;
    std::optional<base::ByteView> signature;
    std::optional<base::ByteView> key;
    bool has_unknown_fields = false;
    bool is_malformed = false;  // it is not to be looked at
};
struct IHavePart {
    std::string_view topic;
    std::vector<base::ByteView> ids;
};
struct PrunePart {
    std::string_view topic;
    std::uint64_t backoff_seconds = 0;  // 0: none given
};
struct Rpc {
    std::vector<SubscriptionPart> subscriptions;
    std::vector<MessagePart> messages;
    std::vector<IHavePart> ihave;
    std::vector<base::ByteView> iwant;  // ids of all IWANT together
    std::vector<std::string_view> graft;
    std::vector<PrunePart> prune;
    bool has_control = false;
    bool is_ihave_cut = false;          // more than rpc_ids_max ids: the rest was not read
    bool is_iwant_cut = false;
};

/// nullopt: malformed, or more than rpc_parts_max parts. Unknown fields are skipped; a field that may come once must
/// not come twice in a Message, since its copies would mean different messages to different readers. A Message that
/// cannot be read to its end spoils itself only: others relay unknown fields as they came, and groups are not read here.
std::optional<Rpc> decode_rpc(base::ByteView rpc);

/// What the signature of a Message covers, without the prefix: its fields in order of number without signature and key,
/// then its unknown fields as they came. spec: pubsub#message-signing "This includes any fields that are not recognized"
base::ByteString signed_part(MessagePart const& message);

/// A Message of ours before its signature.
base::ByteString encode_message(MessagePart const& message);

/// An RPC that holds one encoded Message, with its length prefix: the bytes that a fan-out shares.
base::SharedBytes frame_message(base::ByteView message);
/// The bytes of the RPC in frame_message() of a Message of this size, without the length prefix.
std::size_t message_rpc_size(std::size_t message_size);

/// An RPC of already encoded parts, with its length prefix.
base::SharedBytes frame_rpc(base::ByteView subscriptions, base::ByteView control);

// Parts. Each appends one whole field: of the RPC for a subscription, of its ControlMessage for the others.
void append_subscription(base::ByteString& out, std::string_view topic, bool subscribe);
void append_graft(base::ByteString& out, std::string_view topic);
/// Without a backoff, as GossipSub 1.0 has it, when `backoff_seconds` is nullopt.
void append_prune(base::ByteString& out, std::string_view topic, std::optional<std::uint64_t> backoff_seconds);
/// One IHAVE, or one IWANT, with as many of `ids` as fit `bytes_max`; returns how many those are.
std::size_t append_ihave(base::ByteString& out, std::string_view topic, std::vector<base::ByteView> const& ids,
                         std::size_t first, std::size_t bytes_max);
std::size_t append_iwant(base::ByteString& out, std::vector<base::ByteView> const& ids, std::size_t first,
                         std::size_t bytes_max);

}  // namespace libp2p::gossipsub
