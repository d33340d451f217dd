#include "runtime/sqlite/store_file.h"

#include "base/bytes.h"
#include "runtime/fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

namespace runtime {

namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::size_t header_bytes = 100;
constexpr std::size_t application_id_at = 68;
// Of the smallest store. A key file is smaller: whatever the configuration says, it is not taken for a damaged store.
constexpr std::int64_t store_bytes_min = 4096;
constexpr std::array<std::string_view, 3> companions{"-wal", "-shm", "-journal"};
constexpr std::string_view aside = ".damaged-";
constexpr int names_max = 100;  // in one second

std::string reason(int error) { return std::generic_category().message(error); }

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// When, and which in that second: of NAME.damaged-SECONDS and NAME.damaged-SECONDS-NUMBER, and nothing else.
using Stamp = std::pair<std::uint64_t, std::uint64_t>;
std::optional<Stamp> stamp_of(std::string_view name, std::string_view store) {
    if (!name.starts_with(store)) return std::nullopt;
    name.remove_prefix(store.size());
    if (!name.starts_with(aside)) return std::nullopt;
    name.remove_prefix(aside.size());
    auto const dash = std::min(name.find('-'), name.size());
    auto const seconds = number_of(name.substr(0, dash));
    auto const number = dash < name.size() ? number_of(name.substr(dash + 1)) : 0;
    if (!seconds || !number) return std::nullopt;
    return Stamp{*seconds, *number};
}

void remove_oldest(std::string const& path, std::size_t kept) {
    namespace fs = std::filesystem;
    fs::path const store(path);
    auto const folder = store.has_parent_path() ? store.parent_path() : fs::path(".");
    std::map<Stamp, std::string> found;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        auto const stamp = stamp_of(at->path().filename().string(), store.filename().string());
        if (stamp) found.emplace(*stamp, at->path().string());
    }
    while (found.size() > kept) {
        auto const oldest = found.begin();
        ::unlink(oldest->second.c_str());
        for (auto const& companion : companions) ::unlink((oldest->second + std::string(companion)).c_str());
        found.erase(oldest);
    }
}

std::string free_name(std::string const& path, std::int64_t unix_seconds) {
    auto const first = path + std::string(aside) + std::to_string(unix_seconds);
    auto name = first;
    struct stat status{};
    for (int i = 1; i < names_max && ::lstat(name.c_str(), &status) == 0; ++i) name = first + "-" + std::to_string(i);
    return name;
}

}  // namespace

FileLook look_at(std::string const& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {.kind = FileKind::absent, .why = {}};
        return {.kind = FileKind::unusable, .why = "cannot be opened: " + reason(errno)};
    }
    if (!S_ISREG(status.st_mode)) return {.kind = FileKind::not_ours, .why = "is no plain file"};
    if (::access(path.c_str(), R_OK | W_OK) != 0) {
        return {.kind = FileKind::unusable, .why = "cannot be written: " + reason(errno)};
    }
    if (status.st_size == 0) return {.kind = FileKind::empty, .why = {}};
    Fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    base::ByteArray<header_bytes> header{};
    if (!file) return {.kind = FileKind::unusable, .why = "cannot be opened: " + reason(errno)};
    auto const got = ::pread(file.get(), header.data(), header.size(), 0);
    if (got < 0) return {.kind = FileKind::unusable, .why = "cannot be read: " + reason(errno)};
    if (base::as_text(base::ByteView(header).first(magic.size())) != magic) {
        if (status.st_size < store_bytes_min) return {.kind = FileKind::not_ours, .why = {}};
        return {.kind = FileKind::garbage, .why = {}};
    }
    std::uint32_t id = 0;
    for (std::size_t i = 0; i < 4; ++i) id = id << 8 | header[application_id_at + i];
    return {.kind = FileKind::database, .application_id = id, .why = {}};
}

base::Result<void, std::string> make_private_file(std::string const& path) {
    Fd const file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file && errno != EEXIST) return base::fail("cannot be created: " + reason(errno));
    return {};
}

base::Result<std::string, std::string> move_aside(std::string const& path, std::int64_t unix_seconds,
                                                  std::size_t kept) {
    auto const name = free_name(path, unix_seconds);
    // The companions first: a journal that stayed would be played into the new file.
    for (auto const& companion : companions) {
        auto const from = path + std::string(companion);
        if (::rename(from.c_str(), (name + std::string(companion)).c_str()) != 0 && errno != ENOENT) {
            return base::fail("cannot be moved aside: " + reason(errno));
        }
    }
    if (::rename(path.c_str(), name.c_str()) != 0) return base::fail("cannot be moved aside: " + reason(errno));
    remove_oldest(path, kept);
    return name;
}

}  // namespace runtime
