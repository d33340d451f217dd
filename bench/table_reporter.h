// What google-benchmark measured, as the table of docs/BENCHMARKS.md: a row a message, a column an operation.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mina::bench {

/// Benchmarks are named "message/operation". Of several repetitions the best counts; rows are in the order in which
/// benchmarks were registered.
class TableReporter final : public benchmark::ConsoleReporter {
public:
    void ReportRuns(std::vector<Run> const& runs) override;
    void Finalize() override;

private:
    struct Row {
        std::string message;
        std::int64_t place = 0;
        std::map<std::string, double> bytes_per_second;
        std::map<std::string, double> counters;
    };
    Row& row_of(std::string const& message, std::int64_t place);

    std::vector<Row> rows_;
};

}  // namespace mina::bench
