#include "libp2p/wire/multiaddr.h"

#include "base/check.h"
#include "base/varint.h"
#include "base/writer.h"
#include "libp2p/wire/multiaddr_protocols.h"

#include <algorithm>

namespace libp2p {

namespace {

using multiaddr::Form;
using multiaddr::Protocol;

// The worst are "/webrtc-direct" and its like: 14 characters for a code of two bytes.
constexpr std::size_t text_characters_max = 8 * multiaddr_bytes_max;

// spec: multiformats/unsigned-varint "MUST be minimally encoded", so that one address has one
// binary form
std::optional<std::uint64_t> take_minimal_varint(base::ByteView& rest) {
    auto const read = base::read_varint(rest);
    if (!read.varint || read.varint->size != base::varint_size(read.varint->value))
        return std::nullopt;
    rest = rest.subspan(read.varint->size);
    return read.varint->value;
}

struct Taken {
    Protocol const* protocol = nullptr;
    base::ByteView value;
};

// Takes the first component off `rest`, which is not empty.
base::Result<Taken, MultiaddrError> take_component(base::ByteView& rest) {
    auto const code = take_minimal_varint(rest);
    if (!code) return base::fail(MultiaddrError::malformed);
    auto const* const protocol = multiaddr::protocol_by_code(*code);
    if (protocol == nullptr) return base::fail(MultiaddrError::unknown_protocol);
    std::uint64_t size = multiaddr::fixed_bytes(protocol->form);
    if (multiaddr::is_counted(protocol->form)) {
        auto const counted = take_minimal_varint(rest);
        if (!counted) return base::fail(MultiaddrError::malformed);
        size = *counted;
    }
    if (size > rest.size()) return base::fail(MultiaddrError::malformed);
    auto const value = rest.first(static_cast<std::size_t>(size));
    rest = rest.subspan(value.size());
    if (!multiaddr::is_value(protocol->form, value)) return base::fail(MultiaddrError::bad_value);
    // In text a path takes all that follows it, so nothing may.
    if (protocol->form == Form::path && !rest.empty()) return base::fail(MultiaddrError::malformed);
    return Taken{protocol, value};
}

void append_component(base::ByteString& out, Protocol const& protocol, base::ByteView value) {
    base::append_varint(out, protocol.code);
    if (multiaddr::is_counted(protocol.form)) {
        base::append_counted(out, value);
    } else {
        base::append(out, value);
    }
}

// Takes "/word" off `rest`; nullopt when it does not begin so, or the word is empty.
std::optional<std::string_view> take_word(std::string_view& rest) {
    if (!rest.starts_with('/')) return std::nullopt;
    auto const end = std::min(rest.find('/', 1), rest.size());
    auto const word = rest.substr(1, end - 1);
    if (word.empty()) return std::nullopt;
    rest.remove_prefix(end);
    return word;
}

std::uint16_t port_of(base::ByteView value) {
    return static_cast<std::uint16_t>(value[0] << 8 | value[1]);
}

bool is_ip(std::uint32_t code) { return code == Multiaddr::ip4 || code == Multiaddr::ip6; }
bool is_host_name(std::uint32_t code) {
    return code == Multiaddr::dns || code == Multiaddr::dns4 || code == Multiaddr::dns6;
}

}  // namespace

std::string_view to_string(MultiaddrError error) {
    switch (error) {
        case MultiaddrError::empty: return "empty address";
        case MultiaddrError::malformed: return "malformed address";
        case MultiaddrError::unknown_protocol: return "address with an unknown protocol";
        case MultiaddrError::bad_value: return "address with a bad value";
        case MultiaddrError::too_long: return "address longer than allowed";
    }
    return "?";
}

base::Result<Multiaddr, MultiaddrError> Multiaddr::from_text(std::string_view text) {
    if (text.empty()) return base::fail(MultiaddrError::empty);
    if (text.size() > text_characters_max) return base::fail(MultiaddrError::too_long);
    Multiaddr address;
    while (!text.empty()) {
        if (text == "/" && !address.empty())
            break;  // a slash at the end is tolerated, as go-multiaddr does
        auto const name = take_word(text);
        if (!name) return base::fail(MultiaddrError::malformed);
        auto const* const protocol = multiaddr::protocol_by_name(*name);
        if (protocol == nullptr) return base::fail(MultiaddrError::unknown_protocol);
        std::optional<std::string_view> word = std::string_view();
        if (protocol->form == Form::path) {
            word = std::exchange(text, {});  // a path takes all that follows, slashes and all
        } else if (protocol->form != Form::none) {
            word = take_word(text);
        }
        if (!word) return base::fail(MultiaddrError::malformed);
        auto const value = multiaddr::value_of(protocol->form, *word);
        if (!value) return base::fail(MultiaddrError::bad_value);
        append_component(address.bytes_, *protocol, *value);
        if (address.bytes_.size() > multiaddr_bytes_max)
            return base::fail(MultiaddrError::too_long);
    }
    return address;
}

base::Result<Multiaddr, MultiaddrError> Multiaddr::from_bytes(base::ByteView bytes) {
    if (bytes.empty()) return base::fail(MultiaddrError::empty);
    if (bytes.size() > multiaddr_bytes_max) return base::fail(MultiaddrError::too_long);
    for (auto rest = bytes; !rest.empty();) TRY_VOID(take_component(rest));
    Multiaddr address;
    address.bytes_ = base::to_byte_string(bytes);
    return address;
}

Multiaddr Multiaddr::tcp_at(SocketAddress const& address) {
    Multiaddr made;
    append_component(made.bytes_, *multiaddr::protocol_by_code(address.ip.v6 ? ip6 : ip4),
                     address.ip.view());
    base::append_varint(made.bytes_, tcp);
    base::append_u16_be(made.bytes_, address.port);
    return made;
}

std::string Multiaddr::text() const {
    std::string out;
    for (base::ByteView rest = bytes_; !rest.empty();) {
        auto const taken = take_component(rest);
        if (!taken) break;  // cannot be: only valid bytes are ever stored
        out.append("/").append(taken->protocol->name);
        if (taken->protocol->form == Form::none) continue;
        if (taken->protocol->form != Form::path) out += '/';  // a path brings its own
        out += multiaddr::value_text(taken->protocol->form, taken->value);
    }
    return out;
}

std::vector<Multiaddr::Component> Multiaddr::components() const {
    std::vector<Component> out;
    for (base::ByteView rest = bytes_; !rest.empty();) {
        auto const taken = take_component(rest);
        if (!taken) break;  // cannot be: only valid bytes are ever stored
        out.push_back({taken->protocol->code, taken->value});
    }
    return out;
}

std::optional<SocketAddress> Multiaddr::socket_address() const {
    auto const parts = components();
    auto const whole = parts.size() == 2 || (parts.size() == 3 && parts[2].code == p2p);
    if (!whole || !is_ip(parts[0].code) || parts[1].code != tcp) return std::nullopt;
    SocketAddress address;
    address.ip.v6 = parts[0].code == ip6;
    std::ranges::copy(parts[0].value, address.ip.bytes.begin());
    address.port = port_of(parts[1].value);
    return address;
}

std::optional<Multiaddr::Name> Multiaddr::dns_name() const {
    auto parts = components();
    if (!parts.empty() && parts.back().code == p2p) parts.pop_back();
    if (parts.size() == 1 && parts[0].code == dnsaddr)
        return Name{dnsaddr, base::as_text(parts[0].value), 0};
    if (parts.size() != 2 || !is_host_name(parts[0].code) || parts[1].code != tcp)
        return std::nullopt;
    return Name{parts[0].code, base::as_text(parts[0].value), port_of(parts[1].value)};
}

std::optional<PeerId> Multiaddr::peer_id() const {
    auto const parts = components();
    if (parts.empty() || parts.back().code != p2p) return std::nullopt;
    auto const id = PeerId::from_bytes(parts.back().value);
    return id ? std::optional(*id) : std::nullopt;
}

Multiaddr Multiaddr::with_peer_id(PeerId const& id) const {
    base::check(!id.empty(), "an address with the id of nobody");
    auto out = without_peer_id();
    append_component(out.bytes_, *multiaddr::protocol_by_code(p2p), id.bytes());
    return out;
}

Multiaddr Multiaddr::without_peer_id() const {
    Multiaddr out;
    base::ByteView kept;  // up to the last component
    for (base::ByteView rest = bytes_; !rest.empty();) {
        kept = base::ByteView(bytes_).first(bytes_.size() - rest.size());
        auto const taken = take_component(rest);
        if (!taken) break;  // cannot be: only valid bytes are ever stored
        if (!rest.empty() || taken->protocol->code != p2p) continue;
        out.bytes_ = base::to_byte_string(kept);
        return out;
    }
    return *this;
}

}  // namespace libp2p
