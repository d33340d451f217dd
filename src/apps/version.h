// What this program was built from.
#pragma once

#include <string>

namespace apps {

/// "minap2p 0.1.0 (commit)"; names the build in recordings.
std::string build_id();
/// Version, commit, compiler and libraries, a line each.
std::string version_text();

}  // namespace apps
