#include "libp2p/kademlia/message.h"

#include "base/varint.h"
#include "libp2p/wire/protobuf.h"

namespace libp2p::kademlia {
namespace {

using protobuf::Field;
using protobuf::WireType;

// The fields. spec: kad-dht#rpc-messages
enum Number : std::uint32_t {
    type_field = 1,
    key_field = 2,
    record_field = 3,
    closer_field = 8,
    providers_field = 9,
    level_field = 10
};
// mina: the Rust node writes this level in all that it sends, and no other was seen to be taken by it.
constexpr std::uint64_t cluster_level = 10;

bool read_peer(base::ByteView bytes, std::vector<PeerAddresses>& peers) {
    std::optional<PeerId> id;
    std::vector<Multiaddr> addresses;
    std::size_t looked_at = 0;
    protobuf::Reader reader(bytes);
    while (auto const* field = reader.next()) {
        if (field->number != 1 && field->number != 2) continue;
        if (field->type != WireType::bytes) return false;
        if (field->number == 1) {
            auto parsed = PeerId::from_bytes(field->bytes);
            id = parsed ? std::optional(*parsed) : std::nullopt;
        } else if (looked_at++ < peer_addresses_max && field->bytes.size() <= address_bytes_max) {
            auto address = Multiaddr::from_bytes(field->bytes);
            if (address) addresses.push_back(std::move(*address));
        }
    }
    if (!reader.ok()) return false;
    if (id) peers.push_back({*id, std::move(addresses)});
    return true;
}

bool read_record(base::ByteView bytes, Record& record) {
    protobuf::Reader reader(bytes);
    while (auto const* field = reader.next()) {
        if (field->number != 1 && field->number != 2) continue;
        if (field->type != WireType::bytes) return false;
        (field->number == 1 ? record.key : record.value) = field->bytes;
    }
    return reader.ok();
}

base::Result<void, MessageError> read_field(Field const& field, Message& message) {
    auto const is_known =
        field.number <= record_field || field.number == closer_field || field.number == providers_field;
    if (!is_known) return {};
    auto const expected = field.number == type_field ? WireType::varint : WireType::bytes;
    if (field.type != expected) return base::fail(MessageError::malformed);
    auto is_whole = true;
    switch (field.number) {
        case type_field:
            if (field.number_value > static_cast<std::uint64_t>(MessageType::ping))
                return base::fail(MessageError::unknown_type);
            message.type = static_cast<MessageType>(field.number_value);
            break;
        case key_field:
            if (field.bytes.size() > key_bytes_max) return base::fail(MessageError::key_too_long);
            message.key = field.bytes;
            break;
        case record_field:
            message.record.emplace();
            is_whole = read_record(field.bytes, *message.record);
            break;
        case closer_field:
            if (message.closer.size() < closer_in_max) is_whole = read_peer(field.bytes, message.closer);
            break;
        case providers_field:
            if (message.providers.size() < providers_in_max) is_whole = read_peer(field.bytes, message.providers);
            break;
        default: break;
    }
    if (!is_whole) return base::fail(MessageError::malformed);
    return {};
}

void append_peer(base::ByteString& out, std::uint32_t number, PeerAddresses const& peer) {
    auto size = protobuf::bytes_field_size(1, peer.id.bytes().size());
    std::size_t count = 0;
    for (auto const& address : peer.addresses) {
        auto const bytes = protobuf::bytes_field_size(2, address.bytes().size());
        if (count == peer_addresses_max || size + bytes > peer_bytes_out_max) break;
        size += bytes;
        ++count;
    }
    if (out.size() + protobuf::bytes_field_size(number, size) > message_bytes_out_max) return;
    protobuf::append_bytes_header(out, number, size);
    protobuf::append_bytes_field(out, 1, peer.id.bytes());
    for (std::size_t i = 0; i < count; ++i) protobuf::append_bytes_field(out, 2, peer.addresses[i].bytes());
}

void append_record(base::ByteString& out, Record const& record) {
    auto const size =
        protobuf::bytes_field_size(1, record.key.size()) + protobuf::bytes_field_size(2, record.value.size());
    protobuf::append_bytes_header(out, record_field, size);
    protobuf::append_bytes_field(out, 1, record.key);
    protobuf::append_bytes_field(out, 2, record.value);
}

}  // namespace

std::string_view to_string(MessageType type) {
    switch (type) {
        case MessageType::put_value: return "PUT_VALUE";
        case MessageType::get_value: return "GET_VALUE";
        case MessageType::add_provider: return "ADD_PROVIDER";
        case MessageType::get_providers: return "GET_PROVIDERS";
        case MessageType::find_node: return "FIND_NODE";
        case MessageType::ping: return "PING";
    }
    return "?";
}

std::string_view to_string(MessageError error) {
    switch (error) {
        case MessageError::malformed: return "malformed";
        case MessageError::unknown_type: return "unknown type";
        case MessageError::key_too_long: return "key too long";
    }
    return "?";
}

base::Result<Message, MessageError> decode(base::ByteView bytes) {
    Message message;
    message.type = MessageType::put_value;  // what is not written is zero
    protobuf::Reader reader(bytes);
    while (auto const* field = reader.next()) TRY_VOID(read_field(*field, message));
    if (!reader.ok()) return base::fail(MessageError::malformed);
    return message;
}

base::ByteString encode(Message const& message) {
    base::ByteString body;
    body.reserve(64 + 80 * (message.closer.size() + message.providers.size()) +
                 (message.record ? message.record->value.size() : 0));
    protobuf::append_varint_field(body, type_field, static_cast<std::uint64_t>(message.type));
    protobuf::append_varint_field(body, level_field, cluster_level);
    if (!message.key.empty()) protobuf::append_bytes_field(body, key_field, message.key);
    if (message.record) append_record(body, *message.record);
    for (std::size_t i = 0; i < message.providers.size() && i < peers_out_max; ++i) {
        append_peer(body, providers_field, message.providers[i]);
    }
    for (std::size_t i = 0; i < message.closer.size() && i < peers_out_max; ++i) {
        append_peer(body, closer_field, message.closer[i]);
    }
    base::ByteString framed;
    framed.reserve(base::varint_size(body.size()) + body.size());
    base::append_varint(framed, body.size());
    base::append(framed, body);
    return framed;
}

}  // namespace libp2p::kademlia
