// The components a multiaddr may have: their codes, names and sizes, and their values as text.
#pragma once

#include "base/bytes.h"

#include <optional>

namespace libp2p::multiaddr {

enum class Form : std::uint8_t { none, ip4, ip6, port, name, path, peer_id, certhash, onion3 };

struct Protocol {
    std::uint32_t code = 0;
    std::string_view name;
    Form form = Form::none;
};

/// Null for an unknown one. "ipfs" is another name of "p2p".
Protocol const* protocol_by_code(std::uint64_t code);
Protocol const* protocol_by_name(std::string_view name);

/// Whether a value of this form has a length before it, and if not, how many bytes it has.
bool is_counted(Form form);
std::size_t fixed_bytes(Form form);

/// Whether the bytes are a value of this form.
bool is_value(Form form, base::ByteView value);
/// Requires is_value(form, value). A path comes with its leading slash.
std::string value_text(Form form, base::ByteView value);
/// nullopt for what is not a value of this form.
std::optional<base::ByteString> value_of(Form form, std::string_view text);

}  // namespace libp2p::multiaddr
