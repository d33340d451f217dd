#include "replay/files/log_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace replay {

namespace {

constexpr std::size_t window_bytes = 1024 * 1024;
constexpr std::uint64_t segment_bytes_read_max = std::uint64_t{1} << 32;

std::string path_of(std::string const& directory, std::uint64_t number) {
    return fmt::format("{}/{:06}.log", directory, number);
}

std::unexpected<std::string> failed(std::string_view what, std::string const& path, int error) {
    return base::fail(fmt::format("cannot {} {}: {}", what, path, std::strerror(error)));
}

/// The number of the last segment in a directory; 0 when there is none, or no directory.
std::uint64_t last_in(std::string const& directory) {
    std::uint64_t last = 0;
    auto* const open = ::opendir(directory.c_str());
    if (open == nullptr) return 0;
    while (auto const* entry = ::readdir(open)) {
        std::string_view const name = entry->d_name;
        std::uint64_t number = 0;
        auto const [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc() && std::string_view(end) == ".log") last = std::max(last, number);
    }
    ::closedir(open);
    return last;
}

struct OpenFile {
    int fd = -1;
    ~OpenFile() {
        if (fd >= 0) ::close(fd);
    }
};

}  // namespace

base::Result<std::unique_ptr<DirectorySink>, std::string> DirectorySink::open(std::string directory) {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", directory, errno);
    if (last_in(directory) != 0) return base::fail(directory + " holds a log already");
    return std::unique_ptr<DirectorySink>(new DirectorySink(std::move(directory)));
}

DirectorySink::~DirectorySink() {
    static_cast<void>(end_segment());
    static_cast<void>(settle_previous());
}

LogSink::Done DirectorySink::begin_segment(std::uint64_t number) {
    TRY_VOID(end_segment());
    path_ = path_of(directory_, number);
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd_ < 0) return failed("make", path_, errno);
    window_at_ = 0;
    return {};
}

LogSink::Done DirectorySink::append(base::ByteView bytes) {
    while (!bytes.empty()) {
        if (used_ == window_.size()) TRY_VOID(map_next());
        auto const part = bytes.first(std::min(bytes.size(), window_.size() - used_));
        std::memcpy(window_.data() + used_, part.data(), part.size());
        used_ += part.size();
        bytes = bytes.subspan(part.size());
    }
    return {};
}

LogSink::Done DirectorySink::map_next() {
    auto const at = window_at_ + used_;
    unmap();
    window_at_ = at;
    auto const offset = static_cast<off_t>(at);
    if (auto const error = ::posix_fallocate(fd_, offset, window_bytes); error != 0) return failed("write", path_, error);
    auto* const mapped = ::mmap(nullptr, window_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, offset);
    if (mapped == MAP_FAILED) return failed("map", path_, errno);
    window_ = {static_cast<std::uint8_t*>(mapped), window_bytes};
    return {};
}

void DirectorySink::unmap() {
    if (!window_.empty()) ::munmap(window_.data(), window_.size());
    window_ = {};
    used_ = 0;
}

LogSink::Done DirectorySink::end_segment() {
    if (fd_ < 0) return {};
    auto const size = static_cast<off_t>(window_at_ + used_);
    unmap();
    window_at_ = 0;
    TRY_VOID(settle_previous());
    previous_fd_ = std::exchange(fd_, -1);
    previous_path_ = path_;
    if (::ftruncate(previous_fd_, size) != 0) return failed("write", path_, errno);
    // Starts the writing and does not wait for it: the node goes on.
    ::sync_file_range(previous_fd_, 0, 0, SYNC_FILE_RANGE_WRITE);
    return {};
}

/// The segment before was written out while this one was filled, so this seldom waits; only now its errors are known.
LogSink::Done DirectorySink::settle_previous() {
    if (previous_fd_ < 0) return {};
    OpenFile const file{std::exchange(previous_fd_, -1)};
    if (::fdatasync(file.fd) != 0) return failed("write", previous_path_, errno);
    return {};
}

DirectorySource::DirectorySource(std::string directory) : directory_(std::move(directory)), last_(last_in(directory_)) {}

std::string DirectorySource::name_of(std::uint64_t number) const { return path_of(directory_, number); }

base::Result<std::optional<base::ByteString>, std::string> DirectorySource::segment(std::uint64_t number) {
    auto const path = path_of(directory_, number);
    OpenFile const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.fd < 0 && errno == ENOENT) return std::nullopt;
    if (file.fd < 0) return failed("open", path, errno);
    struct stat about {};
    if (::fstat(file.fd, &about) != 0) return failed("read", path, errno);
    auto const size = static_cast<std::uint64_t>(about.st_size);
    if (!S_ISREG(about.st_mode) || size > segment_bytes_read_max) return base::fail("cannot read " + path + ": not a log");
    base::ByteString bytes(static_cast<std::size_t>(size));
    std::size_t got = 0;
    while (got < bytes.size()) {
        auto const read = ::read(file.fd, bytes.data() + got, bytes.size() - got);
        if (read < 0 && errno == EINTR) continue;
        if (read < 0) return failed("read", path, errno);
        if (read == 0) break;
        got += static_cast<std::size_t>(read);
    }
    bytes.resize(got);
    return std::optional(std::move(bytes));
}

}  // namespace replay
