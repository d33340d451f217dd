// Identity keys in files. Read are three forms, told apart by their content:
//
//   binary  libp2p's protobuf of a private key; what we write
//   JSON    Mina's: the text form, encrypted (argon2i, XSalsa20-Poly1305) with a password, which is
//           in the environment: $MINA_LIBP2P_PASS
//   text    Mina's: base64(private key),base64(public key),peer id
//
// Errors are one line with the path, the reason and what to do; they never quote the content.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/keys.h"

#include <optional>
#include <string>

namespace runtime {

inline constexpr char const* key_password_variable = "MINA_LIBP2P_PASS";

struct LoadedKey {
    crypto::PrivateKey key;
    bool created = false;
    std::string warning;  // for the user, when not empty: others may read the file
};

/// Reads the file; makes it, and the directories above it, with a new Ed25519 key and mode 0600
/// when there is none. Of two programs that do so at once, both get the same key.
base::Result<LoadedKey, std::string> load_or_create_key(std::string const& path);

/// Reads the file, which must exist.
base::Result<LoadedKey, std::string> load_key(std::string const& path);

/// The key in a file's content, or why there is none (without a path). Takes about a second and the
/// memory that the content asks for, of at most 1 GiB, when it is encrypted.
base::Result<crypto::PrivateKey, std::string> parse_key(base::ByteView content,
                                                        std::optional<std::string> const& password);

}  // namespace runtime
