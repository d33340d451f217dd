#include "libp2p/wire/multiaddr_protocols.h"

#include "base/text.h"
#include "base/varint.h"
#include "base/writer.h"
#include "libp2p/wire/address.h"
#include "libp2p/wire/peer_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace libp2p::multiaddr {

namespace {

// Codes of the multicodec table. Sorted by nothing: some thirty entries are searched as quickly as
// any tree.
constexpr std::array protocols{
    Protocol{4, "ip4", Form::ip4},
    Protocol{6, "tcp", Form::port},
    Protocol{41, "ip6", Form::ip6},
    Protocol{42, "ip6zone", Form::name},
    Protocol{53, "dns", Form::name},
    Protocol{54, "dns4", Form::name},
    Protocol{55, "dns6", Form::name},
    Protocol{56, "dnsaddr", Form::name},
    Protocol{273, "udp", Form::port},
    Protocol{280, "webrtc-direct", Form::none},
    Protocol{281, "webrtc", Form::none},
    Protocol{290, "p2p-circuit", Form::none},
    Protocol{400, "unix", Form::path},
    Protocol{421, "p2p", Form::peer_id},
    Protocol{443, "https", Form::none},
    Protocol{445, "onion3", Form::onion3},
    Protocol{448, "tls", Form::none},
    Protocol{449, "sni", Form::name},
    Protocol{454, "noise", Form::none},
    Protocol{460, "quic", Form::none},
    Protocol{461, "quic-v1", Form::none},
    Protocol{465, "webtransport", Form::none},
    Protocol{466, "certhash", Form::certhash},
    Protocol{477, "ws", Form::none},
    Protocol{478, "wss", Form::none},
    Protocol{480, "http", Form::none},
};

constexpr std::size_t name_characters_max = 253;  // of a DNS name, RFC 1035
constexpr std::size_t digest_bytes_max = 64;
constexpr std::size_t onion3_key_bytes = 35;
constexpr std::size_t onion3_key_characters = 56;

// Visible ASCII without the slash that would begin the next component. What else came from a peer
// could not be printed and read back, or would deceive a reader of a log.
bool is_name(base::ByteView value) {
    return !value.empty() && value.size() <= name_characters_max &&
           std::ranges::all_of(value,
                               [](std::uint8_t c) { return c > 0x20 && c < 0x7f && c != '/'; });
}

bool is_path(base::ByteView value) {
    return value.size() >= 2 && value[0] == '/' &&
           std::ranges::all_of(value, [](std::uint8_t c) { return c >= 0x20 && c < 0x7f; });
}

// spec: multiformats/multihash "<varint hash function code><varint digest size><digest>", minimal
// varints
bool is_multihash(base::ByteView value) {
    auto const code = base::read_varint(value);
    if (!code.varint || code.varint->size != base::varint_size(code.varint->value)) return false;
    value = value.subspan(code.varint->size);
    auto const size = base::read_varint(value);
    if (!size.varint || size.varint->size != base::varint_size(size.varint->value)) return false;
    return size.varint->value <= digest_bytes_max &&
           value.size() == size.varint->size + size.varint->value;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    unsigned value = 0;
    for (auto const c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(value);
}

unsigned port_at(base::ByteView value) { return static_cast<unsigned>(value[0] << 8 | value[1]); }

// Multibase "u": base64 with - and _ for + and /, without padding.
std::string to_base64url(base::ByteView value) {
    auto text = base::to_base64(value);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    text.erase(std::min(text.find('='), text.size()));
    return text;
}

std::optional<base::ByteString> from_base64url(std::string_view url) {
    if (url.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
    std::string text(url);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return base::from_base64(text);
}

std::optional<base::ByteString> from_multibase(std::string_view text) {
    if (text.empty()) return std::nullopt;
    auto const body = text.substr(1);
    switch (text[0]) {
        case 'u': return from_base64url(body);
        case 'b': return base::from_base32(body);
        case 'z': return base::from_base58(body);
        case 'f': return base::from_hex(body);
        default: return std::nullopt;
    }
}

std::string to_base32(base::ByteView bytes) {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    std::string text;
    unsigned buffer = 0;
    unsigned bits = 0;
    for (auto const byte : bytes) {
        buffer = (buffer << 8 | byte) & 0xFFF;
        for (bits += 8; bits >= 5;) {
            bits -= 5;
            text.push_back(alphabet[buffer >> bits & 31]);
        }
    }
    return text;  // an onion key is 56 characters to the bit
}

std::optional<base::ByteString> parse_onion3(std::string_view text) {
    auto const colon = text.find(':');
    if (colon != onion3_key_characters) return std::nullopt;
    auto bytes = base::from_base32(text.substr(0, colon));
    auto const port = parse_port(text.substr(colon + 1));
    if (!bytes || bytes->size() != onion3_key_bytes || !port || *port == 0) return std::nullopt;
    base::append_u16_be(*bytes, *port);
    return bytes;
}

std::optional<base::ByteString> parse_ip(std::string_view text, bool v6) {
    auto const ip = IpAddress::parse(text);
    if (!ip || ip->v6 != v6) return std::nullopt;
    return base::to_byte_string(ip->view());
}

}  // namespace

Protocol const* protocol_by_code(std::uint64_t code) {
    auto const at = std::ranges::find(protocols, code, &Protocol::code);
    return at == protocols.end() ? nullptr : &*at;
}

Protocol const* protocol_by_name(std::string_view name) {
    if (name == "ipfs") name = "p2p";
    auto const at = std::ranges::find(protocols, name, &Protocol::name);
    return at == protocols.end() ? nullptr : &*at;
}

bool is_counted(Form form) {
    return form == Form::name || form == Form::path || form == Form::peer_id ||
           form == Form::certhash;
}

std::size_t fixed_bytes(Form form) {
    switch (form) {
        case Form::ip4: return 4;
        case Form::ip6: return 16;
        case Form::port: return 2;
        case Form::onion3: return onion3_key_bytes + 2;
        case Form::none:
        case Form::name:
        case Form::path:
        case Form::peer_id:
        case Form::certhash: return 0;
    }
    return 0;
}

bool is_value(Form form, base::ByteView value) {
    switch (form) {
        case Form::none:
        case Form::ip4:
        case Form::ip6:
        case Form::port: return value.size() == fixed_bytes(form);
        case Form::onion3:
            return value.size() == fixed_bytes(form) &&
                   port_at(value.subspan(onion3_key_bytes)) != 0;
        case Form::name: return is_name(value);
        case Form::path: return is_path(value);
        case Form::peer_id: return PeerId::from_bytes(value).has_value();
        case Form::certhash: return is_multihash(value);
    }
    return false;
}

std::string value_text(Form form, base::ByteView value) {
    switch (form) {
        case Form::none: return {};
        case Form::ip4: return IpAddress::v4(value[0], value[1], value[2], value[3]).text();
        case Form::ip6: {
            IpAddress ip{.v6 = true};
            std::ranges::copy(value, ip.bytes.begin());
            return ip.text();
        }
        case Form::port: return fmt::to_string(port_at(value));
        case Form::name:
        case Form::path: return std::string(base::as_text(value));
        case Form::peer_id: return base::to_base58(value);
        case Form::certhash: return "u" + to_base64url(value);
        case Form::onion3:
            return fmt::format("{}:{}", to_base32(value.first(onion3_key_bytes)),
                               port_at(value.subspan(onion3_key_bytes)));
    }
    return {};
}

std::optional<base::ByteString> value_of(Form form, std::string_view text) {
    std::optional<base::ByteString> value;
    switch (form) {
        case Form::none: return base::ByteString();
        case Form::ip4: return parse_ip(text, false);
        case Form::ip6: return parse_ip(text, true);
        case Form::port: {
            auto const port = parse_port(text);
            if (!port) return std::nullopt;
            value.emplace();
            base::append_u16_be(*value, *port);
            return value;
        }
        case Form::onion3: return parse_onion3(text);
        case Form::name:
        case Form::path: value = base::to_byte_string(base::as_bytes(text)); break;
        case Form::peer_id: {
            auto const id = PeerId::from_text(text);
            if (!id) return std::nullopt;
            return base::to_byte_string(id->bytes());
        }
        case Form::certhash: value = from_multibase(text); break;
    }
    if (!value || !is_value(form, *value)) return std::nullopt;
    return value;
}

}  // namespace libp2p::multiaddr
