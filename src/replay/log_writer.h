// LogWriter: makes the records of a log and gives them to a LogSink, segment by segment.
//
// The first error of the sink, or the bound on the whole log, ends the recording: it is told once, by `on_stopped`, and
// the node goes on without.
#pragma once

#include "replay/log_format.h"

#include <functional>
#include <string>

namespace replay {

/// Where a log goes. Errors are texts for people; after one, nothing but end() is called.
class LogSink {
public:
    using Done = base::Result<void, std::string>;
    virtual ~LogSink() = default;
    /// Opens a segment; the one before is ended.
    virtual Done begin_segment(std::uint64_t number) = 0;
    /// Appends to it. What is appended survives the end of this process.
    virtual Done append(base::ByteView bytes) = 0;
    /// Ends the segment; harmless when none is open.
    virtual Done end_segment() = 0;
};

struct LogOptions {
    std::string build_id;
    base::ByteString setup;                                    // all that makes the same core again; opaque here
    std::uint64_t segment_bytes_max = 64 * 1024 * 1024;        // a segment ends behind the step that reaches this
    std::uint64_t log_bytes_max = 0;                           // 0: no bound; else the recording ends behind it
    /// A digest is due after so many steps, but not sooner than the first time after the last one, and after the second
    /// time in any case: what it costs is in proportion to the state, not to the step.
    std::uint64_t digest_steps = 4096;
    base::Duration digest_time_min = std::chrono::seconds(1);
    base::Duration digest_time_max = std::chrono::seconds(10);
    /// Told once, when the recording ends before close(): why.
    std::function<void(std::string const&)> on_stopped = nullptr;
};

class LogWriter {
public:
    /// Opens the first segment. `sink` must outlive the writer.
    LogWriter(LogOptions options, LogSink& sink);
    LogWriter(LogWriter const&) = delete;
    LogWriter& operator=(LogWriter const&) = delete;

    /// Before a step: its input.
    void input(base::Instant now, libp2p::Input const& input);
    /// After the step: what hash_effects() made of its effects.
    void effects(std::uint32_t hash) { effects_ = hash; }
    /// After effects(): whether digest() should come now.
    bool wants_digest() const;
    /// The digest of the state after the last step.
    void digest(base::Digest const& digest);
    /// The end; the last digest should have come before.
    void close();

    bool recording() const { return recording_; }
    std::uint64_t steps() const { return steps_; }
    std::uint64_t bytes() const { return bytes_before_ + segment_bytes_; }

private:
    void begin_segment(std::uint64_t chain_before);
    void write();
    void end(EndKind kind);
    void stop(std::string const& why);

    LogOptions options_;
    LogSink& sink_;
    base::ByteString scratch_;
    bool recording_ = true;
    std::uint64_t chain_ = 0;
    std::uint32_t effects_ = 0;
    base::Instant now_;
    base::Instant digest_at_;
    std::uint64_t digest_step_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t segment_ = 0;
    std::uint64_t segment_bytes_ = 0;
    std::uint64_t bytes_before_ = 0;  // in the segments before
};

}  // namespace replay
