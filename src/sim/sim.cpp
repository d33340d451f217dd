#include "sim/sim.h"

#include "sim/exercise.h"

#include <fmt/format.h>

namespace sim {

std::string reproduce_line(Options const& options) {
    auto const milliseconds = options.duration.count() / 1'000'000;
    auto const time = milliseconds % 1000 == 0 ? fmt::format("{}s", milliseconds / 1000) : fmt::format("{}ms", milliseconds);
    return fmt::format("minap2p sim --scenario {} --nodes {} --seed {} --for {}{}", options.scenario, options.nodes,
                       options.seed, time, options.real_crypto ? " --real-crypto" : "");
}

base::Result<Report, std::string> run(Options const& options) {
    TRY(auto plan, plan_of(options));
    return Exercise(options, std::move(plan)).run();
}

}  // namespace sim
