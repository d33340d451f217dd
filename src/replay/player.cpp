#include "replay/player.h"

#include "replay/effects_hash.h"
#include "replay/input_codec.h"
#include "replay/input_text.h"
#include "replay/recording_core.h"

#include <fmt/format.h>

namespace replay {

namespace {

class Player {
public:
    Player(LogReader& log, libp2p::Core& core, PlayOptions const& options)
        : log_(log), core_(core), options_(options) {}

    base::Result<Played, LogError> run() {
        while (!played_.divergence) {
            if (options_.stop_after != 0 && played_.steps >= options_.stop_after) {
                played_.stopped_early = true;
                break;
            }
            TRY(auto const record, log_.next());
            if (!record) break;
            compare(*record);
            if (played_.divergence) break;
            if (auto const* step = std::get_if<StepRecord>(&record->body)) TRY_VOID(make(*step));
        }
        played_.end = log_.end();
        played_.digest = digest_of(core_);
        played_.build_id = log_.build_id();
        played_.time = now_ - began_;
        if (options_.print_state) {
            base::TextDescriber text;
            core_.describe(text);
            played_.state = text.text();
        }
        return std::move(played_);
    }

private:
    /// Every record tells the effects of the step before it; a digest tells the state as well.
    void compare(Record const& record) {
        if (played_.steps == 0) return;
        if (record.effects != effects_) return diverge(Divergence::Kind::effects, played_.steps - 1);
        auto const* digest = std::get_if<base::Digest>(&record.body);
        if (digest == nullptr) return;
        if (digest_of(core_) != *digest) return diverge(Divergence::Kind::state, equal_until_);
        ++played_.digests;
        equal_until_ = played_.steps;
    }

    void diverge(Divergence::Kind kind, std::uint64_t equal_until) {
        played_.divergence = {kind, played_.steps, equal_until, now_, input_};
    }

    base::Result<void, LogError> make(StepRecord const& record) {
        auto const input = decode_input(record.input);
        if (!input) return base::fail(log_.here("step before this: " + std::string(to_string(input.error()))));
        auto const nanoseconds = static_cast<std::uint64_t>(now_.nanoseconds) + record.time;
        base::Instant const now{static_cast<std::int64_t>(nanoseconds)};
        if (played_.steps > 0 && now < now_) return base::fail(log_.here("step before this: time goes back"));
        now_ = now;
        if (played_.steps++ == 0) began_ = now;
        input_ = to_text(*input);
        if (options_.on_step) options_.on_step(played_.steps, now_, *input);
        effects_ = hash_effects(core_.step(now_, *input));
        return {};
    }

    LogReader& log_;
    libp2p::Core& core_;
    PlayOptions const& options_;
    Played played_;
    base::Instant began_;
    base::Instant now_;
    std::string input_;
    std::uint32_t effects_ = 0;
    std::uint64_t equal_until_ = 0;
};

}  // namespace

std::string Divergence::text() const {
    auto const seconds = static_cast<double>(now.nanoseconds) / 1e9;
    if (kind == Kind::effects) {
        return fmt::format("step {} at {:.6f} s has other effects than recorded ({})", step, seconds, input);
    }
    return fmt::format("the state after step {} at {:.6f} s is not the recorded one; it was after step {}", step, seconds,
                       equal_until);
}

base::Result<Played, LogError> play(LogSource& source, CoreFactory const& factory, PlayOptions const& options) {
    TRY(auto const log, LogReader::open(source));
    auto const core = factory(log->setup());
    if (!core) return base::fail(log->here("no node can be made of its setup: " + core.error()));
    return Player(*log, **core, options).run();
}

}  // namespace replay
