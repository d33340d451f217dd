// nearest(): which of several words a mistyped one most likely was.
#pragma once

#include <span>
#include <string_view>

namespace base {

/// The word with the least edit distance; the first of equals. Requires words not empty.
std::string_view nearest(std::string_view typed, std::span<std::string_view const> words);

}  // namespace base
