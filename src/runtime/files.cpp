#include "runtime/files.h"

#include "base/text.h"
#include "runtime/entropy.h"
#include "runtime/fd.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace runtime {

namespace {

std::string why(std::string const& path, std::string_view what, int error) {
    return path + ": " + std::string(what) + ": " + std::generic_category().message(error);
}

std::string parent_of(std::string const& path) {
    auto const slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

int write_all(int fd, base::ByteView bytes) {
    while (!bytes.empty()) {
        auto const wrote = ::write(fd, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return errno;
        bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return ::fsync(fd) == 0 ? 0 : errno;
}

/// Writes the content to a new file beside `path`, on the disk before its name is changed.
base::Result<std::string, std::string> write_beside(std::string const& path, base::ByteView bytes,
                                                    unsigned mode) {
    auto const random = random_seed();
    auto const temporary = path + ".new-" + base::to_hex(base::ByteView(random).first(6));
    Fd const file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                         static_cast<mode_t>(mode)));
    if (!file) return base::fail(why(path, "cannot be created", errno));
    if (auto const error = write_all(file.get(), bytes); error != 0) {
        ::unlink(temporary.c_str());
        return base::fail(why(path, "cannot be written", error));
    }
    return temporary;
}

/// A name is on the disk when its directory is. Some file systems refuse this; there is no more to
/// be done then.
void sync_directory(std::string const& path) {
    Fd const directory(::open(parent_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());
}

/// Renames unless the new name is taken: 0, or an errno such as EEXIST.
int rename_new(std::string const& from, std::string const& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // A file system that cannot: a second name does the same.
    if (::link(from.c_str(), to.c_str()) != 0) return errno;
    ::unlink(from.c_str());
    return 0;
}

}  // namespace

base::Result<std::optional<base::ByteString>, std::string> read_file_if_present(
    std::string const& path, std::size_t bytes_max) {
    Fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file && errno == ENOENT) return std::nullopt;
    if (!file) return base::fail(why(path, "cannot be opened", errno));
    base::ByteString content;
    base::ByteString piece(64 * 1024);
    while (true) {
        auto const got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return base::fail(why(path, "cannot be read", errno));
        if (got == 0) return content;
        base::append(content, base::ByteView(piece).first(static_cast<std::size_t>(got)));
        if (content.size() > bytes_max) {
            return base::fail(path + ": is too large: more than " + std::to_string(bytes_max) +
                              " bytes");
        }
    }
}

base::Result<base::ByteString, std::string> read_file(std::string const& path,
                                                      std::size_t bytes_max) {
    TRY(auto content, read_file_if_present(path, bytes_max));
    if (!content) return base::fail(why(path, "cannot be opened", ENOENT));
    return std::move(*content);
}

base::Result<void, std::string> atomic_write(std::string const& path, base::ByteView bytes,
                                             unsigned mode) {
    TRY(auto const temporary, write_beside(path, bytes, mode));
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        auto const error = errno;
        ::unlink(temporary.c_str());
        return base::fail(why(path, "cannot be replaced", error));
    }
    sync_directory(path);
    return {};
}

base::Result<bool, std::string> atomic_create(std::string const& path, base::ByteView bytes,
                                              unsigned mode) {
    TRY(auto const temporary, write_beside(path, bytes, mode));
    auto const error = rename_new(temporary, path);
    if (error != 0) ::unlink(temporary.c_str());
    if (error == EEXIST) return false;
    if (error != 0) return base::fail(why(path, "cannot be created", error));
    sync_directory(path);
    return true;
}

base::Result<std::string, std::string> data_directory() {
    // The XDG specification has relative paths ignored.
    if (char const* const data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/') {
        return std::string(data) + "/minap2p";
    }
    char const* home = std::getenv("HOME");
    if (home == nullptr || home[0] != '/') {
        auto const* const user = ::getpwuid(::getuid());
        home = user != nullptr ? user->pw_dir : nullptr;
    }
    if (home == nullptr || home[0] != '/') {
        return base::fail(std::string("there is no home directory: set HOME or XDG_DATA_HOME"));
    }
    return std::string(home) + "/.local/share/minap2p";
}

base::Result<void, std::string> make_directory(std::string const& path) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        auto const part = path.substr(0, end);
        if (!part.empty() && ::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
            auto const error = errno;
            struct stat status{};
            if (::stat(part.c_str(), &status) != 0) {
                return base::fail(why(part, "cannot be created", error));
            }
        }
        if (end == std::string::npos) break;
    }
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return base::fail(why(path, "cannot be created", errno));
    }
    if (!S_ISDIR(status.st_mode)) return base::fail(path + ": is not a directory");
    return {};
}

}  // namespace runtime
