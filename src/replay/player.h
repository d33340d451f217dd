// Player: runs a log through a new core and compares every step.
#pragma once

#include "replay/log_reader.h"

#include <functional>

namespace replay {

/// Makes the core that a log's setup describes, or says why it cannot. The core must hold or outlive all it refers to.
using CoreFactory = std::function<base::Result<std::unique_ptr<libp2p::Core>, std::string>(base::ByteView setup)>;

struct PlayOptions {
    std::uint64_t stop_after = 0;  // so many steps; 0: all
    bool print_state = false;      // at the end of the run: Played::state
    /// Told before each step, when set.
    std::function<void(std::uint64_t step, base::Instant now, libp2p::Input const& input)> on_step = nullptr;
};

/// The first difference between the log and the run.
struct Divergence {
    enum class Kind : std::uint8_t {
        effects,  // the step ordered something else
        state,    // the digests differ: the difference arose after `equal_until`, and showed in no effect
    };
    Kind kind = Kind::effects;
    std::uint64_t step = 0;         // that shows it; steps count from 1
    std::uint64_t equal_until = 0;  // the last step known to be the same
    base::Instant now;
    std::string input;              // of that step, as text
    std::string text() const;
};

struct Played {
    std::uint64_t steps = 0;
    base::Duration time{};          // of the node, from the first step to the last
    base::Digest digest{};          // of the state at the end of the run
    std::uint64_t digests = 0;      // compared
    LogReader::End end = LogReader::End::open;  // of the log, when it was played to its end
    bool stopped_early = false;     // by `stop_after`
    std::optional<Divergence> divergence;  // the run ends there
    std::string build_id;
    std::string state;
    bool same() const { return !divergence; }
};

/// The run, until the log's end, `stop_after` or the first difference. Fails on a log that cannot be read or understood.
base::Result<Played, LogError> play(LogSource& source, CoreFactory const& factory, PlayOptions const& options = {});

}  // namespace replay
