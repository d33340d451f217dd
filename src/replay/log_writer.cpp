#include "replay/log_writer.h"

#include <fmt/format.h>

namespace replay {

namespace {

// A scratch buffer that one large Publish made grow is given back.
constexpr std::size_t scratch_bytes_kept = 256 * 1024;

}  // namespace

LogWriter::LogWriter(LogOptions options, LogSink& sink) : options_(std::move(options)), sink_(sink) {
    scratch_.reserve(scratch_bytes_kept);
    begin_segment(0);
}

void LogWriter::begin_segment(std::uint64_t chain_before) {
    ++segment_;
    bytes_before_ += std::exchange(segment_bytes_, 0);
    if (auto const begun = sink_.begin_segment(segment_); !begun) return stop(begun.error());
    SegmentHeader const header{segment_, steps_ + 1, chain_before, options_.build_id,
                               segment_ == 1 ? options_.setup : base::ByteString()};
    scratch_.clear();
    chain_ = append_header(scratch_, header);
    write();
}

void LogWriter::input(base::Instant now, libp2p::Input const& input) {
    if (!recording_) return;
    auto const time = static_cast<std::uint64_t>(now.nanoseconds) - static_cast<std::uint64_t>(now_.nanoseconds);
    if (steps_ == 0) digest_at_ = now;
    now_ = now;
    ++steps_;
    scratch_.clear();
    append_step(scratch_, effects_, time, input, chain_);
    write();
    if (scratch_.capacity() > scratch_bytes_kept) {
        scratch_ = {};
        scratch_.reserve(scratch_bytes_kept);
    }
}

bool LogWriter::wants_digest() const {
    if (!recording_) return false;
    if (segment_bytes_ >= options_.segment_bytes_max) return true;
    if (options_.log_bytes_max != 0 && bytes() >= options_.log_bytes_max) return true;
    auto const time = now_ - digest_at_;
    if (steps_ - digest_step_ >= options_.digest_steps && time >= options_.digest_time_min) return true;
    return time >= options_.digest_time_max;
}

void LogWriter::digest(base::Digest const& digest) {
    if (!recording_) return;
    digest_at_ = now_;
    digest_step_ = steps_;
    scratch_.clear();
    append_digest(scratch_, effects_, digest, chain_);
    write();
    if (!recording_) return;
    if (options_.log_bytes_max != 0 && bytes() >= options_.log_bytes_max) {
        end(EndKind::full);
        return stop(fmt::format("the log has reached its bound of {} bytes", options_.log_bytes_max));
    }
    if (segment_bytes_ >= options_.segment_bytes_max) {
        end(EndKind::continues);
        if (recording_) begin_segment(chain_);
    }
}

void LogWriter::close() {
    if (!recording_) return;
    end(EndKind::closed);
    recording_ = false;
}

void LogWriter::write() {
    if (auto const appended = sink_.append(scratch_); !appended) return stop(appended.error());
    segment_bytes_ += scratch_.size();
}

void LogWriter::end(EndKind kind) {
    scratch_.clear();
    append_end(scratch_, effects_, kind, chain_);
    write();
    if (!recording_) return;
    if (auto const ended = sink_.end_segment(); !ended) stop(ended.error());
}

void LogWriter::stop(std::string const& why) {
    if (!std::exchange(recording_, false)) return;
    // It failed already, or is ended: the first reason is told.
    static_cast<void>(sink_.end_segment());
    if (options_.on_stopped) options_.on_stopped(why);
}

}  // namespace replay
