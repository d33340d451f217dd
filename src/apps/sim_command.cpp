// sim: the simulator.
#include "apps/command_line.h"
#include "apps/commands.h"
#include "apps/console.h"
#include "apps/control.h"
#include "apps/failure.h"
#include "base/text.h"
#include "sim/sim.h"

#include <algorithm>
#include <charconv>

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
              {"faults", report.faults},
              {"ok", report.ok()}};
    if (!report.ok()) json["failures"] = report.failures;
    return json;
}

// One seed; true when all was well.
bool run_one(sim::Options const& options, bool json) {
    // An invariant that fails ends this program, and then this line is all there is.
    if (!json) say(sim::reproduce_line(options));
    auto const report = sim::run(options);
    if (!report) throw Failure(report.error());
    auto const shown = json_of(*report, options);
    if (json) {
        print_json(shown);
    } else {
        print_line(for_people(shown));
    }
    if (report->ok()) return true;
    say("error: " + report->failures.front() + "; to see it again: " + report->reproduce);
    return false;
}

}  // namespace

int sim_command(Arguments const& arguments) {
    CommandLine line("sim", "Simulates a network of nodes, with everything drawn from one seed. Exit status 1 when a run\n"
                            "fails; its line makes it again. --list shows the scenarios.",
                     {"sim --scenario gossip --nodes 50 --seed 1234 --for 60s", "sim --seeds 1..20 --json"});
    sim::Options options;
    std::string seeds;
    std::string time = "60s";
    bool list = false;
    line.option("scenario", "NAME", "what happens (gossip)", options.scenario);
    std::uint64_t nodes = options.nodes;
    line.option("nodes", "N", "how many nodes (20)", nodes);
    line.option("seed", "S", "of all randomness (1)", options.seed);
    line.option("seeds", "A..B", "one run for each", seeds);
    line.option("for", "TIME", "length of the main part, in the nodes' time (60s)", time);
    line.flag("list", "show the scenarios", list);
    line.take({"json"});
    auto const settings = line.settings(arguments);
    if (list) {
        std::vector<std::vector<std::string>> rows;
        for (auto const& scenario : sim::scenarios()) rows.push_back({std::string(scenario.name), std::string(scenario.what)});
        print_line(table_text({}, rows));
        return 0;
    }
    std::vector<std::string> names;
    for (auto const& scenario : sim::scenarios()) names.emplace_back(scenario.name);
    if (std::ranges::find(names, options.scenario) == names.end()) {
        throw UsageError("--scenario: " + unknown("scenario", options.scenario, names));
    }
    options.nodes = nodes;
    try {
        options.duration = duration_of(time);
    } catch (std::invalid_argument const& error) {
        throw UsageError("--for: " + std::string(error.what()));
    }
    auto const range = seeds.empty() ? Range{options.seed, options.seed} : parse_range(seeds);
    bool ok = true;
    for (auto seed = range.first;; ++seed) {
        options.seed = seed;
        ok = run_one(options, settings.is_set("json")) && ok;
        if (seed == range.last) break;
    }
    return ok ? 0 : 1;
}

}  // namespace apps
