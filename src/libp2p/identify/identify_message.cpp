#include "libp2p/identify/identify_message.h"

#include "base/varint.h"
#include "crypto/keys.h"
#include "libp2p/wire/protobuf.h"

#include <algorithm>

namespace libp2p::identify {
namespace {

// spec: identify#the-identify-message
enum Number : std::uint32_t {
    public_key = 1,
    listen_address = 2,
    protocol = 3,
    observed_address = 4,
    protocol_version = 5,
    agent_version = 6,
    // signed_peer_record = 8 is skipped like an unknown field; see identify.h.
};

constexpr std::size_t length_bytes = 2;  // of any message from 128 to 16,383 bytes; a shorter one needs less

/// How many of the first `items` fit in `room` bytes as fields; takes their bytes from `room`.
template <class Items, class SizeOf>
std::size_t fitting(Items const& items, std::uint32_t number, std::size_t& room, SizeOf size_of) {
    std::size_t count = 0;
    for (auto const& item : items) {
        auto const size = protobuf::bytes_field_size(number, size_of(item));
        if (size > room) break;
        room -= size;
        ++count;
    }
    return count;
}

std::string printable(base::ByteView bytes) {
    std::string text(base::as_text(bytes.first(std::min(bytes.size(), text_bytes_max))));
    for (auto& character : text) {
        if (character < 0x20 || character > 0x7e) character = '?';
    }
    return text;
}

void add_address(Draft& draft, base::ByteView bytes) {
    // Looking is bounded beside keeping, because finding duplicates costs more than sending them.
    if (draft.addresses_examined == addresses_examined_max) return;
    ++draft.addresses_examined;
    if (draft.listen_addresses.size() == addresses_max) return;
    auto address = Multiaddr::from_bytes(bytes);
    if (!address) return;
    if (std::ranges::find(draft.listen_addresses, *address) != draft.listen_addresses.end()) return;
    draft.listen_addresses.push_back(std::move(*address));
}

bool is_key_of(base::ByteView encoded, PeerId const& sender) {
    auto const key = crypto::PublicKey::decode(encoded);
    return key && PeerId::of(*key) == sender;
}

base::Result<std::monostate, Reason> add_field(Draft& draft, protobuf::Field const& field,
                                               PeerId const& sender) {
    if (field.type != protobuf::WireType::bytes) return {};
    switch (field.number) {
        case public_key:
            if (!field.bytes.empty() && !is_key_of(field.bytes, sender))
                return base::fail(Reason::key_mismatch);
            break;
        case listen_address: add_address(draft, field.bytes); break;
        case protocol:
            if (draft.protocols.size() == protocols_max) return base::fail(Reason::too_many_protocols);
            draft.protocols.emplace_back(base::as_text(field.bytes));
            break;
        case observed_address:
            if (auto address = Multiaddr::from_bytes(field.bytes)) draft.observed = std::move(*address);
            break;
        case protocol_version: draft.protocol_version = printable(field.bytes); break;
        case agent_version: draft.agent = printable(field.bytes); break;
        default: break;
    }
    return {};
}

}  // namespace

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::not_supported: return "protocol not supported";
        case Reason::timed_out: return "timed out";
        case Reason::closed: return "stream closed";
        case Reason::no_message: return "no message";
        case Reason::malformed: return "malformed message";
        case Reason::message_too_long: return "message too long";
        case Reason::too_many_messages: return "too many messages";
        case Reason::too_many_protocols: return "too many protocols";
        case Reason::key_mismatch: return "public key of another peer";
    }
    return "?";
}

bool is_loopback(Multiaddr const& address) {
    // Looked at by hand, so that loopback is seen below any transport.
    auto const components = address.components();
    if (components.empty()) return false;
    auto const& first = components.front();
    IpAddress ip{.v6 = first.code == Multiaddr::ip6};
    if (!ip.v6 && first.code != Multiaddr::ip4) return false;
    if (first.value.size() != ip.view().size()) return false;
    std::ranges::copy(first.value, ip.bytes.begin());
    return ip.is_loopback();
}

base::ByteString encode(Self const& self, Multiaddr const& observed, bool loopback_link) {
    std::vector<Multiaddr> addresses;
    for (auto const& address : self.listen_addresses) {
        if (loopback_link || !is_loopback(address)) addresses.push_back(address);
    }
    // Neither text nor key is a peer's; they are cut only so that the bound holds whatever an application configures.
    auto const key = base::ByteView(self.public_key)
                         .first(std::min(self.public_key.size(), crypto::encoded_key_bytes_max));
    auto const version =
        base::as_bytes(self.protocol_version).first(std::min(self.protocol_version.size(), text_bytes_max));
    auto const agent = base::as_bytes(self.agent).first(std::min(self.agent.size(), text_bytes_max));
    auto room = sent_bytes_max - length_bytes;
    room -= protobuf::bytes_field_size(public_key, key.size());
    room -= protobuf::bytes_field_size(protocol_version, version.size());
    room -= protobuf::bytes_field_size(agent_version, agent.size());
    room -= protobuf::bytes_field_size(observed_address, observed.bytes().size());
    auto const protocols =
        fitting(self.protocols, protocol, room, [](auto const& name) { return name.size(); });
    auto const listened =
        fitting(addresses, listen_address, room, [](auto const& address) { return address.bytes().size(); });

    base::ByteString body;
    body.reserve(sent_bytes_max - room);
    protobuf::append_bytes_field(body, public_key, key);
    for (std::size_t i = 0; i < listened; ++i)
        protobuf::append_bytes_field(body, listen_address, addresses[i].bytes());
    for (std::size_t i = 0; i < protocols; ++i) {
        protobuf::append_bytes_field(body, protocol, base::as_bytes(self.protocols[i]));
    }
    if (!observed.empty()) protobuf::append_bytes_field(body, observed_address, observed.bytes());
    protobuf::append_bytes_field(body, protocol_version, version);
    protobuf::append_bytes_field(body, agent_version, agent);

    base::ByteString message;
    message.reserve(length_bytes + body.size());
    base::append_varint(message, body.size());
    base::append(message, body);
    return message;
}

base::Result<std::monostate, Reason> add_message(Draft& draft, base::ByteView message, PeerId const& sender) {
    protobuf::Reader reader(message);
    while (auto const* field = reader.next()) TRY_VOID(add_field(draft, *field, sender));
    if (!reader.ok()) return base::fail(Reason::malformed);
    return {};
}

Info merge(Info known, Draft&& draft) {
    // spec: identify#identifypush "missing fields should be ignored, as peers may choose to send partial updates"
    if (!draft.protocols.empty()) {
        std::ranges::sort(draft.protocols);
        auto const repeated = std::ranges::unique(draft.protocols);
        draft.protocols.erase(repeated.begin(), repeated.end());
        known.protocols = std::move(draft.protocols);
    }
    if (!draft.listen_addresses.empty()) known.listen_addresses = std::move(draft.listen_addresses);
    if (draft.observed) known.observed = std::move(*draft.observed);
    if (draft.protocol_version) known.protocol_version = std::move(*draft.protocol_version);
    if (draft.agent) known.agent = std::move(*draft.agent);
    return known;
}

}  // namespace libp2p::identify
