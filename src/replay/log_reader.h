// LogReader: the records of a log, in order, from a LogSource.
#pragma once

#include "replay/log_format.h"

#include <memory>
#include <string>

namespace replay {

/// Where a log comes from.
class LogSource {
public:
    virtual ~LogSource() = default;
    /// All bytes of a segment; nullopt when there is none of this number.
    virtual base::Result<std::optional<base::ByteString>, std::string> segment(std::uint64_t number) = 0;
    /// The highest number there is; 0 when there is none.
    virtual std::uint64_t last_segment() const = 0;
    /// What to call it in a message: its file.
    virtual std::string name_of(std::uint64_t number) const = 0;
};

/// Why a log cannot be read, or not further.
struct LogError {
    std::string segment;  // its name
    std::uint64_t offset = 0;
    std::string what;
    std::string text() const;  // "DIR/000002.log, offset 4711: damaged record"
};

class LogReader {
public:
    /// Reads the header of the first segment. `source` must outlive the reader.
    static base::Result<std::unique_ptr<LogReader>, LogError> open(LogSource& source);

    std::string const& build_id() const { return build_id_; }
    base::ByteView setup() const { return setup_; }

    /// The next record; nullopt at the end of the log. An input's bytes lie in the reader until the next call, and
    /// may be altered.
    base::Result<std::optional<Record>, LogError> next();

    enum class End : std::uint8_t {
        closed,    // by the node
        full,      // the recording reached its bound
        open,      // never closed: the node was killed, or died of its last input
        torn,      // as open, and the last record is not whole
    };
    /// How the log ends; after next() said nullopt.
    End end() const { return end_; }
    /// Where the last record stands, or what follows it.
    LogError here(std::string what) const;

private:
    explicit LogReader(LogSource& source) : source_(source) {}
    /// Loads a segment; false when there is none.
    base::Result<bool, LogError> load(std::uint64_t number);
    base::Result<void, LogError> take_header();
    base::Result<bool, LogError> go_on();

    LogSource& source_;
    std::string build_id_;
    base::ByteString setup_;
    base::ByteString segment_;
    std::uint64_t number_ = 0;
    std::size_t offset_ = 0;
    std::uint64_t chain_ = 0;
    std::uint64_t steps_ = 0;
    bool ended_ = false;
    bool segment_ended_ = false;
    End end_ = End::open;
};

}  // namespace replay
