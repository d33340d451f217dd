// What Mina's RPCs cost between two processes of one machine: minap2p_rpc_bench [--json] [--rounds N] [--scale X]
// [--only TEXT] [--seconds N]
//
// Two P2pComponents on their Runtimes, over loopback TCP, with the private network, Noise and Yamux. The client drops
// what it gets. CPU times are those of the whole process, user and system; of several rounds, each in new processes,
// the one counts whose processes together used the least CPU. What the ciphers and a copy cost in the same run stands
// beside. Memory is the peak of the resident set above what it was when the two were connected.
#include "rpc_pair.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace mina::bench {

namespace {

using nlohmann::json;

struct Options {
    bool as_json = false;
    std::uint64_t rounds = 3;
    double scale = 1;
    std::string only;
    std::uint64_t seconds = 25;
};

constexpr auto usage =
    "minap2p_rpc_bench [--json] [--rounds N] [--scale X] [--only TEXT] [--seconds N]\n\n"
    "  --json       one JSON object in place of tables\n"
    "  --rounds N   of each measurement, of which the best counts (3)\n"
    "  --scale X    times the answers and round trips (1)\n"
    "  --only TEXT  the measurements whose name has TEXT\n"
    "  --seconds N  for which heartbeats are watched, idle and loaded (25)\n";

template <class Number>
Number number(std::string const& option, std::string_view text) {
    Number value{};
    auto const* const end = text.data() + text.size();
    auto const parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec == std::errc{} && parsed.ptr == end && value > 0) return value;
    fmt::print(stderr, "minap2p_rpc_bench: error: {}: '{}' is not a number above 0\n", option, text);
    std::exit(2);
}

Options parse(int count, char** arguments) {
    Options options;
    std::vector<std::string> const words(arguments + 1, arguments + count);
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto const& word = words[i];
        auto const value = [&] { return i + 1 < words.size() ? words[++i] : std::string(); };
        if (word == "--json") {
            options.as_json = true;
        } else if (word == "--rounds") {
            options.rounds = number<std::uint64_t>(word, value());
        } else if (word == "--scale") {
            options.scale = number<double>(word, value());
        } else if (word == "--only") {
            options.only = value();
        } else if (word == "--seconds") {
            options.seconds = number<std::uint64_t>(word, value());
        } else {
            auto const is_help = word == "--help" || word == "-h";
            fmt::print(is_help ? stdout : stderr, "{}", usage);
            std::exit(is_help ? 0 : 2);
        }
    }
    return options;
}

enum class Kind : std::uint8_t { bulk, round_trips, heartbeats };

struct Measurement {
    Kind kind = Kind::bulk;
    Scenario scenario;
};

std::vector<Measurement> measurements(Options const& options) {
    using rpc::Method;
    constexpr std::uint64_t best_tip_bytes = 3'200'000;
    constexpr std::uint64_t ledger_bytes = 59'286'608;
    constexpr std::uint64_t account_count_bytes = 38;  // a number and a hash
    auto const scaled = [&](std::uint64_t count) {
        return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(count) * options.scale));
    };
    auto const time = std::chrono::seconds(options.seconds);
    auto const raw_bytes = best_tip_bytes * scaled(1000);
    auto const accounts = Method::answer_sync_ledger_query;
    std::vector<Measurement> all = {
        {Kind::bulk, {"raw stream", {}, raw_bytes, 1, 0, 1, 0, {}}},
        {Kind::bulk, {"best tip, one after another", Method::get_best_tip, best_tip_bytes, scaled(1000), 20, 1, 0, {}}},
        {Kind::bulk, {"staged ledger, once", Method::get_staged_ledger, ledger_bytes, 1, 0, 1, 0, {}}},
        {Kind::bulk,
         {"staged ledger, one after another", Method::get_staged_ledger, ledger_bytes, scaled(20), 2, 1, 0, {}}},
        {Kind::round_trips, {"1 in flight", accounts, account_count_bytes, scaled(50'000), 1000, 1, 0, {}}},
        {Kind::round_trips, {"64 in flight", accounts, account_count_bytes, scaled(300'000), 1000, 64, 0, {}}},
        {Kind::heartbeats, {"idle", Method::get_staged_ledger, ledger_bytes, 0, 0, 1, 8, time}},
        {Kind::heartbeats, {"three staged ledgers", Method::get_staged_ledger, ledger_bytes, 1, 0, 3, 5, time}},
    };
    std::erase_if(all, [&](auto const& one) { return !one.scenario.name.contains(options.only); });
    return all;
}

Outcome best_of(Measurement const& measurement, std::uint64_t rounds) {
    auto const cpu = [](Outcome const& one) { return one.client.usage.cpu_seconds + one.server.usage.cpu_seconds; };
    auto best = run(measurement.scenario);
    if (measurement.kind == Kind::heartbeats) return best;
    for (std::uint64_t i = 1; i < rounds; ++i) {
        auto const again = run(measurement.scenario);
        if (cpu(again) < cpu(best)) best = again;
    }
    return best;
}

struct Row {
    Measurement measurement;
    Outcome outcome;

    double bytes() const {
        auto const& scenario = measurement.scenario;
        return static_cast<double>(scenario.count) * static_cast<double>(scenario.answer_bytes);
    }
    double megabytes_a_second() const { return bytes() / outcome.client.usage.seconds / 1e6; }
    double nanoseconds_a_byte(Side const& side) const { return side.usage.cpu_seconds * 1e9 / bytes(); }
    double answers() const { return static_cast<double>(measurement.scenario.count); }
    double answers_a_second() const { return answers() / outcome.client.usage.seconds; }
    double microseconds(Side const& side) const { return side.usage.cpu_seconds * 1e6 / answers(); }
    double allocations(Side const& side) const { return static_cast<double>(side.usage.allocations) / answers(); }
    double parts() const { return static_cast<double>(outcome.client.parts) / answers(); }
    static double megabytes_of_memory(Side const& side) {
        constexpr double mib = 1024 * 1024;
        return (static_cast<double>(side.rss_peak) - static_cast<double>(side.rss_before)) / mib;
    }
};

json to_json(Lateness const& late) { return {{"count", late.count}, {"p99Ms", late.p99_ms}, {"maxMs", late.max_ms}}; }

json to_json(Row const& row, Side const& side) {
    if (row.measurement.kind == Kind::heartbeats) {
        return {{"ticks", to_json(side.ticks)},
                {"sent", to_json(side.beats_sent)},
                {"receivedOnQuietStreams", to_json(side.beats_quiet)},
                {"receivedOnBusyStreams", to_json(side.beats_busy)}};
    }
    return {{"cpuSeconds", side.usage.cpu_seconds},
            {"cpuNanosecondsPerByte", row.nanoseconds_a_byte(side)},
            {"cpuMicrosecondsPerAnswer", row.microseconds(side)},
            {"memoryRisePeakMiB", Row::megabytes_of_memory(side)},
            {"allocationsPerAnswer", row.allocations(side)}};
}

void print_json(std::vector<Row> const& rows, Calibration const& costs) {
    json all = {{"calibrationNanosecondsPerByte",
                 {{"copy64KiB", costs.copy_small},
                  {"copy59MB", costs.copy_large},
                  {"seal", costs.seal},
                  {"open", costs.open},
                  {"pnet", costs.pnet}}},
                {"measurements", json::array()}};
    for (auto const& row : rows) {
        auto const& [client, server] = row.outcome;
        json one = {{"name", row.measurement.scenario.name},
                    {"client", to_json(row, client)},
                    {"server", to_json(row, server)}};
        if (row.measurement.kind == Kind::heartbeats) {
            one["answers"] = client.answers;
        } else {
            one["answers"] = row.measurement.scenario.count;
            one["answerBytes"] = row.measurement.scenario.answer_bytes;
            one["seconds"] = client.usage.seconds;
            one["partsPerAnswer"] = row.parts();
        }
        all["measurements"].push_back(std::move(one));
    }
    fmt::print("{}\n", all.dump(2));
}

/// Above the first row of a kind.
void print_title(Kind kind) {
    switch (kind) {
        case Kind::bulk:
            fmt::print("\n| answers | count | MB | MB/s | CPU ns/B, client / server | memory MiB, client / server "
                       "| parts an answer | allocations a part, client / server |\n"
                       "|---|---|---|---|---|---|---|---|\n");
            return;
        case Kind::round_trips:
            fmt::print("\n| round trips on one stream | count | a second | CPU µs, client / server "
                       "| allocations, client / server |\n|---|---|---|---|---|\n");
            return;
        case Kind::heartbeats:
            fmt::print("\n| load | side | answers | lateness ms, p99 / max (count): steps at a deadline "
                       "| heartbeats due | heartbeats received, quiet streams | on streams of answers |\n"
                       "|---|---|---|---|---|---|---|\n");
    }
}

std::string text_of(Lateness const& late) {
    return late.count == 0 ? "" : fmt::format("{:.2f} / {:.2f} ({})", late.p99_ms, late.max_ms, late.count);
}

void print(Row const& row) {
    auto const& scenario = row.measurement.scenario;
    auto const& [client, server] = row.outcome;
    switch (row.measurement.kind) {
        case Kind::bulk: {
            auto const parts = row.parts();
            auto const in_parts = parts == 0 ? "|" : fmt::format("{:.0f} | {:.2f} / {:.2f}", parts,
                                                                 row.allocations(client) / parts,
                                                                 row.allocations(server) / parts);
            fmt::print("| {} | {} | {:.1f} | {:.0f} | {:.2f} / {:.2f} | {:.1f} / {:.1f} | {} |\n",
                       scenario.name, scenario.count, static_cast<double>(scenario.answer_bytes) / 1e6,
                       row.megabytes_a_second(), row.nanoseconds_a_byte(client), row.nanoseconds_a_byte(server),
                       Row::megabytes_of_memory(client), Row::megabytes_of_memory(server), in_parts);
            return;
        }
        case Kind::round_trips:
            fmt::print("| {} | {} | {:.0f} | {:.2f} / {:.2f} | {:.1f} / {:.1f} |\n", scenario.name, scenario.count,
                       row.answers_a_second(), row.microseconds(client), row.microseconds(server),
                       row.allocations(client), row.allocations(server));
            return;
        case Kind::heartbeats:
            for (auto const* const side : {&client, &server}) {
                fmt::print("| {} | {} | {} | {} | {} | {} | {} |\n", scenario.name,
                           side == &client ? "client" : "server", side->answers, text_of(side->ticks),
                           text_of(side->beats_sent), text_of(side->beats_quiet), text_of(side->beats_busy));
            }
    }
}

void print_tables(std::vector<Row> const& rows, Calibration const& costs) {
    fmt::print("ns/B in this run: copy {:.3f} (64 KiB), {:.3f} (59 MB); seal {:.3f}, open {:.3f}, pnet {:.3f}\n",
               costs.copy_small, costs.copy_large, costs.seal, costs.open, costs.pnet);
    std::optional<Kind> before;
    for (auto const& row : rows) {
        if (before != row.measurement.kind) print_title(row.measurement.kind);
        before = row.measurement.kind;
        print(row);
    }
}

}  // namespace

}  // namespace mina::bench

int main(int count, char** arguments) {
    using namespace mina::bench;
    auto const options = parse(count, arguments);
    std::vector<Row> rows;
    for (auto const& measurement : measurements(options)) {
        rows.push_back({measurement, best_of(measurement, options.rounds)});
    }
    auto const costs = calibrate();
    if (options.as_json) {
        print_json(rows, costs);
    } else {
        print_tables(rows, costs);
    }
    return 0;
}
