// RecordingCore: a Core around a Core, whose inputs go to a log.
#pragma once

#include "replay/log_writer.h"

namespace replay {

class RecordingCore final : public libp2p::Core {
public:
    /// `inner` must not have made a step yet. Both must outlive this; what ends the recording ends nothing else.
    RecordingCore(libp2p::Core& inner, LogWriter& log);
    /// Finishes.
    ~RecordingCore() override;
    RecordingCore(RecordingCore const&) = delete;
    RecordingCore& operator=(RecordingCore const&) = delete;

    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override;
    std::optional<libp2p::Deadline> next_deadline() const override { return inner_.next_deadline(); }
    void describe(base::Describer& describer) const override { inner_.describe(describer); }

    /// Writes the last digest and closes the log. Steps that follow are not recorded.
    void finish();

private:
    libp2p::Core& inner_;
    LogWriter& log_;
};

/// The digest of a core's state.
base::Digest digest_of(libp2p::Core const& core);

}  // namespace replay
