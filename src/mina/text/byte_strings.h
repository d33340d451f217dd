// Strings of any bytes as text.
#pragma once

#include "base/bytes.h"

#include <optional>

namespace mina::text {

/// RFC 4648 base64 with '-' and '_', padded.
std::string to_base64url(base::ByteView bytes);
std::optional<base::ByteString> from_base64url(std::string_view text);

/// Graphic ASCII as it is, any other byte as \xNN in lower case: space too, and a backslash as \x5c.
// mina: other implementations leave a backslash as it is, so that what they write has two readings.
std::string escape_bytes(base::ByteView bytes);
/// \xNN is a byte, any other character its own; a backslash that no x follows too. nullopt for \x without two digits.
std::optional<base::ByteString> unescape_bytes(std::string_view text);

/// As OCaml's String.escaped, without quotation marks: printable ASCII as it is but for \" and \\, \n \t \b \r,
/// any other byte as \NNN in decimal.
std::string to_ocaml_string(base::ByteView bytes);
/// Those, and \xHH, \' and a backslash before a space. nullopt for another escape.
std::optional<base::ByteString> from_ocaml_string(std::string_view text);

/// Whether the bytes are well-formed UTF-8 (Unicode, table 3-7).
bool is_utf8(base::ByteView bytes);

}  // namespace mina::text
