// A store's file in the directory: what it looks like, and moving it aside. Touches only the file, its companions
// (-wal, -shm, -journal) and what it has moved aside itself.
#pragma once

#include "base/result.h"

#include <string>

namespace runtime {

enum class FileKind : std::uint8_t {
    absent,
    empty,
    database,     // begins as one
    garbage,      // does not, but may have been one
    not_ours,     // too small for that, or no plain file
    unusable,     // may not be read or written
};

struct FileLook {
    FileKind kind = FileKind::absent;
    std::uint32_t application_id = 0;  // of a database; as it stands in the header, which may be behind
    std::string why;                   // of unusable, and of what is no plain file
};
FileLook look_at(std::string const& path);

/// Makes an empty file with mode 0600. The error says why not.
base::Result<void, std::string> make_private_file(std::string const& path);

/// Renames the file and its companions to PATH.damaged-SECONDS…, and removes the oldest so that `kept` of those stay.
/// The new name, or why not.
base::Result<std::string, std::string> move_aside(std::string const& path, std::int64_t unix_seconds, std::size_t kept);

}  // namespace runtime
