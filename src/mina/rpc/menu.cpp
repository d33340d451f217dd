#include "mina/rpc/menu.h"

#include "mina/binprot/writer.h"

#include <algorithm>

namespace mina::rpc {
namespace {

using binprot::Width;

void write_menu(std::vector<MenuEntry> const& entries, binprot::Writer& writer) {
    writer.put_count(entries.size());
    for (auto const& entry : entries) {
        writer.put_string(base::as_bytes(entry.tag));
        writer.put_integer(entry.version);
    }
}

}  // namespace

std::string_view to_string(MenuError error) {
    switch (error) {
        case MenuError::malformed: return "malformed menu";
        case MenuError::too_many_entries: return "too many entries in a menu";
        case MenuError::tag_too_long: return "a tag too long in a menu";
        case MenuError::bad_version: return "a version below 0 in a menu";
        case MenuError::duplicate: return "an entry twice in a menu";
    }
    return "?";
}

base::Result<std::vector<MenuEntry>, MenuError> decode_menu(base::ByteView bytes) {
    binprot::Reader reader(bytes);
    std::size_t count = 0;
    if (!reader.count(count, 2)) return base::fail(MenuError::malformed);
    if (count > menu_entries_max) return base::fail(MenuError::too_many_entries);
    std::vector<MenuEntry> entries;
    entries.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        base::ByteView tag;
        MenuEntry entry;
        auto const is_read = reader.string(tag) && reader.integer<Width::int63>(entry.version);
        if (!is_read) return base::fail(MenuError::malformed);
        if (tag.size() > menu_tag_bytes_max) return base::fail(MenuError::tag_too_long);
        if (entry.version < 0) return base::fail(MenuError::bad_version);
        entry.tag = base::as_text(tag);
        entries.push_back(std::move(entry));
    }
    if (!reader.finish()) return base::fail(MenuError::malformed);
    auto sorted = entries;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end()) return base::fail(MenuError::duplicate);
    return entries;
}

base::ByteString encode_menu(std::vector<MenuEntry> const& entries) {
    binprot::Writer counting({});
    write_menu(entries, counting);
    base::ByteString bytes(counting.size());
    binprot::Writer writer(bytes);
    write_menu(entries, writer);
    return bytes;
}

std::vector<MenuEntry> menu_of(std::vector<Method> const& served, messages::Format format) {
    std::vector<MenuEntry> entries;
    for (auto const& info : methods()) {
        if (info.method == Method::menu || std::ranges::find(served, info.method) == served.end()) continue;
        for (auto const version : versions_of(info, format)) {
            if (version != 0) entries.push_back({std::string(info.tag), version});
        }
    }
    return entries;
}

}  // namespace mina::rpc
