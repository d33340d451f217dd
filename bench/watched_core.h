// WatchedCore: a component, and how late it is: at its deadlines, and with its heartbeats.
#pragma once

#include "rpc_pair.h"

#include "mina/p2p/component.h"

namespace mina::bench {

class WatchedCore final : public libp2p::Core {
public:
    /// `component` must outlive it.
    WatchedCore(p2p::P2pComponent& component, bool watches_heartbeats)
        : component_(component), watches_heartbeats_(watches_heartbeats) {}

    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override;
    std::optional<libp2p::Deadline> next_deadline() const override { return component_.next_deadline(); }
    void describe(base::Describer& describer) const override { component_.describe(describer); }

    void sum_up(Side& side) const;

private:
    // Of a stream, as it was after the step before.
    struct Seen {
        base::Instant next_heartbeat;
        base::Instant heartbeats_since;
        std::uint32_t heartbeats = 0;
        bool is_busy = false;
    };
    void look(base::Instant now);

    p2p::P2pComponent& component_;
    bool watches_heartbeats_;
    std::map<libp2p::ChannelId, Seen> seen_;
    Samples ticks_;
    Samples sent_;
    Samples quiet_;
    Samples busy_;
};

}  // namespace mina::bench
