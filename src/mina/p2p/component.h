// P2pComponent: the P2P component as a Core: a P2pState above a libp2p::Swarm. The swarm's events become P2pActions, the
// reducer's P2pEffects become the swarm's commands; everything else passes through.
#pragma once

#include "libp2p/swarm/swarm.h"
#include "mina/p2p/p2p.h"
#include "mina/p2p/rpc_guest.h"

#include <deque>

namespace mina::p2p {

/// The swarm's configuration that speaks a network's dialect: protocol names, private network, gossip parameters.
/// Identity, seed, addresses and limits are the caller's to fill in.
libp2p::Config swarm_config(Network const& network);

class P2pComponent final : public libp2p::Core {
public:
    /// `trace` must outlive the component.
    P2pComponent(P2pConfig config, libp2p::Config swarm, base::Trace& trace);

    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override;
    std::optional<libp2p::Deadline> next_deadline() const override;
    void describe(base::Describer& describer) const override;

    P2pState const& state() const { return state_; }
    /// Why each known peer is connected, being dialed, or not.
    std::vector<discovery::Why> why() const { return discovery::why(state_.discovery, swarm_.gate(), now_); }
    libp2p::Swarm const& swarm() const { return swarm_; }
    rpc::State const& rpc() const { return rpc_guest_.state(); }

private:
    void run_swarm(libp2p::Input const& input);
    bool on_command(libp2p::Command const& command);
    void on_event(libp2p::Event const& event);
    void act(P2pAction const& action);
    void apply(P2pEffect const& effect);
    /// A call of the component's own: its answer, as far as it has come.
    struct InitialPeersCall {
        libp2p::PeerId peer;
        base::ByteString answer;
    };
    using Question = std::variant<discovery::Query, discovery::Provide, libp2p::Multiaddr,  // Multiaddr: who is there
                                  InitialPeersCall>;
    void ask(Question question, libp2p::CommandBody body);
    void order(libp2p::CommandBody body) { commands_.push_back({{}, std::move(body)}); }
    void take_answer(libp2p::Reply const& reply);
    bool take_own(libp2p::Event const& event);
    std::vector<libp2p::PeerId> mesh_members() const;

    P2pState state_;
    base::Rng rng_;
    base::Trace* trace_;
    base::Instant now_;
    RpcGuest rpc_guest_;
    libp2p::Swarm swarm_;
    P2pOut p2p_out_;
    std::deque<libp2p::Command> commands_;   // for the swarm, in order
    std::vector<libp2p::Effect> effects_;
    std::vector<libp2p::StoreOrder> to_store_;
    std::vector<libp2p::Event> to_tell_;     // of the component's own
    std::map<libp2p::RequestId, Question> questions_;  // of discovery, to the swarm
    std::uint64_t last_question_ = 0;
    std::optional<std::string> refusal_;     // why the message that is being delivered is not
};

}  // namespace mina::p2p
