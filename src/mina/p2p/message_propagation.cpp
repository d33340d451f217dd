// Workflow: message propagation. Nothing is forwarded without a verdict, and a verdict that takes long holds up nothing
// but its own channel (mina/channels); GossipSub forwards what is accepted. What other nodes could not decode is
// rejected here: they ban who sends it.
#include "mina/binprot/reader.h"
#include "mina/p2p/workflows.h"

#include <limits>
#include <string>

namespace mina::p2p {

namespace {

using libp2p::gossipsub::Acceptance;

// mina: a transaction diff counts as many as it has commands. The message is a valid one.
std::uint32_t score_of(messages::GossipKind kind, base::ByteView message) {
    if (kind != messages::GossipKind::transactions) return 1;
    binprot::Reader reader(message.subspan(messages::frame_header_bytes + 1));
    std::size_t commands = 0;
    if (!reader.count(commands, 1)) return 1;
    return static_cast<std::uint32_t>(std::min<std::size_t>(commands, std::numeric_limits<std::uint32_t>::max()));
}

std::string text_of(channels::Misbehaved const& wrong) {
    auto const* const of = wrong.kind ? channels::name_of(*wrong.kind).data() : "channels";
    return std::string(of) + ": " + std::string(to_string(wrong.what));
}

}  // namespace

// The channels' orders become those of the component. A verdict of theirs on a message that has just come is a refusal.
void run_channels(P2pState& state, channels::Action const& action, Surroundings const& at, P2pOut& out) {
    channels::Out orders;
    channels::reduce(state.channels, action, at.env, orders);
    auto const is_arrival = std::holds_alternative<channels::MessageArrived>(action);
    for (auto const& order : orders.effects) {
        if (auto const* const verdict = std::get_if<channels::GiveVerdict>(&order)) {
            if (is_arrival) {
                out.effects.emplace_back(
                    RefuseMessage{verdict->key, verdict->acceptance, std::string(to_string(verdict->why))});
            } else {
                out.effects.emplace_back(GiveVerdict{verdict->key, verdict->acceptance});
            }
        } else if (auto const* const wanted = std::get_if<channels::AskVerdict>(&order)) {
            if (state.config.verdicts == Verdicts::application) continue;  // it is shown the message
            run_channels(state, channels::VerdictGiven{wanted->key, Acceptance::accept}, at, out);
        }
    }
    for (auto const& wrong : orders.events) {
        out.effects.emplace_back(ReportPeer{wrong.peer, text_of(wrong), wrong.count, wrong.is_ban_wanted});
    }
}

void on_message_received(P2pState& state, MessageReceived const& action, Surroundings const& at, P2pOut& out) {
    if (!state.formats.are_checked() || action.topic != state.config.network.checked_topic) {
        if (state.config.verdicts == Verdicts::application) return;
        out.effects.emplace_back(GiveVerdict{action.key, Acceptance::accept});
        return;
    }
    auto const kind = state.formats.check(action.data, action.via);
    if (!kind) {
        auto const& error = kind.error();
        out.effects.emplace_back(
            RefuseMessage{action.key, Acceptance::reject,
                          "offset " + std::to_string(error.offset) + ": " + std::string(to_string(error.reason))});
        run_channels(state, channels::MessageUnfit{action.via, std::nullopt}, at, out);
        return;
    }
    auto const score = score_of(*kind, action.data);
    run_channels(state, channels::MessageArrived{action.key, action.via, *kind, score, action.data.size()}, at, out);
}

void on_verdict_given(P2pState& state, VerdictGiven const& action, Surroundings const& at, P2pOut& out) {
    if (state.channels.pending.contains(action.key)) {
        run_channels(state, channels::VerdictGiven{action.key, action.acceptance}, at, out);
    } else {
        // Of a topic that is not looked into; or late, which GossipSub counts.
        out.effects.emplace_back(GiveVerdict{action.key, action.acceptance});
    }
}

void on_broadcast_message(P2pState const&, BroadcastMessage const& action, P2pOut& out) {
    out.effects.emplace_back(PublishMessage{action.request, action.topic, action.data});
}

}  // namespace mina::p2p
