#include "replay/log_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace replay {

std::string LogError::text() const { return fmt::format("{}, offset {}: {}", segment, offset, what); }

LogError LogReader::here(std::string what) const { return {source_.name_of(number_), offset_, std::move(what)}; }

base::Result<std::unique_ptr<LogReader>, LogError> LogReader::open(LogSource& source) {
    auto reader = std::unique_ptr<LogReader>(new LogReader(source));
    TRY(auto const found, reader->load(1));
    if (!found) return base::fail(reader->here("there is no such file"));
    return reader;
}

base::Result<bool, LogError> LogReader::load(std::uint64_t number) {
    number_ = number;
    offset_ = 0;
    auto loaded = source_.segment(number);
    if (!loaded) return base::fail(here(loaded.error()));
    if (!*loaded) return false;
    // A crash came between the making of the segment and its header.
    auto const is_zero = [](std::uint8_t byte) { return byte == 0; };
    if (number > 1 && number == source_.last_segment() && std::ranges::all_of(**loaded, is_zero)) return false;
    segment_ = std::move(**loaded);
    TRY_VOID(take_header());
    return true;
}

base::Result<void, LogError> LogReader::take_header() {
    auto parsed = parse_header(segment_);
    if (!parsed) {
        switch (parsed.error()) {
            case HeaderError::not_a_log: return base::fail(here("not a log of a node"));
            case HeaderError::other_version:
                return base::fail(here(fmt::format("a log of version {}; this program reads version {}",
                                                   version_of(segment_), log_version)));
            case HeaderError::damaged: return base::fail(here("damaged header"));
        }
    }
    auto& header = parsed->header;
    if (header.number != number_) return base::fail(here(fmt::format("this is segment {}", header.number)));
    if (header.chain_before != chain_ || header.first_step != steps_ + 1) {
        return base::fail(here("a segment of another log"));
    }
    if (number_ == 1) {
        build_id_ = std::move(header.build_id);
        setup_ = std::move(header.setup);
    }
    chain_ = parsed->chain;
    offset_ = parsed->size;
    return {};
}

/// To the next segment; false when the recording did not get as far.
base::Result<bool, LogError> LogReader::go_on() {
    auto const last = source_.last_segment();
    TRY(auto const found, load(number_ + 1));
    if (!found && number_ < last) return base::fail(here("the log goes on in this file, which is missing"));
    return found;
}

base::Result<std::optional<Record>, LogError> LogReader::next() {
    if (ended_) return std::nullopt;
    if (std::exchange(segment_ended_, false)) {
        TRY(auto const found, go_on());
        if (!found) {
            ended_ = true;
            return std::nullopt;
        }
    }
    auto const parsed = parse_record(base::MutableBytes(segment_).subspan(offset_), chain_);
    if (!parsed && parsed.error() == RecordFault::damaged) return base::fail(here("damaged record"));
    if (!parsed || !*parsed) {
        if (number_ < source_.last_segment()) return base::fail(here("damaged: the segment ends here, the log does not"));
        ended_ = true;
        end_ = parsed ? End::open : End::torn;
        return std::nullopt;
    }
    auto const& record = (*parsed)->record;
    offset_ += (*parsed)->size;
    if (std::holds_alternative<StepRecord>(record.body)) ++steps_;
    if (auto const* end = std::get_if<EndKind>(&record.body)) {
        if (*end == EndKind::continues) {
            segment_ended_ = true;
        } else {
            ended_ = true;
            end_ = *end == EndKind::closed ? End::closed : End::full;
        }
    }
    return record;
}

}  // namespace replay
