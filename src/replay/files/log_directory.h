// A log as a directory: 000001.log, 000002.log and so on.
//
// DirectorySink writes through a shared mapping of the file: what was appended is in the kernel's hands at once, so a log
// survives the end of its process at any point, and a record costs a copy instead of a system call. The blocks are
// reserved before they are mapped, so that a full disk is an error and not a signal. (RLIMIT_FSIZE is an error only where
// SIGXFSZ is ignored.) Errors of the device itself show later: they are asked for when the next segment ends.
#pragma once

#include "replay/log_reader.h"
#include "replay/log_writer.h"

#include <string>

namespace replay {

class DirectorySink final : public LogSink {
public:
    /// Makes the directory if need be (mode 0700). One that holds a log already is refused.
    static base::Result<std::unique_ptr<DirectorySink>, std::string> open(std::string directory);
    ~DirectorySink() override;
    DirectorySink(DirectorySink const&) = delete;
    DirectorySink& operator=(DirectorySink const&) = delete;

    Done begin_segment(std::uint64_t number) override;  // the file's mode is 0600
    Done append(base::ByteView bytes) override;
    Done end_segment() override;

private:
    explicit DirectorySink(std::string directory) : directory_(std::move(directory)) {}
    Done map_next();
    void unmap();
    Done settle_previous();

    std::string directory_;
    std::string path_;
    int fd_ = -1;
    std::string previous_path_;
    int previous_fd_ = -1;         // the segment before, until the disk is known to have it
    base::MutableBytes window_;    // the mapped part of the file
    std::size_t used_ = 0;         // of the window
    std::uint64_t window_at_ = 0;  // its place in the file
};

class DirectorySource final : public LogSource {
public:
    explicit DirectorySource(std::string directory);
    base::Result<std::optional<base::ByteString>, std::string> segment(std::uint64_t number) override;
    std::uint64_t last_segment() const override { return last_; }
    std::string name_of(std::uint64_t number) const override;

private:
    std::string directory_;
    std::uint64_t last_ = 0;
};

}  // namespace replay
