// MemoryLog: a log in memory, to be written and read. For tests and the simulator.
#pragma once

#include "replay/log_reader.h"
#include "replay/log_writer.h"

namespace replay {

class MemoryLog final : public LogSink, public LogSource {
public:
    Done begin_segment(std::uint64_t) override {
        segments.emplace_back();
        return {};
    }
    Done append(base::ByteView bytes) override {
        base::append(segments.back(), bytes);
        return {};
    }
    Done end_segment() override { return {}; }

    base::Result<std::optional<base::ByteString>, std::string> segment(std::uint64_t number) override {
        if (number == 0 || number > segments.size()) return std::nullopt;
        return segments[number - 1];
    }
    std::uint64_t last_segment() const override { return segments.size(); }
    std::string name_of(std::uint64_t number) const override { return "segment " + std::to_string(number); }

    std::vector<base::ByteString> segments;
};

}  // namespace replay
