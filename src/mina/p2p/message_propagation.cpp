// Workflow: message propagation. Nothing is forwarded without a verdict, and a verdict that takes long holds up nothing
// else; GossipSub forwards what is accepted. What other nodes could not decode is rejected here: they ban who sends it.
#include "mina/p2p/workflows.h"

#include <string>

namespace mina::p2p {

void on_message_received(P2pState& state, MessageReceived const& action, P2pOut& out) {
    auto const channels = state.channels.find(action.via);
    if (channels != state.channels.end()) ++channels->second.messages_received;
    if (state.formats.are_checked() && action.topic == state.config.network.checked_topic) {
        if (auto const kind = state.formats.check(action.data, action.via); !kind) {
            if (channels != state.channels.end()) ++channels->second.messages_refused;
            auto const& error = kind.error();
            out.effects.emplace_back(RefuseMessage{
                action.key, "offset " + std::to_string(error.offset) + ": " + std::string(to_string(error.reason))});
            return;
        }
    }
    if (state.config.verdicts == Verdicts::application) return;
    out.effects.emplace_back(GiveVerdict{action.key, libp2p::gossipsub::Acceptance::accept});
}

void on_broadcast_message(P2pState const&, BroadcastMessage const& action, P2pOut& out) {
    out.effects.emplace_back(PublishMessage{action.request, action.topic, action.data});
}

}  // namespace mina::p2p
