// Bytes as text: hex, base58btc (Bitcoin's alphabet), base64 (RFC 4648 with padding), base32 (RFC 4648, lower case).
#pragma once

#include "base/bytes.h"

#include <optional>

namespace base {

std::string to_hex(ByteView bytes);
/// Upper or lower case; nullopt for an odd count or another character.
std::optional<ByteString> from_hex(std::string_view text);

std::string to_base58(ByteView bytes);
/// nullopt for a character outside the alphabet or a text of over 1,024 characters (the work is quadratic).
std::optional<ByteString> from_base58(std::string_view text);

std::string to_base64(ByteView bytes);
std::optional<ByteString> from_base64(std::string_view text);

/// Without padding.
std::optional<ByteString> from_base32(std::string_view text);

}  // namespace base
