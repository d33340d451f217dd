// Mina's encrypted key files. For this folder's own use.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>

namespace runtime {

/// The plaintext of a key file of the OCaml node: JSON of box_primitive "xsalsa20poly1305" and
/// pw_primitive "argon2i". The caller wipes it.
base::Result<std::string, std::string> decrypt_key(std::string_view json,
                                                   std::optional<std::string> const& password);

}  // namespace runtime
