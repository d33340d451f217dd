// sim: the simulator.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/control.h"
#include "apps/failure.h"
#include "base/text.h"
#include "sim/dht/dht.h"
#include "sim/discovery/discovery.h"
#include "sim/sim.h"

#include <time.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace apps {

namespace {

struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

Range parse_range(std::string const& text) {
    auto const dots = text.find("..");
    Range range;
    auto const read = [](std::string_view digits, std::uint64_t& into) {
        auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
        return error == std::errc{} && end == digits.data() + digits.size();
    };
    auto const all = std::string_view(text);
    if (dots == std::string::npos || !read(all.substr(0, dots), range.first) || !read(all.substr(dots + 2), range.last) ||
        range.first > range.last) {
        throw UsageError("--seeds: '" + text + "' is not of the form 1..100");
    }
    return range;
}

Json json_of(sim::Report const& report, sim::Options const& options) {
    Json json{{"seed", report.seed},
              {"scenario", options.scenario},
              {"nodes", options.nodes},
              {"digest", base::to_hex(report.digest)},
              {"steps", report.steps},
              {"seconds", milliseconds(report.time) / 1e3},
              {"published", report.published},
              {"expected", report.expected},
              {"delivered", report.delivered},
              {"duplicates", report.duplicates},
              {"p50Ms", milliseconds(report.latency_median)},
              {"maxMs", milliseconds(report.latency_max)},
              {"faults", report.faults}};
    return json;
}

constexpr sim::ScenarioInfo lookups_info{"lookups", "Kademlia alone: lookups among thousands, some of them hostile"};
constexpr sim::ScenarioInfo discovery_info{"discovery", "whole nodes find one another, and again when half are gone"};

std::vector<sim::ScenarioInfo> all_scenarios() {
    std::vector<sim::ScenarioInfo> all(sim::scenarios().begin(), sim::scenarios().end());
    all.push_back(lookups_info);
    all.push_back(discovery_info);
    return all;
}

base::Duration cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// What the command line asks for.
struct Asked {
    sim::Options common;
    std::uint64_t nodes = 0;  // 0: as many as the scenario has by itself
    std::uint64_t hostile_percent = 0;
    std::string hostile_kind;
    std::uint64_t lookups = 1'000;
};

struct Outcome {
    Json shown;
    std::vector<std::string> failures;
    std::string reproduce;
};

template <class Report>
Report or_failure(base::Result<Report, std::string> report) {
    if (!report) throw Failure(report.error());
    return std::move(*report);
}

Json json_of(sim::dht::Figures const& figures) {
    auto const mean = [&](auto total) {
        return figures.tried == 0 ? 0.0 : static_cast<double>(total) / static_cast<double>(figures.tried);
    };
    auto const rounded = [](double value) { return std::round(value * 100) / 100; };
    Json json{{"tried", figures.tried},
              {"succeeded", figures.succeeded},
              {"hopsP50", figures.hops_median},
              {"hopsP95", figures.hops_p95},
              {"requests", rounded(mean(figures.asked))},
              {"dials", rounded(mean(figures.dials))},
              {"answersBytes", rounded(mean(figures.answers_bytes))},
              {"p50Ms", milliseconds(figures.time_median)},
              {"p95Ms", milliseconds(figures.time_p95)},
              {"cpuUs", rounded(mean((figures.cpu_asking + figures.cpu_others).count()) / 1e3)},
              {"cpuAskingUs", rounded(mean(figures.cpu_asking.count()) / 1e3)}};
    if (figures.closest_wanted > 0) {
        json["closestShare"] = static_cast<double>(figures.closest_found) / static_cast<double>(figures.closest_wanted);
    }
    return json;
}

sim::dht::Options lookups_options(Asked const& asked) {
    sim::dht::Options options;
    if (asked.nodes != 0) options.nodes = asked.nodes;
    options.seed = asked.common.seed;
    options.hostile_percent = static_cast<std::uint32_t>(std::min<std::uint64_t>(asked.hostile_percent, 100));
    for (auto const kind : sim::dht::hostile_kinds) {
        if (to_string(kind) == asked.hostile_kind) options.hostile_kind = kind;
    }
    if (!asked.hostile_kind.empty() && !options.hostile_kind) {
        throw UsageError("--hostile-kind: silent, fabricating or colluding");
    }
    options.lookups = asked.lookups;
    return options;
}

sim::discovery::Options discovery_options(Asked const& asked) {
    sim::discovery::Options options;
    if (asked.nodes != 0) options.nodes = asked.nodes;
    options.seed = asked.common.seed;
    return options;
}

sim::Options exercise_options(Asked const& asked) {
    auto options = asked.common;
    if (asked.nodes != 0) options.nodes = asked.nodes;
    return options;
}

Outcome run_lookups(Asked const& asked) {
    auto options = lookups_options(asked);
    options.cpu_clock = cpu_time;
    auto report = or_failure(sim::dht::run(options));
    Json json{{"seed", report.seed},
              {"scenario", lookups_info.name},
              {"nodes", options.nodes},
              {"hostilePercent", options.hostile_percent},
              {"digest", base::to_hex(report.digest)},
              {"actions", report.actions},
              {"seconds", milliseconds(report.time) / 1e3},
              {"members", report.members_median},
              {"findPeer", json_of(report.find_peer)},
              {"findClosest", json_of(report.find_closest)}};
    return {std::move(json), std::move(report.failures), std::move(report.reproduce)};
}

Json json_of(sim::discovery::Times const& times) {
    return {{"reached", times.reached},
            {"of", times.of},
            {"p50Ms", milliseconds(times.median)},
            {"maxMs", milliseconds(times.max)}};
}

Outcome run_discovery(Asked const& asked) {
    auto const options = discovery_options(asked);
    auto const before = cpu_time();
    auto report = or_failure(sim::discovery::run(options));
    Json json{{"seed", report.seed},
              {"scenario", discovery_info.name},
              {"nodes", options.nodes},
              {"digest", base::to_hex(report.digest)},
              {"steps", report.steps},
              {"seconds", milliseconds(report.time) / 1e3},
              {"nodeSeconds", report.node_seconds},
              {"cpuSeconds", milliseconds(cpu_time() - before) / 1e3},
              {"toMin", json_of(report.to_min)},
              {"toTarget", json_of(report.to_target)},
              {"crashed", report.crashed},
              {"recovery", json_of(report.recovery)},
              {"newcomers", json_of(report.newcomers)},
              {"late", json_of(report.late)},
              {"peersP50", report.peers_median},
              {"dials", report.dials},
              {"dialsToOneInAMinute", report.dials_to_one_max},
              {"disconnects", report.counts}};
    return {std::move(json), std::move(report.failures), std::move(report.reproduce)};
}

Outcome run_exercise(Asked const& asked) {
    auto const options = exercise_options(asked);
    auto report = or_failure(sim::run(options));
    return {json_of(report, options), std::move(report.failures), std::move(report.reproduce)};
}

std::string reproduce_line(Asked const& asked) {
    if (asked.common.scenario == lookups_info.name) return sim::dht::reproduce_line(lookups_options(asked));
    if (asked.common.scenario == discovery_info.name) return sim::discovery::reproduce_line(discovery_options(asked));
    return sim::reproduce_line(exercise_options(asked));
}

// One seed; true when all was well.
bool run_one(Asked const& asked, bool json) {
    // An invariant that fails ends this program, and then this line is all there is.
    if (!json) say(reproduce_line(asked));
    auto const run = asked.common.scenario == lookups_info.name     ? run_lookups
                     : asked.common.scenario == discovery_info.name ? run_discovery
                                                                    : run_exercise;
    auto outcome = run(asked);
    auto const ok = outcome.failures.empty();
    outcome.shown["ok"] = ok;
    if (!ok) outcome.shown["failures"] = outcome.failures;
    if (json) {
        print_json(outcome.shown);
    } else {
        print_line(for_people(outcome.shown));
    }
    if (!ok) say("error: " + outcome.failures.front() + "; to see it again: " + outcome.reproduce);
    return ok;
}

}  // namespace

int sim_command(Arguments const& arguments) {
    CommandLine line("sim", "Simulates a network of nodes, with everything drawn from one seed. Exit status 1 when a run\n"
                            "fails; its line makes it again. --list shows the scenarios.",
                     {"sim --scenario gossip --nodes 50 --seed 1234 --for 60s", "sim --seeds 1..20 --json"});
    Asked asked;
    auto& options = asked.common;
    std::string seeds;
    std::string time = "60s";
    bool list = false;
    line.option("scenario", "NAME", "what happens (gossip)", options.scenario);
    line.option("nodes", "N", "how many nodes (20; lookups: 1000; discovery: 100)", asked.nodes);
    line.option("seed", "S", "of all randomness (1)", options.seed);
    line.option("seeds", "A..B", "one run for each", seeds);
    line.option("for", "TIME", "length of the main part, in the nodes' time (60s)", time);
    line.option("hostile", "PERCENT", "lookups: share of the nodes that are hostile (0)", asked.hostile_percent);
    line.option("hostile-kind", "KIND", "lookups: silent, fabricating, colluding (a third of each)", asked.hostile_kind);
    line.option("lookups", "N", "lookups: how many (1000)", asked.lookups);
    line.flag("list", "show the scenarios", list);
    line.take({"json"});
    auto const settings = line.settings(arguments);
    if (list) {
        std::vector<std::vector<std::string>> rows;
        for (auto const& scenario : all_scenarios()) {
            rows.push_back({std::string(scenario.name), std::string(scenario.what)});
        }
        print_line(table_text({}, rows));
        return 0;
    }
    std::vector<std::string> names;
    for (auto const& scenario : all_scenarios()) names.emplace_back(scenario.name);
    if (std::ranges::find(names, options.scenario) == names.end()) {
        throw UsageError("--scenario: " + unknown("scenario", options.scenario, names));
    }
    if (asked.hostile_percent > 90) throw UsageError("--hostile: at most 90 percent");
    try {
        options.duration = duration_of(time);
    } catch (std::invalid_argument const& error) {
        throw UsageError("--for: " + std::string(error.what()));
    }
    auto const range = seeds.empty() ? Range{options.seed, options.seed} : parse_range(seeds);
    bool ok = true;
    for (auto seed = range.first;; ++seed) {
        options.seed = seed;
        ok = run_one(asked, settings.is_set("json")) && ok;
        if (seed == range.last) break;
    }
    return ok ? 0 : 1;
}

}  // namespace apps
