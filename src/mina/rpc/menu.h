// The menu of __Versioned_rpc: the methods that a node serves, each with a version.
// spec: Async_rpc_kernel Versioned_rpc
#pragma once

#include "base/result.h"
#include "mina/rpc/methods.h"

#include <string>
#include <vector>

namespace mina::rpc {

struct MenuEntry {
    std::string tag;
    std::int64_t version = 0;
    auto operator<=>(MenuEntry const&) const = default;
};

enum class MenuError : std::uint8_t { malformed, too_many_entries, tag_too_long, bad_version, duplicate };
std::string_view to_string(MenuError error);

inline constexpr std::size_t menu_entries_max = 256;
inline constexpr std::size_t menu_tag_bytes_max = 128;

base::Result<std::vector<MenuEntry>, MenuError> decode_menu(base::ByteView bytes);
base::ByteString encode_menu(std::vector<MenuEntry> const& entries);

/// What a node of the format that serves these methods offers.
std::vector<MenuEntry> menu_of(std::vector<Method> const& served, messages::Format format);

}  // namespace mina::rpc
