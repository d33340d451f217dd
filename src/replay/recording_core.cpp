#include "replay/recording_core.h"

#include "replay/effects_hash.h"

namespace replay {

base::Digest digest_of(libp2p::Core const& core) {
    base::DigestDescriber describer;
    core.describe(describer);
    return describer.finish();
}

RecordingCore::RecordingCore(libp2p::Core& inner, LogWriter& log) : inner_(inner), log_(log) {}

RecordingCore::~RecordingCore() { finish(); }

std::span<libp2p::Effect const> RecordingCore::step(base::Instant now, libp2p::Input const& input) {
    if (!log_.recording()) return inner_.step(now, input);
    // Before the step, which decrypts in place, and which may be the last.
    log_.input(now, input);
    auto const effects = inner_.step(now, input);
    log_.effects(hash_effects(effects));
    if (log_.wants_digest()) log_.digest(digest_of(inner_));
    return effects;
}

void RecordingCore::finish() {
    if (!log_.recording()) return;
    log_.digest(digest_of(inner_));
    log_.close();
}

}  // namespace replay
