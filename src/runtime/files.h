// Files. Every error is one line for the user: the path and the reason.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <optional>
#include <string>

namespace runtime {

/// The whole content; an error when it is absent, unreadable, a directory, or of more than
/// `bytes_max` bytes.
base::Result<base::ByteString, std::string> read_file(std::string const& path,
                                                      std::size_t bytes_max);

/// The same, but nullopt when there is no such file.
base::Result<std::optional<base::ByteString>, std::string> read_file_if_present(
    std::string const& path, std::size_t bytes_max);

/// Replaces the file: after a crash there is the old content or the new, never a part. `mode` as
/// for open(2).
base::Result<void, std::string> atomic_write(std::string const& path, base::ByteView bytes,
                                             unsigned mode = 0644);

/// As atomic_write(), but false, and nothing is touched, when the file exists already.
base::Result<bool, std::string> atomic_create(std::string const& path, base::ByteView bytes,
                                              unsigned mode);

/// $XDG_DATA_HOME/minap2p, or ~/.local/share/minap2p; it need not exist.
base::Result<std::string, std::string> data_directory();

/// Makes a directory, for the user only, and those above it.
base::Result<void, std::string> make_directory(std::string const& path);

}  // namespace runtime
