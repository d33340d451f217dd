// Workflow: message propagation. Nothing is forwarded without a verdict, and a verdict that takes long holds up nothing
// else; GossipSub forwards what is accepted.
#include "mina/p2p/workflows.h"

namespace mina::p2p {

void on_message_received(P2pState& state, MessageReceived const& action, P2pOut& out) {
    if (auto const channels = state.channels.find(action.via); channels != state.channels.end()) {
        ++channels->second.messages_received;
    }
    if (state.config.verdicts == Verdicts::application) return;
    out.effects.emplace_back(GiveVerdict{action.key, libp2p::gossipsub::Acceptance::accept});
}

void on_broadcast_message(P2pState const&, BroadcastMessage const& action, P2pOut& out) {
    out.effects.emplace_back(PublishMessage{action.request, action.topic, action.data});
}

}  // namespace mina::p2p
