// The reducer's inside, shared by its parts.
#pragma once

#include "mina/channels/channels.h"

namespace mina::channels {

class Reduction {
public:
    Reduction(State& state, base::Env const& env, Out& out) : state_(state), env_(env), out_(out) {}

    void operator()(PeerReady const& ready);
    void operator()(PeerGone const& gone);
    void operator()(MessageArrived const& message);
    void operator()(MessageUnfit const& unfit);
    void operator()(VerdictGiven const& verdict);
    void operator()(Tick const&);

private:
    // channels_reducer.cpp
    std::optional<Why> refusal_of(Peer& peer, MessageArrived const& message);
    std::optional<Why> charge(Peer& peer, MessageArrived const& message);
    void refuse(Peer& peer, MessageArrived const& message, Why why);
    void await_verdict(Peer& peer, MessageArrived const& message);
    void settle(MessageKey key, Acceptance acceptance, Why why);

    // channels_accounts.cpp
    Peer& peer_of(PeerId const& id);
    void use_host(Peer& peer, HostId host);
    void leave_host(Peer& peer);
    void rest(PeerId const& id, Peer const& peer);
    void fault(PeerId const& id, Peer& peer, Fault what, std::optional<GossipKind> kind);

    State& state_;
    base::Env const& env_;
    Out& out_;
};

}  // namespace mina::channels
