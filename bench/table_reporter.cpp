#include "table_reporter.h"

#include <fmt/format.h>

#include <algorithm>

namespace mina::bench {

namespace {

std::string giga(double number) {
    if (number == 0) return "";
    return number < 10e9 ? fmt::format("{:.2f}", number / 1e9) : fmt::format("{:.0f}", number / 1e9);
}

}  // namespace

TableReporter::Row& TableReporter::row_of(std::string const& message, std::int64_t place) {
    auto const found = std::ranges::find(rows_, message, &Row::message);
    if (found != rows_.end()) return *found;
    return rows_.emplace_back(Row{.message = message, .place = place, .bytes_per_second = {}, .counters = {}});
}

void TableReporter::ReportRuns(std::vector<Run> const& runs) {
    for (auto const& run : runs) {
        if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
        auto const& name = run.run_name.function_name;
        auto& row = row_of(name.substr(0, name.find('/')), run.family_index);
        for (auto const& [counter, value] : run.counters) {
            if (counter != "bytes_per_second") {
                row.counters[counter] = value.value;
                continue;
            }
            auto& best = row.bytes_per_second[name.substr(name.find('/') + 1)];
            best = std::max(best, value.value);
        }
    }
}

void TableReporter::Finalize() {
    fmt::print("| message | bytes | validate GB/s | decode GB/s | encode GB/s | memcpy GB/s | arena bytes a byte "
               "| allocations, validate / decode / encode |\n|---|---|---|---|---|---|---|---|\n");
    std::ranges::sort(rows_, {}, &Row::place);
    for (auto& [message, place, rate, counters] : rows_) {
        fmt::print("| {} | {:.0f} | {} | {} | {} | {} | {:.2f} | {:.0f} / {:.0f} / {:.0f} |\n", message,
                   counters["bytes"], giga(rate["validate"]), giga(rate["decode"]), giga(rate["encode"]),
                   giga(rate["memcpy"]), counters["arena"], counters["allocations_validate"],
                   counters["allocations_decode"], counters["allocations_encode"]);
    }
}

}  // namespace mina::bench
